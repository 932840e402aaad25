"""The monthly statement as a plain workbook. The official paper takes the place of `workbook`."""

from io import BytesIO

from openpyxl import Workbook

from checkin.statistics import catalogue
from checkin.statistics.counting import Row, Table


def workbook(table: Table) -> bytes:
    """xlsx of a table: one line an area, the sum last. Says whether the month is closed and was ever reopened."""
    book = Workbook()
    sheet = book.active
    sheet.title = table.area_name[:31] or table.area
    sheet.append([f"离退休干部到居住地联系报到情况统计表（{table.area_name} {table.month.words}）"])
    sheet.append([state_words(table)])
    sheet.append(["代码", "名称", *(catalogue.title(key) for key in table.keys)])
    for row in [*table.rows, table.total]:
        sheet.append([row.code, "合计" if row is table.total else row.name, *_values(row, table.keys)])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def state_words(table: Table) -> str:
    """已封存 or 未封存, and for good that the month was reopened."""
    statement = table.statement
    if statement is None or statement.closed_at is None or not table.is_closed:
        words = "未封存，数字会变"
    else:
        words = f"已封存（{statement.closed_at:%Y-%m-%d}，{statement.closed_by}）"
    if statement is not None and statement.reopened_at is not None:
        words += (
            f"；数据曾于{statement.reopened_at:%Y-%m-%d}由{statement.reopened_by}重开：{statement.reason}"
        )
    return words


def _values(row: Row, keys: tuple[str, ...]) -> list[float | None]:
    values = [row.value(key) for key in keys]
    return [round(value, 1) if isinstance(value, float) else value for value in values]
