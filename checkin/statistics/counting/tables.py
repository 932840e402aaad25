"""Tables of a month.

Figures come from one grouped query over the facts (or from the frozen totals of a closed month) by the places
a row counts at; the rows of streets, districts and the city are the communities' added up here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from checkin.statistics import catalogue, dimensions, facts, registry
from checkin.statistics.catalogue import At
from checkin.statistics.models import MonthlyStatement, MonthlyTotal
from checkin.statistics.months import Month, require_begun
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken

from .asking import Where, ask
from .reach import relation_for

LENGTHS = {"city": 4, "district": 6, "street": 9, "community": 12}
LEVELS = tuple(LENGTHS)
UNKNOWN = {"district": "未定区市", "street": "未定街道", "community": "未定社区"}
CUTS = ("unit", *dimensions.DIMENSIONS)
type Figures = dict[str, int]


@dataclass(frozen=True)
class Row:
    """One line: an area (`code` is its prefix), a unit (its id) or a value of a dimension.

    `figures` by key of a measure, sum or registered column, without what is not counted here; `opens`: there is a
    level below.
    `is_unknown`: people of the area whose part of it is not known.
    """

    code: str
    name: str
    figures: Figures
    opens: bool = False
    is_unknown: bool = False

    def value(self, key: str) -> float | None:
        """The figure `key`; a ratio in per cent or days. None when it would be divided by nothing, and of a
        registered column that is not counted here (in a cut, or closed before there was the column)."""
        ratio = catalogue.ratio(key)
        if ratio is None:
            return self.figures.get(key) if key in registry.columns else self.figures[key]
        by = self.figures[ratio.by]
        return None if not by else self.figures[ratio.of] / by * (100 if ratio.is_share else 1)


@dataclass(frozen=True)
class Table:
    """A statement of `area`: its rows and their sum. `statement` is the city's, None before anybody touched it."""

    month: Month
    area: str
    area_name: str
    level: str
    cut: str
    keys: tuple[str, ...]
    rows: list[Row]
    total: Row
    statement: MonthlyStatement | None

    @property
    def is_closed(self) -> bool:
        return self.statement is not None and self.statement.is_closed


def table(
    month: Month,
    area: str,
    level: str | None = None,
    measures: Sequence[str] = catalogue.M1,
    cut: str | None = None,
    *,
    unit_ids: Collection[int] | None = None,
    filters: Mapping[str, str] | None = None,
) -> Table:
    """The parts of `area` (code prefix) at `level` (the next one below if left out), or `cut` by unit or dimension.

    `unit_ids`: only people of these units; `filters`: values of dimensions. Uncut and unfiltered, a closed month
    is read from its totals. Raises RuleBroken (month in the future, unknown measure, level, cut or filter).
    """
    require_begun(month)
    keys = _known(measures)
    area_length = _area_length(area)
    level = level or next((name for name in LEVELS if LENGTHS[name] > area_length), "community")
    if level not in LENGTHS or LENGTHS[level] < area_length:
        raise RuleBroken("这个地区没有这一级，请另选。", code="unknown_level")
    statement = facts.statement_of(month)
    where = Where(area, tuple(unit_ids) if unit_ids is not None else None, dict(filters or {}))
    missing = _not_counted(keys, where, cut, statement)
    counted = [key for key in keys if key not in missing]
    if cut:
        rows = _cut_rows(month, where, cut, counted, statement)
    else:
        places = by_place(month, statement, where, _parts_of(counted))
        rows = _area_rows(places, area, level, month, counted, statement)
    name = _names(statement, [area]).get(area, area)
    total = Row(area, name, _added((row.figures for row in rows), counted))
    return Table(month, area, name, level, cut or "", keys, rows, total, statement)


def _not_counted(
    keys: Sequence[str], where: Where, cut: str | None, statement: MonthlyStatement | None
) -> set[str]:
    """Registered columns that cannot be counted here: nobody knows them by unit or dimension, and a closing keeps
    only those there were."""
    registered = {key for key in keys if key in registry.columns}
    if not registered or cut or where.is_narrowed:
        return registered
    if statement is None or not statement.is_closed:
        return set()
    totals = MonthlyTotal.objects.filter(month=statement.month, closing=statement.closing)
    return registered - set(totals.values_list("extra", flat=True).first() or ())


# Figures by place -------------------------------------------------------------------------------------------------


