"""The forms on a report's page: each calls one action and comes back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from checkin.feedback import actions, letters, permissions
from checkin.feedback.forms import AnswerForm, CorrectForm, MatterForm
from checkin.feedback.models import FeedbackMatter, FeedbackReport, Reply
from checkin.feedback.papers import facts
from checkin.feedback.papers import print as pdf
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.errors import RuleBroken, require

from .reading import answer_with, report_of, show, url


@staff_page
@require_POST
def answer_matter(request: StaffRequest, pk: int, matter_pk: int) -> HttpResponse:
    found = report_of(request, pk)
    matter = get_object_or_404(FeedbackMatter.objects.named(), report=found, pk=matter_pk)
    on_paper = permissions.may_reply_for(request.user, found)
    form = MatterForm.of(matter, request.POST, asks_name=on_paper)
    if not form.is_valid():
        return show(request, found, matter=matter, matter_form=form, status=422)
    actions.answer_matter(matter.pk, by=request.user, on_paper=on_paper, **form.cleaned_data)
    messages.success(request, "已答复这件事")
    return redirect(url(request, "report", pk))


@staff_page
@require_POST
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    found = report_of(request, pk)
    on_paper = permissions.may_reply_for(request.user, found)
    form = AnswerForm(request.POST, asks_name=on_paper)
    if not form.is_valid():
        return show(request, found, answer_form=form, status=422)
    data = form.cleaned_data
    actions.answer(pk, by=request.user, on_paper=on_paper, **{**data, "reply": Reply(data["reply"])})
    messages.success(request, "已答复整份反馈单")
    return redirect(url(request, "report", pk))


@staff_page
@require_POST
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """The new version opens."""
    found, form = report_of(request, pk), CorrectForm(request.POST)
    if not form.is_valid():
        return show(request, found, correct_form=form, status=422)
    new = actions.correct(pk, by=request.user, **form.cleaned_data)
    messages.success(request, f"已更正，新版编号 {new.number}")
    return redirect(url(request, "report", new.pk))


def _press(act: Callable[..., FeedbackReport], said: str) -> Callable[..., HttpResponse]:
    """The view behind a button without a form: it acts, says so, and the report's page is there again."""

    @staff_page
    @require_POST
    def pressed(request: StaffRequest, pk: int) -> HttpResponse:
        report_of(request, pk)
        act(pk, by=request.user)
        messages.success(request, said)
        return redirect(url(request, "report", pk))

    return pressed


close = _press(actions.close, "已办结")
give_link = _press(actions.give_link, "链接已生成，可以打印函件或把网址发给对方")
revoke_link = _press(actions.revoke_link, "原来的链接已作废")


@require_safe
@staff_page
def letter(request: StaffRequest, pk: int) -> HttpResponse:
    """The letter with the QR code, to be sent with the printed report."""
    found = report_of(request, pk)
    require(permissions.may_give_link(request.user, found))
    if not letters.has_link(found):
        raise RuleBroken("还没有链接。请先在反馈单页面生成链接，再打印函件。", code="no_link")
    sender = request.acting.organisation
    content = pdf.letter(facts.papers_of([found.pk])[0], sender.name, sender.phone)
    return answer_with(content, f"双向反馈函_{found.number}.pdf", "application/pdf", attached=False)
