"""What must hold between figures. A month whose identities do not hold is not closed without an explanation."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from checkin.statistics import catalogue, facts
from checkin.statistics.months import Month, require_begun

from .asking import Where, run
from .tables import LENGTHS, Figures, aggregates, by_place, count_with_whole

FLOW_WORDS = "期末 = 期初 + 新报到 + 迁入 − 迁出 − 去世 − 撤销"
FLOW = (("opening", 1), ("new", 1), ("moved_in", 1), ("moved_out", -1), ("died_in", -1), ("withdrawn", -1))


@dataclass(frozen=True)
class Identity:
    """`left` = `right`, and `difference` = left − right of the whole area; `holds` also part by part.

    `where`: the code of the first part in which it does not hold.
    """

    key: str
    name: str
    holds: bool
    left: int
    right: int
    level: str = "city"
    where: str = ""

    @property
    def difference(self) -> int:
        return self.left - self.right

    def as_stored(self) -> dict[str, Any]:
        return asdict(self)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "difference": self.difference}


def identities(month: Month, area: str | None = None) -> list[Identity]:
    """Every identity of the month, for the city or one area of it; of a closed city month as its closing found them.

    One pass over the facts, or the frozen totals. That the levels add up to the whole is asked of the city only:
    people without a place in an area are in no area's sum.
    """
    require_begun(month)
    statement, city = facts.statement_of(month), facts.city_area()
    if statement is not None and statement.is_closed and area in (None, city):
        return [Identity(**check) for check in statement.checks]
    if area in (None, city):
        places, whole = count_with_whole(facts.relation_of(month), Where(city))
        return of_places(places, city, whole)
    return of_places(by_place(month, statement, Where(area)), area)


def of_places(places: Mapping[str, Figures], area: str, whole: Figures | None = None) -> list[Identity]:
    """The identities of figures by place; `whole`: everybody counted without places, to compare the levels with."""
    levels = {name: _level(places, length) for name, length in LENGTHS.items() if length >= len(area)}
    found = [
        _same(
            f"flow_{name}",
            f"期末 = 期初 + 新报到 + 迁入 − 迁出 − 去世 − 撤销（{LEVEL_WORDS[name]}）",
            name,
            parts,
            _flow,
        )
        for name, parts in levels.items()
    ]
    lowest = levels["community"]
    for key, words, whole_key, parts in SUMS_OF_PARTS:
        found.append(_same(key, words, "community", lowest, _parts_sum(whole_key, parts)))
    if whole is not None:
        found += [_levels(name, parts_of_level, whole) for name, parts_of_level in levels.items()]
    return found


LEVEL_WORDS = {"city": "全市", "district": "各区市", "street": "各街道", "community": "各社区"}
SUMS_OF_PARTS = (
    ("kinds", "离休 + 退休 + 类型不明 = 总数", "total", ("lixiu", "tuixiu", "kind_unknown")),
    ("sexes", "男 + 女 + 性别不明 = 总数", "total", ("male", "female", "sex_unknown")),
    ("channels", "线上 + 线下 + 代办 + 荣退 = 新增报到", "new",
     ("new_online", "new_counter", "new_family", "new_ceremony")),
    ("rate", "累计已报到 + 未报到 = 应报到", "expected", ("checked_in", "not_checked_in")),
    ("ages", "各年龄段 + 年龄不明 = 累计已报到", "checked_in",
     ("age_under_60", "age_60", "age_70", "age_80", "age_90", "age_unknown")),
    ("ranks", "各职级 + 职级不明 = 累计已报到", "checked_in",
     ("rank_ministry", "rank_bureau", "rank_county", "rank_section", "rank_unknown")),
    ("units", "市级 + 区级 + 企业 + 外地 + 不明 = 累计已报到", "checked_in",
     ("unit_city", "unit_district", "unit_enterprise", "from_outside", "unit_unknown")),
    ("pendings", "待核实 + 待确认 + 退回补充 = 待确认合计", "pending",
     ("pending_unit", "pending_community", "returned")),
)  # fmt: skip


def _level(places: Mapping[str, Figures], length: int) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for code, figures in places.items():
        into = found.setdefault(code[:length], dict.fromkeys(figures, 0))
        for key, figure in figures.items():
            into[key] = into.get(key, 0) + figure
    return found


def _flow(figures: Figures) -> tuple[int, int]:
    return figures["checked_in"], sum(sign * figures[key] for key, sign in FLOW)


def _parts_sum(whole: str, parts: Iterable[str]) -> Any:
    return lambda figures: (figures[whole], sum(figures[part] for part in parts))


def _same(key: str, name: str, level: str, parts: Mapping[str, Figures], sides: Any) -> Identity:
    pairs = {code: sides(figures) for code, figures in parts.items()}
    wrong = next((code for code, (left, right) in sorted(pairs.items()) if left != right), "")
    return Identity(
        key,
        name,
        not wrong,
        sum(left for left, _ in pairs.values()),
        sum(right for _, right in pairs.values()),
        level,
        wrong,
    )


def _levels(level: str, parts: Mapping[str, Figures], whole: Figures) -> Identity:
    """Every measure added up over a level is the whole's; the sides told are those of 总数."""
    wrong = next(
        (key for key in catalogue.COUNTED if sum(p[key] for p in parts.values()) != whole.get(key, 0)), ""
    )
    added = sum(figures["total"] for figures in parts.values())
    return Identity(
        f"level_{level}",
        f"{LEVEL_WORDS[level]}之和 = 全部",
        not wrong,
        added,
        whole.get("total", 0),
        level,
        wrong,
    )


def whole_of(relation: facts.Relation) -> Figures:
    """Every measure counted at once, without any place: the other side of the levels' identity."""
    sql = f"SELECT {', '.join(aggregates())} FROM ({relation.sql}) AS f"  # noqa: S608
    return dict(zip(catalogue.COUNTED, run(sql, relation.params)[0], strict=True))
