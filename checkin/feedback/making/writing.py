"""Making reports: everything is written by statements over the facts of the month, in the caller's transaction."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from checkin.feedback import registry
from checkin.feedback.models import FeedbackReport, Side
from checkin.statistics import facts
from checkin.statistics.months import Month
from huifeng.codes import labels
from huifeng.setwise import copied

from . import reach, sql

TABLES = ("feedback_fact", "feedback_flow", "feedback_new", "feedback_cells", "feedback_found")
ATTENTION = {  # what stands under 需关注, by code list
    "living_situation": ("alone", "empty_nest"),
    "health": ("dependent", "hospital"),
    "mobility": ("wheelchair", "bedridden"),
}


def read_facts(month: Month) -> int:
    """Put the facts of `month` at hand, each for the length of this transaction; how many reports they ask for."""
    _put(month, facts.relation_of(month))
    with connection.cursor() as cursor:
        cursor.execute(sql.EXPECTED)
        return int(cursor.fetchone()[0])


def read_facts_of(report: FeedbackReport) -> None:
    """The same for one report: only the facts of those it can tell of."""
    _put(report.period, reach.relation_for(report))


def _put(month: Month, relation: facts.Relation) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        params: dict[str, Any] = relation.params | {"start": month.start, "end": month.end}
        cursor.execute(sql.FACTS.replace("%(relation)s", relation.sql), params)
        cursor.execute("ANALYZE feedback_fact")
        for statement in (sql.FLOWS, sql.NEW, sql.CELLS, sql.FOUND):
            cursor.execute(statement)


def add_reports(month: Month) -> list[int]:
    """A report for everybody who has none of the month yet; those that were added."""
    first_ones = FeedbackReport.objects.of_month(month).filter(version=1)
    last = first_ones.aggregate(last=Max("number"))["last"]  # not a count: a report may be missing among them
    given = int(last.rpartition("-")[2]) if last else 0
    params: dict[str, Any] = {
        "month": month.first,
        "city": facts.city_area().ljust(12, "0"),
        "prefix": number_prefix(month),
        "given": given,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.REPORTS, params)
        cursor.execute("SELECT report_id FROM feedback_new ORDER BY report_id")
        return [pk for (pk,) in cursor.fetchall()]


def add_report(report: FeedbackReport) -> None:
    """`report`, a row of its own, is the one to be filled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feedback_new VALUES (%s, %s, %s)", [report.pk, report.organisation_id, report.side]
        )


def number_prefix(month: Month) -> str:
    return f"FK-{month}-"


def fill(month: Month) -> None:
    """Lines, matters, contents and check sums of the reports that are new."""
    statement = facts.statement_of(month)
    collected = {section.key: section.collect(month) for section in registry.sections.values()}
    # asked before anything is copied: a query in the middle of a COPY would wait for it for ever
    matters = {kind.key: list(kind.find(month)) for kind in registry.matters.values()}
    _copy(
        "feedback_cells",
        (
            (side, person, json.dumps(cells, ensure_ascii=False))
            for side in Side.values
            for person, cells in _cells_of(side, collected).items()
        ),
    )
    _copy(
        "feedback_found",
        (
            (kind.side, person, kind.key, kind.title, words)
            for kind in registry.matters.values()
            for person, words in matters[kind.key]
        ),
    )
    params: dict[str, Any] = {
        "end": month.end,
        "needs": json.dumps(dict(labels.choices("need")), ensure_ascii=False),
        "nowhere": "未定",
        "month_text": str(month),
        "as_of": str(month.as_of),
        "today": str(timezone.localdate()),
        "is_closed": statement is not None and statement.is_closed,
        "columns": json.dumps(_columns(), ensure_ascii=False),
        **{name.split("_")[0]: _words(name, codes) for name, codes in ATTENTION.items()},
    }
    with connection.cursor() as cursor:
        for text in (sql.LINES, sql.MATTERS, sql.FOUND_MATTERS, sql.CONTENTS, sql.CHECK_SUMS):
            cursor.execute(text, params)


def check_sum(report: FeedbackReport) -> str:
    """The check sum of what is stored now; equal to `report.sha256` as long as nobody has changed anything."""
    with connection.cursor() as cursor:
        cursor.execute(sql.CHECK_SUM_OF, [report.pk])
        return str(cursor.fetchone()[0])


def _columns() -> dict[str, list[list[str]]]:
    """Keys and heads that sections add, by side."""
    return {
        side: [
            [f"{section.key}.{key}", head]
            for section in registry.sections.values()
            if side in section.sides
            for key, head in section.columns
        ]
        for side in Side.values
    }


def _cells_of(side: str, collected: dict[str, Any]) -> dict[int, dict[str, str | int]]:
    found: dict[int, dict[str, str | int]] = {}
    for section in registry.sections.values():
        if side in section.sides:
            for person, cells in collected[section.key].items():
                own = {f"{section.key}.{key}": cells[key] for key, _ in section.columns if key in cells}
                found.setdefault(person, {}).update(own)
    return found


def _words(name: str, codes: Iterable[str]) -> str:
    return json.dumps({code: labels.label(name, code) for code in codes}, ensure_ascii=False)


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with copied(table) as into:
        for row in rows:
            into.write_row(row)
