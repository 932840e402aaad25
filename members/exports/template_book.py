"""The empty roster table (离退休干部名册模板): heads the import knows, drop-downs, one sample, how to fill it in."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from communities.divisions.models import Division
from huifeng.codes import labels
from members.people.models import Retiree

FILE_NAME = "离退休干部名册模板.xlsx"
SHEET, HOW, OPTIONS = "名册", "填表说明", "选项"
LAST_ROW = 5000  # drop-downs reach so far; longer rosters keep their text columns
STARRED = ("姓名", "身份证号", "离退休类别")
SAMPLE_NAME, SAMPLE_NOTE = "张示例", "示例，请删除"

# head: width in characters, sample, how to fill it in
COLUMNS: dict[str, tuple[float, str, str]] = {
    "序号": (6, "1", "从 1 起编，导入时不看这一列"),
    "姓名": (10, SAMPLE_NAME, "和身份证上一样，不加称呼和空格"),
    "性别": (6, "男", "从列表里选；不填就按身份证号"),
    "身份证号": (21, "", "18 位，最后一位可以是 X。先选文本格式再填，免得末尾变成 0"),
    "民族": (8, "汉族", "从列表里选"),
    "出生日期": (12, "1945-03-08", "例如 1945-03-08；不填就按身份证号"),
    "参加工作时间": (13, "1963-07", "例如 1963-07；只知道年份就写 1963"),
    "政治面貌": (12, "中共党员", "从列表里选"),
    "入党时间": (12, "1970-07-01", "例如 1970-07-01、1970-07 或 1970"),
    "原工作单位": (26, "青岛市第一研究所", "退休时所在单位的全称，单位后来改名的也写当时的名称"),
    "原职务": (14, "副所长", "退休时的职务"),
    "职级": (14, "正县（处）级", "从列表里选；一级调研员等写“正处级”也认"),
    "离退休类别": (11, "退休", "离休或退休。1949 年 9 月 30 日以前参加革命工作的是离休"),
    "离退休时间": (12, "2005-03", "例如 2005-03"),
    "手机号码": (14, "13900000000", "11 位。没有手机的写固定电话到备注"),
    "居住区市": (10, "市南区", "现在住在哪个区市，从列表里选；住在青岛以外的写省和市"),
    "街道": (14, "香港中路街道", "街道或镇的名称"),
    "社区": (14, "云霄路社区", "不清楚可以不填，本人报到时再选"),
    "详细地址": (30, "云霄路 1 号 1 号楼 101 户", "小区、楼号、单元、户号"),
    "健康状况": (11, "健康", "从列表里选"),
    "文化程度": (11, "大学本科", "从列表里选"),
    "职称": (12, "高级工程师", "最高的一个"),
    "专业特长": (18, "机械设计、书法", "用顿号分开"),
    "兴趣爱好": (18, "书法、太极拳", "用顿号分开"),
    "备注": (16, SAMPLE_NOTE, "单位自己看的，导入时不看这一列"),
}
HOW_TO = (
    "一人一行，接着第 2 行往下填。表头不要改名，不用的列可以留空，也可以删掉。",
    "红色、带 * 的是必填：姓名、身份证号、离退休类别。",
    "灰色的第 2 行是示例，导入时会跳过；填好后请把它删掉。",
    "身份证号、手机号码和各个日期这几列是文本格式，请不要改成数字。从别的表粘贴时选“只粘贴值”。",
    "一个单位一张表。导入前会先列出新增、变更和不在表里的人，核对以后再写入，不会直接覆盖。",
    "填好后到“导入名册”上传。名册里有个人信息，请不要用个人邮箱或聊天软件传送。",
)

_LINE = Side(style="thin", color="6F665F")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TEXT = ("身份证号", "出生日期", "参加工作时间", "入党时间", "离退休时间", "手机号码")


def make() -> bytes:
    """The workbook, with the words that are in use today. Three queries at most."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    _heads(sheet)
    _sample(sheet)
    _drop_downs(sheet, book.create_sheet(OPTIONS))
    _paper(sheet)
    _how_to(book.create_sheet(HOW, 1))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def choices() -> dict[str, list[str]]:
    """The words of each drop-down, by head."""
    districts = Division.objects.open().filter(level=Division.Level.DISTRICT, is_virtual=False)
    return {
        "性别": [str(label) for label in Retiree.Sex.labels],
        "民族": _labels("ethnicity"),
        "政治面貌": _labels("political_status"),
        "职级": _labels("rank"),
        "离退休类别": [str(label) for label in Retiree.Kind.labels],
        "居住区市": list(districts.order_by("code").values_list("short_name", flat=True)),
        "健康状况": _labels("health"),
        "文化程度": _labels("education"),
    }


