"""疑似重复: the suggested pairs of a unit or a bureau, two rows side by side, what a merge will do, and its undo."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display.frames import frame_of
from huifeng.errors import RuleBroken, require
from members.people import looks

from . import actions
from .comparison import compare
from .forms import MergeForm
from .models import DuplicatePair, DuplicatePairQuerySet, PersonMerge
from .permissions import is_party, may_merge
from .plan import plan

MOST = 100  # pairs on the page; the rest comes up as these are decided
MOST_DECIDED = 20


def _page(
    request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, f"staff/{template}", {**frame_of(request), **context}, status=status)


def _go(request: StaffRequest, name: str, *args: int) -> HttpResponse:
    """To a page of this room, in the area (unit or bureau) of this request."""
    assert request.resolver_match is not None
    return redirect(reverse(f"duplicates:{name}", args=args, current_app=request.resolver_match.namespace))


def _ours(request: StaffRequest) -> DuplicatePairQuerySet:
    """The pairs of the organisation; streets decide nothing about people's data."""
    require(request.acting.organisation.kind in (Organisation.Kind.UNIT, Organisation.Kind.BUREAU))
    return DuplicatePair.objects.of(request.acting.organisation)


def _pair(request: StaffRequest, pk: int) -> DuplicatePair:
    rows = _ours(request).standing().select_related("first__claimed_unit", "second__claimed_unit")
    return get_object_or_404(rows, pk=pk)


@staff_page
def pairs(request: StaffRequest) -> HttpResponse:
    """What the nightly search suggests, at most MOST, and what was decided last."""
    ours = _ours(request)
    found = list(ours.open().select_related("first", "second", "unit").order_by("pk")[: MOST + 1])
    decided = ours.standing().exclude(dismissed_at=None).select_related("first", "dismissed_by")
    looks.listed(request, 2 * len(found[:MOST]))
    context = {
        "pairs": found[:MOST],
        "more": len(found) > MOST,
        "decided": decided.order_by("-dismissed_at")[:MOST_DECIDED],
    }
    return _page(request, "duplicates.html", context)


@staff_page
@require_POST
def look_again(request: StaffRequest) -> HttpResponse:
    """A unit need not wait for the night after entering people; a bureau's area is too large for a click."""
    if request.acting.organisation.kind != Organisation.Kind.UNIT:
        raise Http404
    actions.look_again(request.acting.organisation.pk, by=request.user)
    messages.success(request, "已重新查找一遍")
    return _go(request, "pairs")


@staff_page
def review(request: StaffRequest, pk: int) -> HttpResponse:
    """Both rows side by side, and what to keep; a POST shows what a merge will do and changes nothing."""
    pair = _pair(request, pk)
    first, second = pair.first, pair.second
    compared = compare(first, second)
    looks.viewed(request, first, second)
    assert compared.suggested is not None
    form = MergeForm(request.POST or None, first=first, second=second, suggested=compared.suggested)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            todo = plan(form.kept, form.other, form.take_from_other)
        except RuleBroken as refused:  # said over the form, so that nothing chosen is lost
            form.add_error(None, refused.message)
            status = 409
        else:
            context = {"pair": pair, "form": form, "todo": todo, "sent": form.cleaned_data.items()}
            return _page(request, "duplicate_preview.html", context)
    context = {
        "pair": pair,
        "compared": compared,
        "form": form,
        "is_party": is_party(request.user, first) or is_party(request.user, second),
    }
    return _page(request, "duplicate_review.html", context, status=status)


@staff_page
@require_POST
def merge(request: StaffRequest, pk: int) -> HttpResponse:
    pair = _pair(request, pk)
    form = MergeForm(request.POST, first=pair.first, second=pair.second, suggested=pair.first)
    if not form.is_valid():
        return _go(request, "review", pk)
    done = actions.merge(
        form.kept.pk, form.other.pk, take_from_other=form.take_from_other, by=request.user, **form.versions
    )
    return _go(request, "merged", done.pk)


@staff_page
@require_POST
def dismiss(request: StaffRequest, pk: int) -> HttpResponse:
    """不是同一个人."""
    pair = get_object_or_404(_ours(request).select_related("first"), pk=pk)
    actions.dismiss(pk, by=request.user, words=request.POST.get("words", ""))
    messages.success(request, f"已记下：{pair.first.name} 的这两份档案不是同一个人")
    return _go(request, "pairs")


@staff_page
@require_POST
def take_back(request: StaffRequest, pk: int) -> HttpResponse:
    pair = get_object_or_404(_ours(request).select_related("first"), pk=pk)
    actions.take_back(pk, by=request.user)
    messages.success(request, f"{pair.first.name} 的这两份档案重新列入疑似重复")
    return _go(request, "pairs")


def _merge_of(request: StaffRequest, pk: int) -> PersonMerge:
    """A merge one did oneself, or of a person one answers for; else 404."""
    done = get_object_or_404(
        PersonMerge.objects.select_related("kept__claimed_unit", "by", "undone_by"), pk=pk
    )
    if done.by_id != request.user.pk and not may_merge(request.user, done.kept):
        raise Http404
    return done


@staff_page
def merged(request: StaffRequest, pk: int) -> HttpResponse:
    """What was done, and 撤销."""
    done = _merge_of(request, pk)
    return _page(
        request,
        "duplicate_merged.html",
        {"done": done, "person_url": reverse(f"{request.acting.area}:person", args=[done.kept_id])},
    )


@staff_page
@require_POST
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    _merge_of(request, pk)
    actions.undo_merge(pk, by=request.user)
    messages.success(request, "已撤销合并，两份档案和合并以前一样")
    return _go(request, "merged", pk)
