"""The feedback reports of a month: made, sent and their workbooks, beside one report at a time by ORM and openpyxl.

Both once more with the PDFs. Everything happens in a transaction that is taken back. Files, and the peer, are measured
on some reports, every n-th; what the others cost is worked out from them.
"""

import time
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from statistics import median

from django.db import connection, transaction

from checkin.feedback import actions, files
from checkin.feedback.making import writing
from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport
from checkin.feedback.papers import book, facts
from checkin.feedback.papers import print as pdf
from checkin.feedback.papers.facts import Paper
from checkin.statistics.months import Month
from huifeng.accounts.models import User

from . import feedback_peer
from .figures import Figure, Result
from .running import Refused, Run

SAMPLE = 120  # reports whose files are made
OFFICE = 3  # workbooks that LibreOffice turns into PDF, one after the other
CORRECTED = 9  # reports that are corrected, one after the other


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
        run.say(f"{made.made:,} reports; files of some {SAMPLE} of them, ours and the peer's in turn")
        chosen = keys[:: max(1, len(keys) // SAMPLE)]
        each = _files(chosen, month, system)
        office = feedback_peer.by_libreoffice(chosen[len(chosen) // 2 :][:OFFICE])
        copying = _timed(_copy)[1]
        lines = FeedbackLine.objects.filter(report__in=keys).count()
        counting = _timed(lambda: writing.read_facts(month))[1]
        corrections = [
            _timed(partial(actions.correct, key, reason="bench", by=system))[1]
            for key in keys[:: max(1, len(keys) // CORRECTED)][:CORRECTED]
        ]
        transaction.set_rollback(True)
    share = len(keys) / (len(chosen) - 2)
    whole = {name: took * share for name, took in each.items()}
    ours = making + sending + whole["xlsx"]
    ours_with_pdf = making + sending + whole["stored"]
    peer_with_pdf = whole["peer"] + whole["pdf"]
    seconds = {
        "making, both sides": making,
        "second run, nothing new": second,
        "sending": sending,
        "all xlsx": whole["xlsx"],
        "all PDF, one after the other": whole["pdf"],
        "all files, stored": whole["stored"],
        "counting everybody": counting,
        "correcting one": median(corrections),
        "correcting one, the slowest": max(corrections),
    }
    return Result(
        "feedback", run.size, round(ours, 3),
        "one report at a time: its people by the ORM, stored, told, openpyxl in the same look", round(whole["peer"], 3),
        "the same lines by INSERT … SELECT, and the same workbooks zipped", round(copying + whole["zipped"], 3),
        {"feedback": {name: Figure(round(took, 3), round(took, 3), 1) for name, took in seconds.items()}},
        {
            "reports": len(keys),
            "lines": lines,
            "sent": sent,
            "sampled": len(chosen) - 2,
            "making_seconds": round(making, 3),
            "xlsx_ratio_to_peer": round(whole["openpyxl"] / whole["xlsx"], 2),
            "with_pdf_seconds": round(ours_with_pdf, 3),
            "peer_with_pdf_seconds": round(peer_with_pdf, 3),
            "with_pdf_ratio_to_peer": round(peer_with_pdf / ours_with_pdf, 3),
            "typst_seconds": round(whole["pdf"], 3),
            "peer_pdf_by_libreoffice_seconds": round(office * len(keys), 1) if office else None,
        },
    )  # fmt: skip


def _files(chosen: list[int], month: Month, system: User) -> dict[str, float]:
    """Seconds of the files of these reports but the first two, which warm up; ours and the peer's in turn."""
    files.make(chosen[:2], by=system)
    spent = dict.fromkeys(("xlsx", "zipped", "pdf", "stored", "peer", "openpyxl"), 0.0)

    def spend(name: str, act: Callable[..., object], *what: object) -> None:
        spent[name] += _timed(partial(act, *what))[1]

    for start in range(2, len(chosen), 20):
        part = chosen[start : start + 20]
        spend("xlsx", _books_of, part)
        spend("peer", _one_by_one, part, month, system)
        papers = facts.papers_of(part)
        spend("openpyxl", _plain, papers)
        spend("zipped", _zip_again, [book.make(paper) for paper in papers])
        spend("pdf", _prints, papers)
        spend("stored", partial(files.make, by=system), part)
    return spent


def _books_of(keys: list[int]) -> None:
    for paper in facts.papers_of(keys):
        book.make(paper)


def _one_by_one(keys: list[int], month: Month, system: User) -> None:
    for key in keys:
        feedback_peer.make_one(key, month, system)


def _plain(papers: Iterable[Paper]) -> None:
    for paper in papers:
        feedback_peer.by_openpyxl(paper.people)


def _prints(papers: Iterable[Paper]) -> None:
    for paper in papers:
        pdf.make(paper)


def _zip_again(books: Iterable[bytes]) -> None:
    """What any workbooks of these cells cost at least: their parts, packed."""
    for content in books:
        with (
            zipfile.ZipFile(BytesIO(content)) as made,
            zipfile.ZipFile(BytesIO(), "w", zipfile.ZIP_DEFLATED) as into,
        ):
            for name in made.namelist():
                into.writestr(name, made.read(name))


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


def _copy() -> None:
    table = FeedbackLine._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bare ON COMMIT DROP AS SELECT * FROM {table}")
