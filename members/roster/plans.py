"""A plan as pages show it: by kind, in words, a page at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from communities.divisions.models import Division
from huifeng.codes import labels
from huifeng.display import slices, words
from members.people import fields
from members.people.models import Retiree
from members.people.partial_dates import in_words

from . import register
from .models import ImportBatch, ImportRow
from .notes import Level

PAGE = 50
Verdict = ImportRow.Verdict
KEPT, MISSING, WARNED, TRANSFERS = "kept", "missing", "warnings", "transfers"
TITLES = {
    KEPT: "没有撤销",
    Verdict.REJECTED: "要修改",
    Verdict.DUPLICATE: "文件里重复",
    WARNED: "请看一眼",
    Verdict.CHANGED: "变更",
    Verdict.NEW: "新增",
    MISSING: "名册里有、文件里没有",
    TRANSFERS: "在别的单位",
    Verdict.UNCHANGED: "没有变化",
}
EXPLAINED = {
    KEPT: "导入以后又有变动，撤销时没有动。请逐人核对。",
    Verdict.REJECTED: "这些行不写入。可以下载错误表，改好后单独上传。",
    Verdict.DUPLICATE: "同一位老同志在文件里出现了不止一次，只读第一次。",
    WARNED: "这些行照样写入，其中有一格没有读，或需要核对。",
    Verdict.CHANGED: "箭头左边是名册原来的内容，右边是文件里的内容。",
    Verdict.NEW: "名册里原来没有的老同志。",
    MISSING: "导入不会删除任何人。如已去世或调出，请在人员页办理。",
    TRANSFERS: "现由别的单位管理。导入后向该单位提出转入，同意后才转过来。",
    Verdict.UNCHANGED: "和名册一样，不用改。",
}


@dataclass(frozen=True)
class Kind:
    """One kind of row with how many there are."""

    key: str
    title: str
    count: int
    explained: str


@dataclass(frozen=True)
class Line:
    """A row in words: where it stands, who, what changes (title, old, new), and what is said about it."""

    row: ImportRow
    changes: list[tuple[str, str, str]]
    errors: list[str]
    warnings: list[str]
    remarks: list[str]


def kinds(batch: ImportBatch) -> list[Kind]:
    """The kinds that occur, what needs looking at first; none when the rows are forgotten."""
    if not batch.rows.exists():
        return []
    counts = {**batch.counts, KEPT: batch.report.get("undone", {}).get("kept", 0)}
    found = [Kind(key, title, int(counts.get(key, 0)), EXPLAINED[key]) for key, title in TITLES.items()]
    return [kind for kind in found if kind.count]


def wanted(there: list[Kind], key: str) -> Kind | None:
    """The kind asked for, else the first there is."""
    return next((kind for kind in there if kind.key == key), there[0] if there else None)


def page_of(batch: ImportBatch, kind: Kind, asked: QueryDict) -> slices.Slice[Any]:
    """50 rows of one kind: of people who are missing their memberships, else lines."""
    if kind.key == MISSING:
        people = register.missing_from(batch.pk, batch.report.get("units", [])).select_related(
            "retiree", "unit"
        )
        return slices.cut(people, ("retiree_id",), asked, size=PAGE)
    part = slices.cut(_rows(batch, kind.key), ("pk",), asked, size=PAGE)
    return slices.Slice(list(_lines(part.rows)), part.previous_url, part.next_url, part.words)


def _rows(batch: ImportBatch, key: str) -> QuerySet[ImportRow]:
    rows = batch.rows.defer("id_number", "emergency_phone")
    if key == WARNED:
        return rows.filter(has_warning=True)
    if key == KEPT:
        return rows.filter(verdict__in=ImportRow.WRITTEN, person__in=batch.report["kept"])
    if key == TRANSFERS:
        return rows.exclude(other_unit_id=None)
    return rows.filter(verdict=key)


def _lines(rows: list[ImportRow]) -> Iterator[Line]:
    codes = {
        code for row in rows for code in (row.residence_id, (row.before or {}).get("residence_id")) if code
    }
    places = {code: str(place) for code, place in Division.objects.in_bulk(codes).items()}
    for row in rows:
        said = {
            level: [note["message"] for note in row.notes or [] if note["level"] == level] for level in Level
        }
        yield Line(
            row, list(_changes(row, places)), said[Level.ERROR], said[Level.WARNING], said[Level.REMARK]
        )


def _changes(row: ImportRow, places: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(title, old, new) of each field that changes; numbers are masked."""
    if row.verdict != Verdict.CHANGED:
        return
    for name in row.fields:
        title = fields.title(name.removesuffix("_id"))
        old, new = (row.before or {}).get(name), getattr(row, name)
        if name == "phone":
            yield title, "（原号码）", words.mask_phone(new)
        elif name in register.SEALED:
            yield title, "（原号码）", "（新号码）"
        elif name == "residence_id":
            yield title, places.get(old or "", "（空）"), places.get(new or "", "（空）")
        else:
            yield title, in_people_words(name, old), in_people_words(name, new)


def in_people_words(name: str, value: Any) -> str:
    """A value of the register as people read it."""
    if value in (None, "", []):
        return "（空）"
    if isinstance(value, list):
        return "、".join(labels.label(fields.CODE_LISTS[name], code) for code in value)
    if name in fields.CODE_LISTS:
        return labels.label(fields.CODE_LISTS[name], value)
    if name in register.PARTIAL:
        return in_words(str(value))
    choices = dict(getattr(Retiree._meta.get_field(name), "flatchoices", ()) or ())
    return str(choices.get(value, value))
