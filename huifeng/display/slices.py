"""Cutting a list into pages by key, never by offset: page 1,000 costs what page 1 costs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

PAGE = 20


@dataclass(frozen=True)
class Slice[Row]:
    """One page of a list, and the addresses of the pages before and after it ("" where there is none)."""

    rows: list[Row]
    previous_url: str = ""
    next_url: str = ""
    words: str = ""


def cut[M: Model](
    queryset: QuerySet[M], keys: tuple[str, ...], asked: QueryDict, *, size: int = PAGE
) -> Slice[M]:
    """The page of `queryset` that `asked` (after=, before=) wants, in the order of `keys`.

    `keys`: fields of the row, "-" in front for descending, the last one unique; dates and ids only, as they
    stand in the address. A key that is not understood gives the first page. The page's keys are found first
    and its rows then joined, so that the database reads no more of the list than the page.
    """
    backwards = "before" in asked
    at = _values(keys, asked.get("before" if backwards else "after", ""))
    order = tuple(_turned(key) for key in keys) if backwards else keys
    lean = (queryset.filter(_beyond(order, at)) if at else queryset).select_related(None).order_by(*order)
    found = _joined(queryset, list(lean.values_list("pk", flat=True)[: size + 1]))
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    first, last = (more, True) if backwards and at else (bool(at), more)
    return Slice(
        rows,
        _address(asked, "before", _key_of(rows[0], keys)) if rows and first else "",
        _address(asked, "after", _key_of(rows[-1], keys)) if rows and last else "",
    )


def _joined[M: Model](queryset: QuerySet[M], wanted: list[Any]) -> list[M]:
    """The rows with these keys in this order, with what `queryset` joins."""
    rows = {row.pk: row for row in queryset.filter(pk__in=wanted).order_by()} if wanted else {}
    return [rows[pk] for pk in wanted if pk in rows]


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(order: tuple[str, ...], at: list[Any]) -> Q:
    """Rows that come after `at` in `order`."""
    condition, same = Q(pk__in=[]), Q()
    for key, value in zip(order, at, strict=True):
        name, word = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        condition |= same & Q(**{f"{name}__{word}": value})
        same &= Q(**{name: value})
    name, word = (order[0][1:], "lte") if order[0].startswith("-") else (order[0], "gte")
    return Q(**{f"{name}__{word}": at[0]}) & condition  # the first key alone lets the index be used


def _values(keys: tuple[str, ...], text: str) -> list[Any]:
    try:
        values = [date.fromisoformat(part) if "-" in part else int(part) for part in text.split("~")]
    except ValueError:
        return []
    fitting = [
        isinstance(value, date) == key.endswith("_on") for key, value in zip(keys, values, strict=False)
    ]
    return values if len(values) == len(keys) and all(fitting) else []


def _key_of(row: Model, keys: tuple[str, ...]) -> str:
    return "~".join(str(getattr(row, key.removeprefix("-"))) for key in keys)


def _address(asked: QueryDict, name: str, value: str) -> str:
    rest = asked.copy()
    for old in ("after", "before", "org"):
        rest.pop(old, None)
    rest[name] = value
    return f"?{rest.urlencode()}"
