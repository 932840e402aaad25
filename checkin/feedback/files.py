"""The files of reports: made from what was frozen, stored once with their SHA-256, made again when they are over.

Nobody who became restricted since is named in a file that is given out: such a file is made then and not stored.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import transaction

from huifeng.accounts.models import User
from huifeng.jobs import files as stored
from huifeng.jobs.models import StoredFile

from .models import FeedbackLine, FeedbackReport
from .papers import book, facts
from .papers import print as pdf
from .papers.facts import Paper

logger = logging.getLogger(__name__)

JOB = "feedback.files"
KEPT_FOR = timedelta(days=92)
AT_ONCE = 50  # reports made and stored together
THREADS = 2  # typesetting works outside Python's lock


@dataclass(frozen=True)
class Kind:
    """How one kind of file is made and called; `field` names its columns of a report."""

    field: str
    content_type: str
    make: Callable[[Paper], bytes]
    name: Callable[[Paper], str]


KINDS = {
    "xlsx": Kind("xlsx", stored.XLSX, book.make, book.file_name),
    "pdf": Kind("pdf", "application/pdf", pdf.make, pdf.file_name),
}


def missing(reports: Iterable[int] | None = None) -> Iterator[list[int]]:
    """Sent reports without a file, some at a time; `reports`: only these."""
    rows = FeedbackReport.objects.sent().current().filter(pdf_sha256="").order_by("pk")
    keys = list((rows if reports is None else rows.filter(pk__in=list(reports))).values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def make(report_ids: Sequence[int], *, by: User) -> int:
    """Make and store both files of these reports; those that have one keep it. Returns how many files.

    A file that another process stored meanwhile stays: both are the same.
    """
    papers = facts.papers_of(report_ids, hidden=restricted(report_ids))
    with ThreadPoolExecutor(THREADS) as pool:
        made = {key: list(pool.map(kind.make, papers)) for key, kind in KINDS.items()}
    with transaction.atomic():
        return sum(
            _keep(paper, kind, content, by=by)
            for key, kind in KINDS.items()
            for paper, content in zip(papers, made[key], strict=True)
        )


def content_of(report: FeedbackReport, suffix: str, *, by: User) -> tuple[str, bytes]:
    """Name and content of the file of a report: what is stored, else made now and stored."""
    kind = KINDS[suffix]
    hidden = restricted([report.pk])
    paper = facts.papers_of([report.pk], hidden=hidden)[0]
    if hidden:
        return kind.name(paper), kind.make(paper)
    file: StoredFile | None = getattr(report, kind.field)
    if file is not None:
        return file.name, stored.content_of(file)
    content = kind.make(paper)
    if report.sent_at is not None:
        with transaction.atomic():
            _keep(paper, kind, content, by=by)
    return kind.name(paper), content


def restricted(report_ids: Sequence[int]) -> list[int]:
    """The lines whose person may not be named any more: restricted since."""
    rows = FeedbackLine.objects.filter(report__in=report_ids, retiree__is_restricted=True)
    return list(rows.values_list("pk", flat=True))


def _keep(paper: Paper, kind: Kind, content: bytes, *, by: User) -> int:
    """Store one file, if the report has none of the kind. Called in a transaction."""
    report = FeedbackReport.objects.select_for_update(of=("self",)).get(pk=paper.report.pk)
    if getattr(report, f"{kind.field}_id") is not None:
        return 0
    digest, known = sha256(content).hexdigest(), getattr(report, f"{kind.field}_sha256")
    if known and known != digest:
        logger.warning("file %s of report %s differs from the one made before", kind.field, report.pk)
    file = stored.store(
        kind.name(paper),
        content,
        kind.content_type,
        by=by,
        organisation_id=report.receiver_id,
        kept_for=KEPT_FOR,
    )
    setattr(report, kind.field, file)
    setattr(report, f"{kind.field}_sha256", digest)
    report.save(update_fields=[kind.field, f"{kind.field}_sha256"])
    return 1