def by_place(
    month: Month, statement: MonthlyStatement | None, where: Where, keys: Sequence[str] = catalogue.COUNTED
) -> dict[str, Figures]:
    """The counted figures `keys` of each place in the area. Frozen totals where they answer it, else one query."""
    if statement is not None and statement.is_closed and not where.is_narrowed:
        return _from_totals(statement, where.area, keys)
    counted = [key for key in keys if key not in registry.columns]
    found = count_places(relation_for(month, where), where, counted)
    if not where.is_narrowed:
        for key in registry.columns.keys() & set(keys):
            for place, figure in registry.count(key, month).items():
                if place.startswith(where.area):
                    found.setdefault(place, dict.fromkeys(keys, 0))[key] = figure
    return found


def count_places(
    relation: facts.Relation, where: Where, keys: Sequence[str] = catalogue.COUNTED
) -> dict[str, Figures]:
    """One pass over the facts, grouped by the three places a row may count at."""
    return count_with_whole(relation, where, keys)[0]


def count_with_whole(
    relation: facts.Relation, where: Where, keys: Sequence[str] = catalogue.COUNTED
) -> tuple[dict[str, Figures], Figures]:
    """The figures of each place in the area, and of everybody, whatever their place: of the same pass."""
    condition, params = where.sql()
    sql = (
        f"SELECT place, from_place, asked_place, {', '.join(aggregates(keys))} FROM ({relation.sql}) AS f"  # noqa: S608
        f" WHERE {condition} GROUP BY place, from_place, asked_place"
    )
    counted_at = [
        [(key, number + 3) for number, key in enumerate(keys) if catalogue.measure(key).at == at]
        for at in (At.PLACE, At.FROM, At.ASKED)
    ]
    found: dict[str, Figures] = {}
    whole = dict.fromkeys(keys, 0)
    for row in ask(relation, sql, params):
        for code, wanted in zip(row, counted_at, strict=False):
            figures = [(key, row[number]) for key, number in wanted if row[number]]
            for key, figure in figures:
                whole[key] += figure
            if figures and code is not None and code.startswith(where.area):
                into = found.get(code) or found.setdefault(code, dict.fromkeys(keys, 0))
                for key, figure in figures:
                    into[key] += figure
    return found, whole


def aggregates(keys: Sequence[str] = catalogue.COUNTED, extra: str = "") -> list[str]:
    """SQL of the counted figures `keys`; `extra`: a further condition with {at}."""
    found = ["NULL"] if not keys else []
    for key in keys:
        measure = catalogue.measure(key)
        condition = measure.condition + (extra.format(at=measure.at) if extra else "")
        total = catalogue.SUM_BY_KEY.get(key)
        if total is None:
            found.append(f"count(*) FILTER (WHERE {condition})")
        else:
            found.append(f"coalesce(sum({total.column}) FILTER (WHERE {condition}), 0)")
    return found


def _from_totals(statement: MonthlyStatement, area: str, keys: Sequence[str]) -> dict[str, Figures]:
    rows = MonthlyTotal.objects.filter(
        month=statement.month, closing=statement.closing, place__startswith=area
    ).values_list("place", "values", "extra")
    known = {key: number for number, key in enumerate(statement.keys)}
    wanted = [(key, known.get(key)) for key in keys]
    return {
        place: {key: extra.get(key, 0) if at is None else values[at] for key, at in wanted}
        for place, values, extra in rows
    }


# Rows -------------------------------------------------------------------------------------------------------------


def _area_rows(
    places: dict[str, Figures],
    area: str,
    level: str,
    month: Month,
    keys: Sequence[str],
    statement: MonthlyStatement | None,
) -> list[Row]:
    length = LENGTHS[level]
    parts: dict[str, list[Figures]] = {}
    for code, figures in places.items():
        parts.setdefault(code[:length], []).append(figures)
    names = _names_below(area, level, month, statement, parts)
    rows = [
        Row(
            code,
            names.get(code) or _unknown_name(code, area, level, names),
            _added(parts.get(code, ()), keys),
            length < LENGTHS["community"] and code in names,
            code not in names,
        )
        for code in sorted({*names, *parts})
    ]
    nothing = _added((), keys)
    return [row for row in rows if level != "community" or len(area) == 9 or row.figures != nothing]


def _unknown_name(code: str, area: str, level: str, names: Mapping[str, str]) -> str:
    """未定社区, of its street or district where the area is larger than that."""
    known = code.rstrip("0")
    for length in (9, 6, 4):
        prefix = code[:length]
        if len(area) < length < len(code) and prefix in names and code.startswith(prefix) and known:
            return f"{names[prefix]}{UNKNOWN.get(level, '')}"
    return UNKNOWN.get(level, code)