def _labels(code_list: str) -> list[str]:
    return [label for _, label in labels.choices(code_list)]


def _heads(sheet: Worksheet) -> None:
    """One row of heads. The star of the required ones is the cell's format: its value stays the bare word."""
    for number, (head, (width, _, _)) in enumerate(COLUMNS.items(), 1):
        cell = sheet.cell(1, number, head)
        starred = head in STARRED
        cell.font = Font(name="黑体", size=12, color="A6121F" if starred else "1F1A17")
        cell.number_format = '@"*"' if starred else "@"
        cell.fill = PatternFill("solid", fgColor="F6F2EC")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _BOX
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width = width
        column.alignment = Alignment(vertical="center")
        column.font = Font(name="仿宋", size=12)
        if head in _TEXT:
            column.number_format = "@"
    sheet.row_dimensions[1].height = 34
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = 24, True
    sheet.freeze_panes = "C2"


def _sample(sheet: Worksheet) -> None:
    for number, (head, (_, value, _)) in enumerate(COLUMNS.items(), 1):
        cell = sheet.cell(2, number, value or None)
        cell.font = Font(name="仿宋", size=12, color="5E5650")
        cell.fill = PatternFill("solid", fgColor="EEEAE4")
        cell.alignment = Alignment(vertical="center")
        cell.border = _BOX
        if head in _TEXT:
            cell.number_format = "@"


def _drop_downs(sheet: Worksheet, options: Worksheet) -> None:
    """Lists to choose from. Another word is warned of, not refused: the import knows many (共产党员, 正处级)."""
    options.sheet_state = "hidden"
    heads = list(COLUMNS)
    for number, (head, words) in enumerate(choices().items(), 1):
        options.cell(1, number, head)
        for row, word in enumerate(words, 2):
            options.cell(row, number, word)
        if not words:
            continue
        letter = get_column_letter(number)
        rule = DataValidation(
            type="list",
            formula1=f"'{OPTIONS}'!${letter}$2:${letter}${len(words) + 1}",
            allow_blank=True,
            errorStyle="warning",
            errorTitle=head,
            error=f"“{head}”的列表里没有这个词。确定要这样写吗？",
            showErrorMessage=True,
        )
        at = get_column_letter(heads.index(head) + 1)
        rule.add(f"{at}2:{at}{LAST_ROW}")
        sheet.add_data_validation(rule)


def _paper(sheet: Worksheet) -> None:
    """A4 across, two pages wide (on one nobody could read it), heads and names on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 2, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:B"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.6, 0.8
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _how_to(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 90
    sheet.append([FILE_NAME.removesuffix(".xlsx")])
    sheet["A1"].font = Font(name="宋体", size=18, bold=True)
    for line in HOW_TO:
        sheet.append([line])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=1, end_column=2)
        sheet.cell(sheet.max_row, 1).font = Font(name="仿宋", size=12)
        sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="center")
        sheet.row_dimensions[sheet.max_row].height = 24
    sheet.append([])
    sheet.append(["列", "怎么填"])
    for cell in sheet[sheet.max_row]:
        cell.font, cell.border = Font(name="黑体", size=12), _BOX
        cell.fill = PatternFill("solid", fgColor="F6F2EC")
    for head, (_, _, how) in COLUMNS.items():
        sheet.append([f"{head}（必填）" if head in STARRED else head, how])
        for cell in sheet[sheet.max_row]:
            cell.font, cell.border = Font(name="仿宋", size=12), _BOX
            cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
