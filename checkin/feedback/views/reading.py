"""The inbox of a unit or community, and the page of one report, which every side shares."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from checkin.feedback import actions, files, letters, permissions, supervision
from checkin.feedback.forms import AnswerForm, CorrectForm, MatterForm
from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport, State
from checkin.feedback.papers.facts import FIGURES, IDENTITY, OTHER, heads_of
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.audit import actions as audit
from huifeng.display import slices
from huifeng.display.frames import frame_of
from members.people import looks
from members.people.models import Retiree

from . import overseeing

PAGE = 50  # lines
MATTERS = 20


def page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """templates/feedback/<name>.html in the frame of the area."""
    return render(request, f"feedback/{name}.html", {**frame_of(request), **context}, status=status)


def url(request: StaffRequest, name: str, *args: object) -> str:
    """An address among the pages of the same area."""
    assert request.resolver_match is not None
    return reverse(f"feedback:{name}", args=args, current_app=request.resolver_match.namespace)


def report_of(request: StaffRequest, pk: int) -> FeedbackReport:
    rows = FeedbackReport.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related(
            "receiver__division", "organisation", "corrects", "corrected_by", "closed_by", "xlsx", "pdf"
        ).defer("xlsx__content", "pdf__content"),
        pk=pk,
    )


@require_safe
@staff_page
def index(request: StaffRequest) -> HttpResponse:
    """收到的反馈单, newest first; a bureau or street sees those of its area."""
    if request.acting.area == "bureau":
        return overseeing.home(request)
    return inbox(request)


def inbox(request: StaffRequest) -> HttpResponse:
    """What the organisation received itself, and what went outside and tells of it alone."""
    rows = FeedbackReport.objects.sent().filter(receiver=request.acting.organisation)
    outside = FeedbackReport.objects.visible_to(request.user).filter(counterpart=request.acting.organisation)
    part = slices.cut(supervision.with_matters(rows), ("-pk",), request.GET)
    context = {
        "slice": part,
        "outside": list(
            supervision.with_matters(
                outside.unanswered().exclude(receiver=request.acting.organisation)
            ).order_by("-pk")[:MATTERS]
        ),
    }
    return page(request, "inbox", context)


@require_safe
@staff_page
def report(request: StaffRequest, pk: int) -> HttpResponse:
    """One report, sections A to E. Opened by its receiver's staff it is read."""
    found = report_of(request, pk)
    if found.state == State.SENT and found.receiver_id == request.acting.organisation.pk:
        read = actions.mark_received(found.pk, by=request.user)
        found.state, found.received_at, found.received_by = read.state, read.received_at, read.received_by
    return show(request, found)


