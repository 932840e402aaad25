"""The feedback reports of a month: made in one go, then xlsx and PDF of each; beside one report at a time by openpyxl.

Everything happens in a transaction that is taken back. Files are measured on some reports, every n-th, for both; what
the others cost is worked out from them.
"""

import time
from collections.abc import Callable, Iterable
from io import BytesIO

from django.db import connection, transaction
from django.db.models import Q
from openpyxl import Workbook
from openpyxl.worksheet.properties import PageSetupProperties

from checkin.feedback import actions, files
from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport, Side
from checkin.feedback.papers import book, facts
from checkin.feedback.papers import print as pdf
from checkin.record.models import CheckIn
from checkin.statistics.months import Month
from checkin.statistics.papers import look
from huifeng.accounts.models import User
from huifeng.typesetting import typeset

from .figures import Figure, Result
from .running import Refused, Run

SAMPLE = 120  # reports whose files are made


def measure(run: Run) -> Result:
    month, system = Month.current().previous, User.objects.system()
    with transaction.atomic():
        _forget(month)
        run.say(f"making {month}")
        made, making = _timed(lambda: actions.make(month, by=system))
        again, second = _timed(lambda: actions.make(month, by=system))
        sent, sending = _timed(lambda: actions.send(month, by=system))
        keys = list(FeedbackReport.objects.of_month(month).order_by("pk").values_list("pk", flat=True))
        if not keys or again.made:
            raise Refused("there is nobody to report on, or the second run made something")
        chosen = keys[:: max(1, len(keys) // SAMPLE)]
        share = len(keys) / len(chosen)
        run.say(f"{made.made:,} reports; files of {len(chosen)} of them, ours and the peer's in turn")
        files.make(chosen[:2], by=system)
        ours = peer = our_books = peer_books = prints = 0.0
        for part in _parts(chosen[2:], 20):
            papers = facts.papers_of(part)
            ours += _timed(lambda part=part: files.make(part, by=system))[1]
            peer += _timed(lambda part=part: [_one(pk, month) for pk in part])[1]
            our_books += _timed(lambda papers=papers: [book.make(paper) for paper in papers])[1]
            peer_books += _timed(
                lambda papers=papers: [_by_openpyxl(paper.heads, paper.people) for paper in papers]
            )[1]
            prints += _timed(lambda papers=papers: [pdf.make(paper) for paper in papers])[1]
        share = len(keys) / (len(chosen) - 2)
        copying = _timed(_copy)[1]
        lines = FeedbackLine.objects.filter(report__in=keys).count()
        transaction.set_rollback(True)
    total, limit = making + sending + ours * share, copying + prints * share
    seconds = {
        "making, both sides": making,
        "second run, nothing new": second,
        "sending": sending,
        "all files, stored": ours * share,
        "all xlsx": our_books * share,
        "all PDF, one after the other": prints * share,
    }
    return Result(
        "feedback", run.size, round(total, 3),
        "one report at a time: its people by the ORM, openpyxl in the same look, and typst for the PDF",
        round(peer * share, 3),
        "the same lines by INSERT … SELECT, and typst alone for the same PDFs", round(limit, 3),
        {"feedback": {name: Figure(round(took, 3), round(took, 3), 1) for name, took in seconds.items()}},
        {
            "reports": len(keys),
            "lines": lines,
            "sent": sent,
            "sampled": len(chosen) - 2,
            "making_seconds": round(making, 3),
            "xlsx_ratio_to_peer": round(peer_books / our_books, 2),
            "peer_xlsx_seconds": round(peer_books * share, 3),
        },
    )  # fmt: skip


def _forget(month: Month) -> None:
    """Reports of an earlier run of the demo; it comes back with the end of the transaction."""
    reports = FeedbackReport.objects.of_month(month)
    FeedbackMatter.objects.filter(report__in=reports).delete()
    FeedbackLine.objects.filter(report__in=reports).delete()
    for version in reports.order_by("-version").values_list("version", flat=True).distinct():
        reports.filter(version=version).delete()


def _timed[T](act: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    found = act()
    return found, time.perf_counter() - began


def _parts(keys: list[int], size: int) -> Iterable[list[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _copy() -> None:
    table = FeedbackLine._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bare ON COMMIT DROP AS SELECT * FROM {table}")


def _one(key: int, month: Month) -> None:
    """The peer: what a report needs, asked for and written for it alone."""
    report = FeedbackReport.objects.select_related("organisation").get(pk=key)
    ours = Q(unit=report.organisation) if report.side == Side.UNIT else Q(community=report.organisation)
    touched = (
        CheckIn.objects.filter(ours, confirmed_at__lt=month.end)
        .filter(Q(ended_at=None) | Q(ended_at__gte=month.start))
        .select_related("retiree", "unit", "community")
        .order_by("retiree_id")
    )
    heads, people = facts.heads_of(report.content), []
    for checkin in touched:
        person = checkin.retiree
        other = checkin.community if report.side == Side.UNIT else checkin.unit
        words = (person.name, person.get_sex_display(), str(person.age(month.last)), str(other or ""),
                 checkin.get_state_display(), str(checkin.confirmed_at)[:10], person.living_situation)  # fmt: skip
        people.append(list(words))
    _by_openpyxl(heads, people)
    paper = facts.papers_of([key])[0]
    typeset(pdf.HERE / "report.typ", pdf.facts_of(paper))


def _by_openpyxl(heads: list[tuple[str, str]], people: list[list[str]]) -> bytes:
    made = Workbook()
    for style in look.styles():
        made.add_named_style(style)
    form = made.active
    form.sheet_properties.pageSetUpPr = PageSetupProperties()
    look.set_up(form, None)
    form.append(["反馈单"])
    sheet = made.create_sheet("人员明细")
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties()
    look.set_up(sheet, (1, 1))
    for number, row in enumerate([[head for _, head in heads], *people], 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            cell.style = "name" if number > 1 else "head"
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()
