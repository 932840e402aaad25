"""Whether a month is closed, in words, on every paper."""

from django.utils import timezone

from checkin.statistics.counting import Table
from checkin.statistics.wording import note_of


def notes_of(table: Table) -> list[str]:
    """What stands under a table: whether it is final, and how far the figures are those of then."""
    return [f"数据状态：{state_words(table)}", *filter(None, [note_of(table.statement, table.month)])]


def state_words(table: Table) -> str:
    """已封存 or 未封存, and for good that the month was reopened."""
    statement = table.statement
    if statement is None or statement.closed_at is None or not table.is_closed:
        words = f"未封存，数字会变（{timezone.localtime():%Y-%m-%d %H:%M}制表）"
    else:
        words = f"已封存（{timezone.localtime(statement.closed_at):%Y-%m-%d}，{statement.closed_by}）"
    if statement is not None and statement.reopened_at is not None:
        day = timezone.localtime(statement.reopened_at)
        words += f"；数据曾于{day:%Y-%m-%d}由{statement.reopened_by}重开：{statement.reason}"
    return words
