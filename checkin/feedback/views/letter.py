"""The page behind the signed link: an organisation outside the system reads its report and answers, without account.

Names are masked: whoever finds the letter learns little; the printed report names its people.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from checkin.feedback import actions, letters
from checkin.feedback.forms import AnswerForm, MatterForm
from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport, Reply, State
from checkin.feedback.papers.facts import FIGURES, IDENTITY, OTHER
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.display import slices, words
from huifeng.rowscope.scope import as_program

PAGE = 50


def letter_page[**P](
    view: Callable[Concatenate[HttpRequest, FeedbackReport, str, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A page for whoever holds a link that still holds. Nobody keeps, follows or indexes it."""

    @login_not_required
    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with as_program("whoever holds a link that holds reads and answers one report"):
            found = letters.find(token)
            if found is None:
                response = render(request, "feedback/letter_gone.html", status=404)
            else:
                response = view(request, found, token, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return opened


@require_safe
@letter_page
def letter(request: HttpRequest, found: FeedbackReport, token: str) -> HttpResponse:
    with audit.of_looks():  # nobody is logged in: the link is who looked
        audit.record(
            "feedback.letter_opened", found, by=User.objects.system(), organisation_id=found.receiver_id
        )
    return _show(request, found, token)


def _show(
    request: HttpRequest,
    found: FeedbackReport,
    token: str,
    *,
    wrong: MatterForm | None = None,
    answer_form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = FeedbackLine.objects.named().filter(report=found)
    part = slices.cut(rows, ("position",), request.GET, size=PAGE)
    matters = FeedbackMatter.objects.named().filter(report=found).select_related("line")
    context: dict[str, Any] = {
        "report": found,
        "content": found.content,
        "token": token,
        "other": OTHER[found.Side(found.side)],
        "figures": list(
            zip(FIGURES.values(), (found.content["movement"][key] for key in FIGURES), strict=True)
        ),
        "identity": IDENTITY,
        "slice": part,
        "people": [(words.mask_name(row.cells["name"]), row.cells) for row in part.rows],
        "matters": [
            (
                words.mask_name(matter.line.cells["name"]),
                matter,
                _form(matter, wrong) if found.is_waiting and matter.state == "open" else None,
            )
            for matter in matters.order_by("line__position", "pk")
        ],
        "answer_form": (answer_form or AnswerForm(asks_name=True)) if found.is_waiting else None,
        "has_errors": status == 422,
        "is_old": found.state == State.CORRECTED,
    }
    return render(request, "feedback/letter.html", context, status=status)


def _form(matter: FeedbackMatter, wrong: MatterForm | None) -> MatterForm:
    if wrong is not None and wrong.prefix == f"m{matter.pk}":
        return wrong
    return MatterForm.of(matter, asks_name=True)


@require_POST
@letter_page
def answer_matter(request: HttpRequest, found: FeedbackReport, token: str, matter_pk: int) -> HttpResponse:
    matter = get_object_or_404(FeedbackMatter.objects.named(), report=found, pk=matter_pk)
    form = MatterForm.of(matter, request.POST, asks_name=True)
    if not form.is_valid():
        return _show(request, found, token, wrong=form, status=422)
    with transaction.atomic():
        actions.use_link(token)
        actions.answer_matter(matter.pk, by=User.objects.system(), **form.cleaned_data)
    messages.success(request, "这件事的答复已收到")
    return redirect("letters:letter", token)


@require_POST
@letter_page
def answer(request: HttpRequest, found: FeedbackReport, token: str) -> HttpResponse:
    form = AnswerForm(request.POST, asks_name=True)
    if not form.is_valid():
        return _show(request, found, token, answer_form=form, status=422)
    data = form.cleaned_data
    with transaction.atomic():
        actions.use_link(token)
        actions.answer(found.pk, by=User.objects.system(), **{**data, "reply": Reply(data["reply"])})
    messages.success(request, "答复已收到，谢谢")
    return redirect("letters:letter", token)
