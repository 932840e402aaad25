"""The quarter's 通报 as PDF: how the area stands, who ranks where, who is late, and what each figure means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from checkin.statistics import catalogue, ranking
from checkin.statistics.counting import Row, Table, table
from checkin.statistics.counting.tables import LENGTHS
from checkin.statistics.facts import statement_of
from checkin.statistics.ranking import Line, Quarter
from checkin.statistics.wording import OF_TODAY, note_of
from communities.organisations.models import Organisation
from huifeng.display import words
from huifeng.typesetting import typeset

from .states import state_words

TEMPLATE = Path(__file__).parent / "bulletin.typ"
FLOWS = (
    "new",
    "new_online",
    "new_counter",
    "new_family",
    "new_ceremony",
    "on_time",
    "confirm_days",
    "deaths",
)
STOCKS = ("total", "lixiu", "tuixiu", "expected", "checked_in", "not_checked_in", "pending", "overdue")
BY_WORDS = {"district": "区市", "street": "街道", "unit": "现管单位"}
MOST_LINES = 60  # of a ranking; a paper is read, the page on screen holds all


@dataclass(frozen=True)
class Standing:
    """The figures of a quarter: stocks of its last month, flows of all its months added up."""

    tables: Sequence[Table]
    figures: Mapping[str, int]

    @property
    def table(self) -> Table:
        """The last month's."""
        return self.tables[-1]

    def share(self, of: str, by: str) -> float | None:
        return self.figures[of] / self.figures[by] * 100 if self.figures[by] else None


def title(quarter: Quarter) -> str:
    return f"关于{quarter.words}离退休干部居住地联系报到情况的通报"


def file_name(quarter: Quarter, area_name: str) -> str:
    return f"离退休干部居住地报到情况通报_{quarter.words}_{area_name}.pdf"


def make(quarter: Quarter, area: str) -> bytes:
    """PDF of the quarter; one that still runs says until when it counts. Raises RuleBroken as ranking()."""
    return typeset_facts(facts_of(quarter, area))


def typeset_facts(facts: dict[str, Any]) -> bytes:
    return typeset(TEMPLATE, facts)


def facts_of(quarter: Quarter, area: str) -> dict[str, Any]:
    """What the paper says, in words, as the template reads it."""
    by = next((level for level in ("district", "street") if LENGTHS[level] > len(area)), "unit")
    rankings = [(key, ranking.ranking(quarter, area, by, key)) for key in ranking.RANKED]
    now, before = standing_of(quarter, area), standing_of(quarter.previous, area)
    return {
        "title": title(quarter),
        "area": now.table.area_name,
        "by": BY_WORDS[by],
        "period": f"{quarter.words}（截至{words.day(now.table.month.as_of)}）",
        "summary": summary(now, before),
        "rankings": [_table_of(key, lines) for key, lines in rankings],
        "late": [
            [row.name, f"{row.figures['pending']:,}", f"{row.figures['overdue']:,}"]
            for row in _late(now.table)
        ],
        "definitions": [
            [catalogue.title(key), catalogue.sentence(key)]
            for key in (
                "total",
                "expected",
                "checked_in",
                *ranking.RANKED,
                "average_days",
                "pending",
                "overdue",
            )
        ],
        "states": [
            f"{month.words}：{state_words(table(month, area, measures=('total',)))}"
            for month in quarter.months
        ],
        "note": _note(quarter),
        "signed": _signed(area, now.table.area_name),
        "day": words.day(timezone.localdate()),
    }


def _note(quarter: Quarter) -> str:
    """How far the figures of months that are over and not closed are those of then; "" where there are none."""
    said = any(note_of(statement_of(month), month) for month in quarter.months)
    return f"没有封存的月份：{OF_TODAY}" if said else ""


