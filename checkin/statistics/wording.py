"""Figures and the state of a month in words, as every screen of the statistics says them."""

from dataclasses import dataclass

from django.utils import timezone

from huifeng.display import words

from . import catalogue
from .models import MonthlyStatement
from .months import Month

NO_BASIS = "—"  # a ratio that would be divided by nothing


@dataclass(frozen=True)
class StateOfMonth:
    """Whether the figures are final (`text`), what must be said of them for good (`mark`), and how far those of a
    past month that was never closed are those of then (`note`)."""

    is_closed: bool
    text: str
    mark: str = ""
    note: str = ""


# Check-ins, deaths and memberships have a history, the fields of the person have none.
OF_TODAY = (
    "报到、去世和单位按当时的记录算；离退休类型、性别、职级、党员、单位性质和"
    "没有报到的人的居住地只有现在的登记，按现在的算。"
)


def note_of(statement: MonthlyStatement | None, month: Month) -> str:
    """What a reader of a past month that is not closed must know; "" for any other."""
    is_closed = statement is not None and statement.is_closed
    return f"{month.words}没有封存：{OF_TODAY}" if month.is_over and not is_closed else ""


def state_of(statement: MonthlyStatement | None, month: Month) -> StateOfMonth:
    note = note_of(statement, month)
    if statement is None:
        return StateOfMonth(False, "未封存，数字会变", note=note)
    mark = ""
    if statement.reopened_at is not None:
        mark = f"数据曾于{words.day(statement.reopened_at)}由{statement.reopened_by}重开，原因：{statement.reason}"
    if statement.is_closed and statement.closed_at is not None:
        return StateOfMonth(True, f"已封存，{words.day(statement.closed_at)}，{statement.closed_by}", mark)
    return StateOfMonth(False, "未封存，数字会变", mark, note)


def data_time(statement: MonthlyStatement | None) -> str:
    """As of when the figures are: the closing, or now."""
    if statement is not None and statement.is_closed and statement.closed_at is not None:
        return words.stamp(statement.closed_at)
    return words.stamp(timezone.now())


def figure(key: str, value: float | None) -> str:
    """A figure as printed: 1,263 · 87.6% · 3.2 天 · —."""
    ratio = catalogue.ratio(key)
    if value is None:
        return NO_BASIS
    if ratio is None:
        return f"{value:,}"
    return f"{value:.1f}%" if ratio.is_share else f"{value:.1f} 天"


def change(key: str, value: float | None) -> str:
    """A difference with its sign: +14 · −3 · 持平; of a per cent in points."""
    if value is None:
        return NO_BASIS
    ratio = catalogue.ratio(key)
    size = f"{abs(value):.1f}" if ratio else f"{abs(value):,}"
    if float(size.replace(",", "")) == 0:
        return "持平"
    return f"{'+' if value > 0 else '−'}{size}"
