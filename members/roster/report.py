"""What an import found, as the command prints it and the API will."""

import time
from typing import Any

from . import columns
from .models import ImportBatch, ImportRow
from .notes import Level

COUNTED = ("rows", "new", "changed", "unchanged", "missing", "rejected", "duplicates")
REFUSED = (ImportRow.Verdict.REJECTED, ImportRow.Verdict.DUPLICATE)


def of_plan(batch: ImportBatch) -> dict[str, Any]:
    """The counts, and the rows that are left out with what is wrong with each. `errors` are why rows are left out;
    `warnings` were taken and should be looked at. Row numbers are the spreadsheet's own.
    """
    counts = {**batch.counts, "duplicates": batch.counts.get(ImportRow.Verdict.DUPLICATE, 0)}
    return {
        **{name: counts.get(name, 0) for name in COUNTED},
        "written": 0,
        "seconds": 0.0,
        "refused": None,
        "errors": _notes(batch, Level.ERROR),
        "warnings": _notes(batch, Level.WARNING),
    }


def refused(words: str, began: float) -> dict[str, Any]:
    """The same for a file that was not read."""
    return {
        **dict.fromkeys(COUNTED, 0),
        "written": 0,
        "seconds": round(time.monotonic() - began, 3),
        "refused": words,
        "errors": [],
        "warnings": [],
    }


def has_something_to_write(batch: ImportBatch) -> bool:
    return bool(batch.written or batch.counts.get("transfers"))


def _notes(batch: ImportBatch, level: Level) -> list[dict[str, Any]]:
    rows = (
        batch.rows.filter(verdict__in=REFUSED)
        if level == Level.ERROR
        else batch.rows.filter(has_warning=True)
    )
    headings = batch.report.get("headings", {})
    return [
        {
            "row": row,
            "column": headings.get(note["field"]) or columns.HEADINGS.get(note["field"], ("",))[0],
            "code": note["code"],
            "message": note["message"],
        }
        for row, notes in rows.order_by("pk").values_list("row", "notes")
        for note in notes or []
        if note["level"] == level
    ]


def lines(found: dict[str, Any]) -> list[str]:
    """For people at a terminal."""
    if found["refused"]:
        return [f"没有读成：{found['refused']}"]
    counts = "，".join(f"{name} {found[name]}" for name in (*COUNTED, "written"))
    wrong = [f"第 {e['row']} 行 {e['column']}：{e['message']}" for e in found["errors"]]
    return [counts, *wrong]
