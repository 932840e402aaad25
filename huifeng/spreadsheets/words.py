"""Why a table was refused, and what to do: shown to whoever sent the file."""

from huifeng.errors import RuleBroken
from huifeng.spreadsheets.tablereader.limits import MAX_COLUMNS, MAX_FILE, MAX_ROWS, MAX_SHEETS, MAX_TEXT, MB

_AGAIN = "请用 Excel 或 WPS 打开它，另存为 .xlsx，再上传。"

WORDS = {
    "empty": "表格里没有内容。请检查是不是选错了文件。",
    "too_large": f"文件太大，最多 {MAX_FILE // MB} MB。请删去图片和多余的工作表，或分成几个文件上传。",
    "too_many_rows": f"行数太多，最多 {MAX_ROWS} 行。请分成几个文件上传；如果下面其实是空行，请把它们删除。",
    "too_many_columns": f"列数太多，最多 {MAX_COLUMNS} 列。请删去右边用不到的列，再上传。",
    "too_many_sheets": f"工作表太多，最多 {MAX_SHEETS} 张。请只留下要导入的工作表，再上传。",
    "cell_too_long": f"有一格的文字太长，最多 {MAX_TEXT} 个字。请缩短后再上传。",
    "spread_out": "表格占的范围太大，可能在很远的行或列还有内容。请把要导入的行和列复制到一个新表格里，再上传。",
    "uncached": "表格里有很多公式没有算出结果。请用 Excel 或 WPS 打开，保存一次，再上传。",
    "encrypted": "文件有密码，打不开。请去掉打开密码，再上传。",
    "damaged": "文件打不开，可能已损坏或没有传完整。" + _AGAIN,
    "other_format": "这种格式的文件读不了。" + _AGAIN,
    "not_a_table": "这不是表格文件。请上传 .xlsx、.xls 或 .csv 文件。",
    "entities": "文件里有不该出现的定义，为了安全没有打开。" + _AGAIN,
    "zip_bomb": "文件展开后大得不正常，为了安全没有打开。" + _AGAIN,
    "too_slow": "读取这个文件用时太长，已停止。请删去用不到的内容，或分成几个文件上传。",
}


class Refused(RuleBroken):
    """The whole file cannot be read; the message says in plain Chinese why and what to do. `code`: a key of WORDS."""


def refusal(code: str, where: str = "") -> Refused:
    """The refusal for a code; `where` names the sheet and row when that helps to find the spot."""
    return Refused(f"“{where}”：{WORDS[code]}" if where else WORDS[code], code=code)