def standing_of(quarter: Quarter, area: str) -> Standing:
    """Counts each month of the quarter that has begun, once."""
    tables = [table(month, area, measures=(*STOCKS, *FLOWS)) for month in quarter.months]
    last = tables[-1]
    figures = {key: last.total.figures[key] for key in STOCKS}
    figures |= {key: sum(each.total.figures[key] for each in tables) for key in FLOWS}
    return Standing(tables, figures)


def summary(now: Standing, before: Standing) -> list[str]:
    """The quarter in three sentences."""
    figures = now.figures
    rate, old = now.share("checked_in", "expected"), before.share("checked_in", "expected")
    stock = (
        f"截至{words.day(now.table.month.as_of)}，{now.table.area_name}有离退休干部{figures['total']:,}人"
        f"（离休{figures['lixiu']:,}人，退休{figures['tuixiu']:,}人），应报到{figures['expected']:,}人，"
        f"累计已报到{figures['checked_in']:,}人，未报到{figures['not_checked_in']:,}人，报到率{_per_cent(rate)}"
        f"{_compared(rate, old)}。"
    )
    if figures["new"]:
        days = figures["confirm_days"] / figures["new"]
        news = (
            f"本季度新增报到{figures['new']:,}人，其中线上{figures['new_online']:,}人，"
            f"线下{figures['new_counter']:,}人，代办{figures['new_family']:,}人，"
            f"荣退即报到{figures['new_ceremony']:,}人。社区按时确认{figures['on_time']:,}人，"
            f"确认及时率{_per_cent(now.share('on_time', 'new'))}"
            f"{_compared(now.share('on_time', 'new'), before.share('on_time', 'new'))}，平均确认{days:.1f}天。"
        )
    else:
        news = "本季度没有新增报到。"
    work = f"目前待确认{figures['pending']:,}人，其中超期未确认{figures['overdue']:,}人。"
    return [stock, news, work]


def _per_cent(value: float | None) -> str:
    return "（没有基数）" if value is None else f"{value:.1f}%"


def _compared(value: float | None, old: float | None) -> str:
    """In points, of the values as they are printed elsewhere: one digit."""
    if value is None or old is None:
        return ""
    change = round(value - old, 1)
    if not change:
        return "，与上季度持平"
    return f"，比上季度{'提高' if change > 0 else '下降'}{abs(change):.1f}个百分点"


def _table_of(key: str, lines: Sequence[Line]) -> dict[str, Any]:
    ratio = catalogue.ratio(key)
    assert ratio is not None, "what is ranked is a ratio"
    rows = []
    for line in lines[:MOST_LINES]:
        place = line.places[key]
        rank = "—" if place.rank is None else str(place.rank) + ("（并列）" if place.shared else "")
        change = "—" if place.change is None else _signed_points(place.change)
        value = "没有基数" if place.value is None else f"{place.value:.1f}%"
        rows.append([rank, line.name, value, f"{place.of:,}", f"{place.by:,}", change])
    of, by = (catalogue.title(each).replace("本月", "本季") for each in (ratio.of, ratio.by))
    heads = ["名次", "", ratio.title, of, by, "比上季"]
    left_out = max(0, len(lines) - MOST_LINES)
    return {"title": ratio.title, "heads": heads, "rows": rows, "left_out": left_out}


def _signed_points(change: float) -> str:
    return f"{change:+.1f}".replace("-", "−") if round(change, 1) else "持平"


def _late(found: Table) -> list[Row]:
    """Who has overdue check-ins, the most first."""
    late = [row for row in found.rows if row.figures["overdue"]]
    return sorted(late, key=lambda row: -row.figures["overdue"])


def _signed(area: str, name: str) -> str:
    """Who issues it: the bureau or street of the area."""
    offices = Organisation.objects.filter(
        division_id=area.ljust(12, "0"),
        kind__in=(Organisation.Kind.BUREAU, Organisation.Kind.STREET),
        closed_on=None,
    )
    office = offices.order_by("pk").first()
    return office.name if office is not None else name
