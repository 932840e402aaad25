"""A report as a workbook: the form itself (sections A, C, D, E) and the people (section B) on a sheet of their own."""

from checkin.statistics.papers.look import LINE_HEIGHT, ROW_HEIGHT, TITLE_HEIGHT

from .facts import FIGURES, IDENTITY, Paper
from .sheets import Cells, Layout, workbook

FORM, PEOPLE = "反馈单", "人员明细"
FORM_WIDTHS = (34.0, *[13.0] * 7)
WIDTHS = {"name": 14.0, "sex": 7.0, "age": 7.0, "other": 34.0, "state": 14.0, "since": 14.0, "care": 30.0}
WIDTH = 11.0  # of a column that a section adds
FIRST_PAGE = 16  # rows of section A that fit the first page
LETTERS = 26  # Chinese characters that fit a line of the words of a matter


def file_name(paper: Paper) -> str:
    return f"双向反馈单_{paper.report.number}_{paper.content['organisation']['name']}.xlsx"


def make(paper: Paper) -> bytes:
    """The xlsx; same report, same bytes."""
    widths = (6.0, *(WIDTHS.get(key, WIDTH) for key, _ in paper.heads))
    layouts = (Layout(FORM, FORM_WIDTHS, _heads(paper)), Layout(PEOPLE, widths, (1, 3)))
    return workbook(
        layouts,
        [_form(paper), _people(paper)],
        title=f"{paper.title} {paper.report.number}",
        number=paper.report.number,
        check=paper.check_sum,
    )


def _heads(paper: Paper) -> tuple[int, int] | None:
    """The row of heads of section A, to stand above its rows on the next pages, if it has more than fit the first."""
    row = 6 if paper.corrected else 5
    return (row, row) if len(paper.movement) > FIRST_PAGE else None


def _form(paper: Paper) -> Cells:
    cells = Cells()
    name = paper.content["organisation"]["name"]
    cells.add(TITLE_HEIGHT, ("title", paper.title, 8))
    cells.add(LINE_HEIGHT, ("line_left", f"编号：{paper.report.number}", 3), ("line_centre", paper.month.words, 2),
              ("line_right", paper.state, 3))  # fmt: skip
    due = f"请于{paper.due}前答复" if paper.due else ""
    cells.add(LINE_HEIGHT, ("line_left", f"{name}：", 5), ("line_right", due, 3))
    if paper.corrected:
        cells.add(_height(paper.corrected, 60), ("note", paper.corrected, 8))
    cells.add(LINE_HEIGHT, ("line_left", "一、人员变动（人）", 8))
    cells.add(ROW_HEIGHT, ("head", paper.other, 1), *(("head", title, 1) for title in FIGURES.values()))
    for number, (other, figures) in enumerate(paper.movement):
        look = ("total_name", "total_number") if number == 0 else ("name", "number")
        cells.add(ROW_HEIGHT, (look[0], other, 1), *((look[1], figure, 1) for figure in figures))
    cells.add(LINE_HEIGHT, ("note", f"{IDENTITY}。{paper.hidden}", 8))
    cells.add(LINE_HEIGHT, ("line_left", f"二、人员情况：共 {len(paper.people)} 人，见“{PEOPLE}”表。", 8))
    _matters(paper, cells)
    cells.add(LINE_HEIGHT, ("line_left", "四、签字", 8))
    cells.add(
        LINE_HEIGHT + 6,
        ("line_left", "经办人：", 2),
        ("line_left", "负责人：", 3),
        ("line_left", "日期：", 3),
    )
    cells.add(LINE_HEIGHT, ("line_left", "五、答复（由收件方填写）", 8))
    cells.add(ROW_HEIGHT, ("middle", "□ 已收到　　□ 无意见　　□ 有意见（写在下面）", 8))
    cells.add(3 * ROW_HEIGHT, ("words", "", 8))
    cells.add(
        LINE_HEIGHT + 6,
        ("line_left", "经办人：", 2),
        ("line_left", "负责人（盖章）：", 3),
        ("line_left", "日期：", 3),
    )
    return cells


def _matters(paper: Paper, cells: Cells) -> None:
    cells.add(LINE_HEIGHT, ("line_left", "三、需要答复的事项", 8))
    if not paper.matters:
        cells.add(ROW_HEIGHT, ("words", "没有需要答复的事项。", 8))
        return
    cells.add(ROW_HEIGHT, ("head", "姓名与事项", 1), ("head", "说明", 4), ("head", "答复", 3))
    for matter in paper.matters:
        head = f"{matter.position}. {matter.name} {matter.title}"
        cells.add(
            _height(matter.words, LETTERS), ("words", head, 1), ("words", matter.words, 4), ("words", "", 3)
        )


def _people(paper: Paper) -> Cells:
    cells = Cells()
    span = len(paper.heads) + 1
    cells.add(TITLE_HEIGHT, ("title", "二、人员情况", span))
    line = (
        f"{paper.content['organisation']['name']}　{paper.month.words}　{paper.report.number}　{paper.hidden}"
    )
    cells.add(LINE_HEIGHT, ("line_left", line, span))
    cells.add(ROW_HEIGHT, ("head", "序号", 1), *(("head", head, 1) for _, head in paper.heads))
    looks = ["name" if key in ("name", "other", "care") else "middle" for key, _ in paper.heads]
    for number, values in enumerate(paper.people, 1):
        cells.add(
            ROW_HEIGHT,
            ("middle", number, 1),
            *((look, value, 1) for look, value in zip(looks, values, strict=True)),
        )
    if not paper.people:
        cells.add(ROW_HEIGHT, ("words", "没有要列出的人。", span))
    return cells


def _height(text: str, letters: int) -> float:
    return ROW_HEIGHT + 16 * ((len(text) - 1) // letters)
