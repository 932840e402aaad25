"""The inbox of an organisation: what it was told, what it has to sign for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from checkin.record import lists
from checkin.record.views.frame import notice_url, page
from checkin.sync import actions, inbox
from checkin.sync.forms import DigestForm, DisputeForm, InboxFilters
from checkin.sync.models import DigestWish
from checkin.sync.permissions import signed_by
from communities.notices.models import Notice
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from members.people import looks


@staff_page
def notices(request: StaffRequest) -> HttpResponse:
    """通知: what waits for a signature first, else everything; by kind of view and by person."""
    return _show(request)


def _show(request: StaffRequest, *, status: int = 200, digest_form: DigestForm | None = None) -> HttpResponse:
    filters = InboxFilters(request.GET)
    organisation, today = request.acting.organisation, timezone.localdate()
    signing = inbox.signers(organisation)
    waits = Notice.objects.unsigned(signing).exists()
    show = filters.wanted["show"] or (inbox.WAITING if waits else inbox.ALL)
    filters.initial["show"] = show
    people = inbox.people_named(filters.wanted["q"], request.user) if filters.wanted["q"] else None
    rows, order = inbox.found(organisation, show, signing, people)
    part = slices.cut(rows, order, request.GET)
    items = [
        inbox.Item(row, notice_url(row, request.acting.area), inbox.is_late(row, today))
        for row in lists.veiled(part.rows, organisation)
    ]
    looks.listed(request, sum(row.person is not None for row in part.rows), filters.wanted)
    context = {
        "filters": filters,
        "show": show,
        "views": inbox.SHOWN.items(),
        "slice": part,
        "items": items,
        "to_sign": [item.notice.pk for item in items if item.is_unsigned],
        "found": f"本页 {len(items)} 条",
        "home": f"/{request.acting.area}/notices/",
    }
    if request.htmx:
        return page(request, "sync/inbox.html#list", context)
    wish = DigestWish.objects.filter(user=request.user, organisation=organisation).first()
    known = {"by_text": wish.by_text, "email": wish.email} if wish else {}
    context["digest"] = digest_form or DigestForm(initial=known, user=request.user)
    return page(request, "sync/inbox.html", context, status=status)


@staff_page
@require_POST
def sign(request: StaffRequest, pk: int) -> HttpResponse:
    notice = _ours(request, pk)
    actions.acknowledge(notice.pk, by=request.user)
    messages.success(request, f"已签收第 {notice.number} 号通知")
    return _back(request)


@staff_page
@require_POST
def sign_many(request: StaffRequest) -> HttpResponse:
    """全部签收: those the page showed."""
    ids = [int(pk) for pk in request.POST.getlist("id") if pk.isdecimal()]
    count = actions.acknowledge_many(ids, by=request.user)
    messages.success(request, f"已签收 {count} 条" if count else "这些通知已经签收过了")
    return _back(request)


@staff_page
def dispute(request: StaffRequest, pk: int) -> HttpResponse:
    """有异议: what is wrong, in words for whoever sent it."""
    notice = _ours(request, pk)
    form = DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.dispute(notice.pk, words=form.cleaned_data["words"], by=request.user)
        messages.success(request, "异议已记下，已经通知对方")
        return _back(request)
    context = {
        "form": form,
        "notice": notice,
        "url": notice_url(notice, request.acting.area),
        "crumbs": [("通知", f"/{request.acting.area}/notices/"), ("有异议", "")],
        "home": f"/{request.acting.area}/notices/",
    }
    return page(request, "sync/dispute.html", context, status=422 if form.errors else 200)


@staff_page
@require_POST
def digest(request: StaffRequest) -> HttpResponse:
    """每日提醒: choose it, or not any more."""
    form = DigestForm(request.POST, user=request.user)
    if not form.is_valid():
        return _show(request, status=422, digest_form=form)
    actions.wish_digest(request.acting.organisation.pk, by=request.user, **form.cleaned_data)
    messages.success(request, "每日提醒已保存")
    return _back(request)


def _ours(request: StaffRequest, pk: int) -> Notice:
    notice = get_object_or_404(
        lists.told(Notice.objects.filter(signed_by([o.pk for o in request.acting.choices]))),
        pk=pk,
        number__isnull=False,
    )
    return lists.veiled([notice], request.acting.organisation)[0]


def _back(request: StaffRequest) -> HttpResponse:
    return redirect(f"/{request.acting.area}/notices/")