def _names_below(
    area: str, level: str, month: Month, statement: MonthlyStatement | None, counted: Iterable[str]
) -> dict[str, str]:
    """The parts of the area with their names: as the closing kept them, else those of today.

    Closed places are left out, unless they were open then or somebody counts there.
    """
    length = LENGTHS[level]
    if statement is not None and statement.is_closed:
        kept = statement.names.items()
        return {code: name for code, name in kept if len(code) == length and code.startswith(area)}
    parts = Division.objects.within(area).filter(
        Q(closed_on=None)
        | Q(closed_on__gt=month.as_of)
        | Q(code__in=[code.ljust(12, "0") for code in counted]),
        level=level,
        is_virtual=False,
    )
    return {code[:length]: name for code, name in parts.values_list("code", "short_name")}


def _names(statement: MonthlyStatement | None, areas: Collection[str]) -> dict[str, str]:
    if statement is not None and statement.is_closed:
        return {area: statement.names.get(area, area) for area in areas}
    rows = Division.objects.filter(code__in=[area.ljust(12, "0") for area in areas])
    known = dict(rows.values_list("code", "name"))
    return {area: known.get(area.ljust(12, "0"), area) for area in areas}


def _added(figures: Iterable[Figures], keys: Sequence[str]) -> Figures:
    wanted = _parts_of(keys)
    total = dict.fromkeys(wanted, 0)
    for each in figures:
        for key in wanted:
            total[key] += each.get(key, 0)
    return total


def _parts_of(keys: Sequence[str]) -> list[str]:
    """The counted keys that the wanted ones need: a ratio its two parts."""
    found: dict[str, None] = {}
    for key in keys:
        ratio = catalogue.ratio(key)
        found |= dict.fromkeys((ratio.of, ratio.by) if ratio else (key,))
    return list(found)


def _known(keys: Sequence[str]) -> tuple[str, ...]:
    if unknown := [key for key in keys if not catalogue.is_known(key)]:
        raise RuleBroken(f"没有这个统计项：{'、'.join(unknown)}。请从报表里选。", code="unknown_measure")
    return tuple(keys)


def _area_length(area: str) -> int:
    if len(area) not in LENGTHS.values() or not area.isdecimal():
        raise RuleBroken("没有这个地区，请从报表里点地区。", code="unknown_area")
    return len(area)


# Cuts -------------------------------------------------------------------------------------------------------------


def _cut_rows(
    month: Month, where: Where, cut: str, keys: Sequence[str], statement: MonthlyStatement | None
) -> list[Row]:
    if cut not in CUTS:
        raise RuleBroken("不能按这一项分列，请另选。", code="unknown_cut")
    sql = "unit_id" if cut == "unit" else dimensions.DIMENSIONS[cut].sql
    relation = relation_for(month, where)
    condition, params = where.sql()
    wanted = [key for key in _parts_of(keys) if key not in registry.columns]
    inside = " AND {at} LIKE %(within)s"
    counting = (
        f"SELECT {sql} AS part, {', '.join(aggregates(wanted, inside))} FROM ({relation.sql}) AS f"  # noqa: S608
        f" WHERE {condition} AND (place LIKE %(within)s OR from_place LIKE %(within)s OR asked_place LIKE %(within)s)"
        " GROUP BY 1"
    )
    params |= {"within": where.area + "%"}
    counted = {row[0]: dict(zip(wanted, row[1:], strict=False)) for row in ask(relation, counting, params)}
    if cut == "unit":
        named: dict[Any, str] = dict(_unit_names(counted, statement))
    else:
        named = dict(dimensions.DIMENSIONS[cut].choices())
    return [
        Row(str(value) if value is not None else "", name, _added([counted.get(value, {})], keys))
        for value, name in named.items()
        if value in counted or cut != "unit"
    ]


def _unit_names(units: Collection[int | None], statement: MonthlyStatement | None) -> dict[int | None, str]:
    """Units in the order of their names; people of no unit last."""
    rows = Organisation.objects.filter(pk__in=[unit for unit in units if unit is not None])
    found = dict(rows.values_list("pk", "name"))
    if statement is not None and statement.is_closed:
        found = {pk: statement.names.get(f"u{pk}", name) for pk, name in found.items()}
    ordered: dict[int | None, str] = dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))
    return {**ordered, **({None: "没有现管单位"} if None in units else {})}
