"""The files of reports: made from what was frozen, stored once with their SHA-256, made again when they are over.

Nobody who became restricted since is named in a file that is given out: such a file is made then and not stored.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import transaction

from huifeng.accounts.models import User
from huifeng.jobs import files as stored
from huifeng.jobs.models import StoredFile
from huifeng.rowscope.scope import as_program
from members.people.naming import may_be_named

from .models import FeedbackLine, FeedbackReport
from .papers import book, facts
from .papers import print as pdf
from .papers.facts import Paper

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=92)
AT_ONCE = 50  # reports made and stored together
THREADS = 2  # typesetting works outside Python's lock


@dataclass(frozen=True)
class Kind:
    """How one kind of file is made and called; its key names its columns of a report."""

    content_type: str
    make: Callable[[Paper], bytes]
    name: Callable[[Paper], str]


KINDS = {
    "xlsx": Kind(stored.XLSX, book.make, book.file_name),
    "pdf": Kind("application/pdf", pdf.make, pdf.file_name),
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
        under_way = {key: pool.map(kind.make, papers) for key, kind in KINDS.items()}
        made = {key: list(contents) for key, contents in under_way.items()}
    with transaction.atomic():
        return sum(
            _keep(paper, {key: made[key][number] for key in KINDS}, by=by)
            for number, paper in enumerate(papers)
        )


def content_of(report: FeedbackReport, suffix: str, *, by: User) -> tuple[str, bytes]:
    """Name and content of the file of a report: what is stored, else made now and stored."""
    kind = KINDS[suffix]
    hidden = restricted([report.pk])
    paper = facts.papers_of([report.pk], hidden=hidden)[0]
    if hidden:
        return kind.name(paper), kind.make(paper)
    file: StoredFile | None = getattr(report, suffix)
    if file is not None:
        return file.name, stored.content_of(file)
    content = kind.make(paper)
    if report.sent_at is not None:
        with transaction.atomic():
            _keep(paper, {suffix: content}, by=by)
    return kind.name(paper), content


@as_program("who must not be named is not seen by who must not name them")
def restricted(report_ids: Sequence[int]) -> list[int]:
    """The lines whose person may not be named any more: restricted since."""
    rows = FeedbackLine.objects.filter(~may_be_named("retiree"), report__in=report_ids)
    return list(rows.values_list("pk", flat=True))


def _keep(paper: Paper, contents: Mapping[str, bytes], *, by: User) -> int:
    """Store the files of a report that it has not, by kind; how many. Called in a transaction."""
    report = FeedbackReport.objects.select_for_update(of=("self",)).defer("content").get(pk=paper.report.pk)
    fields = []
    for key, content in contents.items():
        if getattr(report, f"{key}_id") is not None:
            continue
        digest, known = sha256(content).hexdigest(), getattr(report, f"{key}_sha256")
        if known and known != digest:
            logger.warning("file %s of report %s differs from the one made before", key, report.pk)
        file = stored.store(
            KINDS[key].name(paper),
            content,
            KINDS[key].content_type,
            by=by,
            organisation_id=report.receiver_id,
            kept_for=KEPT_FOR,
        )
        setattr(report, key, file)
        setattr(report, f"{key}_sha256", digest)
        fields += [key, f"{key}_sha256"]
    if fields:
        report.save(update_fields=fields)
    return len(fields) // 2