def show(
    request: StaffRequest,
    found: FeedbackReport,
    *,
    matter: FeedbackMatter | None = None,
    matter_form: MatterForm | None = None,
    answer_form: AnswerForm | None = None,
    correct_form: CorrectForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the form that was not right, if one was."""
    user = request.user
    on_paper = permissions.may_reply_for(user, found)
    may_answer = found.is_waiting and (on_paper or permissions.may_answer(user, found))
    rows = FeedbackLine.objects.named().filter(report=found)
    part = slices.cut(rows, ("position",), request.GET, size=PAGE)
    matters = FeedbackMatter.objects.named().filter(report=found).select_related("line")
    open_ = list(
        matters.filter(state=FeedbackMatter.State.OPEN).order_by("line__position", "pk")[: MATTERS + 1]
    )
    done = list(
        matters.exclude(state=FeedbackMatter.State.OPEN).order_by("-answered_at", "pk")[: MATTERS + 1]
    )
    looks.listed(request, len(part.rows), {"report": found.pk})
    heads = heads_of(found.content)
    context = {
        "report": found,
        "content": found.content,
        "figures": FIGURES.values(),
        "identity": IDENTITY,
        "other": OTHER[found.Side(found.side)],
        "movement": [(row, [row[key] for key in FIGURES]) for row in found.content["rows"]],
        "total": [found.content["movement"][key] for key in FIGURES],
        "heads": heads,
        "slice": part,
        "people": _people(request, part.rows, heads),
        "may_answer": may_answer,
        "on_paper": on_paper,
        "open_matters": [
            (each, _form(each, matter, matter_form, asks_name=on_paper) if may_answer else None)
            for each in open_[:MATTERS]
        ],
        "more_open": len(open_) > MATTERS,
        "done_matters": done[:MATTERS],
        "more_done": len(done) > MATTERS,
        "answer_form": answer_form or (AnswerForm(asks_name=on_paper) if may_answer else None),
        "may_oversee": permissions.may_oversee(user, found),
        "correct_form": correct_form or CorrectForm(),
        "may_give_link": on_paper and found.is_waiting,
        "link": letters.url_of(found) if on_paper and letters.has_link(found) else "",
        "versions": versions_of(found),
        "steps": steps_of(found),
        "crumbs": [("双向反馈", url(request, "index")), (found.number, "")],
        "has_errors": status == 422,
    }
    return page(request, "report", context, status=status)


def _form(
    each: FeedbackMatter, wrong: FeedbackMatter | None, form: MatterForm | None, *, asks_name: bool
) -> MatterForm:
    if form is not None and wrong is not None and wrong.pk == each.pk:
        return form
    return MatterForm.of(each, asks_name=asks_name)


def _people(request: StaffRequest, rows: list[Any], heads: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The lines of a page; the name leads to the person where the reader may see them today."""
    wanted = [row.retiree_id for row in rows]
    visible = Retiree.objects.visible_to(request.user).filter(pk__in=wanted)
    seen = set(visible.values_list("pk", flat=True)) if wanted else set()
    return [
        {
            "row": row,
            "url": reverse(f"{request.acting.area}:person", args=[row.retiree_id])
            if row.retiree_id in seen
            else "",
            "cells": [(head, row.cells.get(key, "")) for key, head in heads[1:]],
        }
        for row in rows
    ]


def versions_of(found: FeedbackReport) -> list[FeedbackReport]:
    """Every version of the report, the newest first; none if there is just one."""
    if found.version == 1 and found.state != State.CORRECTED:
        return []
    rows = FeedbackReport.objects.filter(
        organisation=found.organisation_id, side=found.side, month=found.month
    )
    return list(rows.defer("content").order_by("-version"))


def steps_of(found: FeedbackReport) -> list[dict[str, Any]]:
    """What has happened to the report and what is next."""
    answered = " ".join(filter(None, [found.get_reply_display() if found.reply else "", found.reply_words]))
    stages = [
        ("生成", found.generated_at, "系统", ""),
        ("发送", found.sent_at, "系统", ""),
        ("签收", found.received_at, found.received_by, ""),
        ("答复", found.answered_at, found.answered_by, answered),
        ("办结", found.closed_at, found.closed_by.display_name if found.closed_by else "", ""),
    ]
    done = sum(at is not None for _, at, _, _ in stages)
    over = found.state == State.CORRECTED
    return [
        {
            "title": title,
            "at": at,
            "who": who if at else "",
            "note": note,
            "state": "done" if at else "now" if number == done and not over else "todo",
        }
        for number, (title, at, who, note) in enumerate(stages)
    ]


@require_safe
@staff_page
def file(request: StaffRequest, pk: int, suffix: str) -> HttpResponse:
    """xlsx to keep, PDF to print. Each time is audited."""
    if suffix not in files.KINDS:
        return redirect(url(request, "report", pk))
    found = report_of(request, pk)
    name, content = files.content_of(found, suffix, by=request.user)
    audit.record(
        "feedback.downloaded",
        found,
        by=request.user,
        organisation_id=request.acting.organisation.pk,
        after={"file": suffix, "size": len(content)},
    )
    return answer_with(content, name, files.KINDS[suffix].content_type, attached=suffix == "xlsx")


def answer_with(content: bytes, name: str, content_type: str, *, attached: bool) -> HttpResponse:
    """A file that no proxy and no shared machine keeps."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(attached, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
