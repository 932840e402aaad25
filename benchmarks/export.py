"""A list of everybody as xlsx, numbers masked: read and written; beside openpyxl with the very same rows."""

import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

import openpyxl
from django.db import connection

from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from huifeng.spreadsheets.writing import Table, xlsx
from members.exports import columns, rows
from members.exports.actions import chosen_by

from .figures import Result
from .running import Refused, Run

COLUMNS = (
    "name", "sex", "id_number", "birth_date", "phone", "kind", "retired_on", "original_unit", "unit", "rank",
    "political_status", "district", "street", "community", "residence_address", "living_situation",
)  # fmt: skip
CHECKIN = 4  # and the columns of the check-in
TIMES = 3  # each is done so often; the fastest counts, as other work of the machine only adds

# The same values without a word of Python about them: what reading costs at least
SAME_ROWS = """
COPY (SELECT r.name, r.sex, r.id_number, r.birth_date, r.phone, r.kind, r.retired_on, r.original_unit, o.name, r.rank,
  r.political_status, r.residence_id, r.residence_address, r.living_situation, c.state, c.number, c.confirmed_at
FROM members_people_retiree r
LEFT JOIN members_units_unitmembership m ON m.retiree_id = r.id AND m.valid_until IS NULL
LEFT JOIN communities_organisations_organisation o ON o.id = m.unit_id
LEFT JOIN checkin_record_checkin c ON c.retiree_id = r.id AND c.state = 'confirmed'
WHERE r.died_on IS NULL) TO STDOUT
"""


def measure(run: Run) -> Result:
    clerk = run.staff("bureau")
    keys = [*COLUMNS, *(f"checkin.{number}" for number in range(CHECKIN))]
    heads = columns.heads(keys)
    people = _people(clerk)
    run.say(f"{len(people):,} people, {len(keys)} columns, {TIMES} times each in turn")
    kept = list(rows.read(people, keys, by=clerk))

    def ours(data: Iterator[list[str]] | Sequence[list[str]]) -> bytes:
        return xlsx(Table("名单", heads, data, len(people)))

    def peer(data: Iterator[list[str]] | Sequence[list[str]]) -> bytes:
        return by_openpyxl([head.title for head in heads], data)

    took = _fastest(
        {
            "ours": lambda: ours(rows.read(_people(clerk), keys, by=clerk)),
            "peer": lambda: peer(rows.read(_people(clerk), keys, by=clerk)),
            "our writing": lambda: ours(kept),
            "peer's writing": lambda: peer(kept),
            "reading": lambda: sum(1 for _ in rows.read(_people(clerk), keys, by=clerk)),
            "limit": _copy,
        }
    )
    return Result(
        "export",
        run.size,
        took["ours"],
        "the same rows read the same way, written by openpyxl (write-only)",
        took["peer"],
        "COPY of the same values out of the database",
        took["limit"],
        {},
        {
            "rows": len(people),
            "columns": len(keys),
            "rows_a_second": round(len(people) / took["ours"]),
            "reading_seconds": took["reading"],
            "writing_seconds": took["our writing"],
            "peer_writing_seconds": took["peer's writing"],
            "writing_ratio_to_peer": round(took["peer's writing"] / took["our writing"], 3),
            "bytes": len(ours(kept)),
            "peer_bytes": len(peer(kept)),
        },
    )


def _people(clerk: User) -> list[int]:
    """Everybody in the bureau's list, found anew each time."""
    bureau = Assignment.objects.select_related("organisation__division").get(user=clerk).organisation
    found = rows.keys_of(chosen_by(bureau, {}), bureau, clerk)
    if not found:
        raise Refused("the bureau's list is empty")
    return found


def by_openpyxl(titles: list[str], data: Iterator[list[str]] | Sequence[list[str]]) -> bytes:
    """The peer: openpyxl in its fast mode, as django-import-export and pretix write."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(titles)
    for row in data:
        sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _copy() -> int:
    with connection.cursor() as cursor, cursor.copy(SAME_ROWS) as out:
        return sum(len(block) for block in out)


def _fastest(acts: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the fastest of TIMES turns of each act."""
    took: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(TIMES):
        for name, act in acts.items():
            began = time.perf_counter()
            act()
            took[name].append(time.perf_counter() - began)
    return {name: round(min(seconds), 6) for name, seconds in took.items()}
