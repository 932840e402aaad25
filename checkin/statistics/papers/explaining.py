"""The last sheet: what each column means, whether the month is closed, and whether the figures agree."""

from checkin.statistics import catalogue, counting

from . import look, statement
from .books import Book
from .statement import Statement
from .states import state_words

NAME = "说明"
HEADS = ("栏号", "类别", "项目", "口径")
WIDTHS = (6, 14, 23, 84)
HEAD = 4


def write(book: Book, found: Statement) -> None:
    checks = counting.identities(found.month, found.area)
    wrong = [check.name for check in checks if not check.holds]
    words = (
        f"数据核对：{len(checks)} 项核对" + (f"，不符：{'；'.join(wrong)}" if wrong else "全部相符") + "。"
    )
    write_definitions(book, found.name, found.whole, words)


def write_definitions(book: Book, name: str, table: counting.Table, words: str) -> None:
    """Every figure of `table` with its sentence; `words` stand above."""
    sheet = book.sheet(NAME, WIDTHS)
    last = len(HEADS)
    book.span(sheet, (1, 1), (1, last), f"{statement.TITLE}说明", "title")
    book.span(sheet, (2, 2), (1, last), f"{name}　{table.month.words}　{state_words(table)}", "note")
    book.span(sheet, (3, 3), (1, last), words, "note")
    for number, head in enumerate(HEADS, 1):
        book.put(sheet, HEAD, number, head, "head")
    for number, key in enumerate(table.keys, 1):
        cells = (str(number), catalogue.group_of(key), catalogue.title(key), catalogue.sentence(key))
        for column, (value, style) in enumerate(
            zip(cells, ("middle", "name", "name", "words"), strict=True), 1
        ):
            book.put(sheet, HEAD + number, column, value, style, look.TEXT)
        sheet.row_dimensions[HEAD + number].height = (
            look.ROW_HEIGHT if len(cells[3]) < 46 else 2 * look.ROW_HEIGHT - 10
        )
    sheet.row_dimensions[1].height = look.TITLE_HEIGHT
    sheet.row_dimensions[2].height = sheet.row_dimensions[3].height = look.LINE_HEIGHT
    sheet.row_dimensions[HEAD].height = look.LINE_HEIGHT
    sheet.freeze_panes = f"A{HEAD + 1}"
    look.set_up(sheet, (HEAD, HEAD))
