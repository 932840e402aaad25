"""Forms of the working-day calendar. A year is entered in two steps: read and look, then write."""

from typing import Any

from django import forms

from huifeng.display.forms import Form

from .special_days import Plan, read_days

LARGEST_FILE = 200_000  # bytes; a year is some 1,500


class YearForm(Form):
    """The notice of a year, as pasted lines or a file. `plan` holds what was read, once it is valid."""

    source = forms.CharField(
        label="依据", max_length=200, help_text="如：国务院办公厅关于2027年部分节假日安排的通知"
    )
    lines = forms.CharField(
        label="放假和调休的日子",
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=20_000,
        required=False,
        help_text="一行一天，如：2027-01-01,放假,元旦。只写与平常不同的日子和假期里的周末",
    )
    file = forms.FileField(label="或上传文件（csv）", required=False)

    def __init__(self, *args: Any, year: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.year = year
        self.plan = Plan()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        text = self._text_of_file(said.get("file")) or said.get("lines", "")
        self.plan = read_days(text.splitlines(), self.year)
        for error in self.plan.errors[:10]:
            self.add_error("lines", error)
        said["text"] = text
        return said

    def _text_of_file(self, file: Any) -> str:
        if not file:
            return ""
        if file.size > LARGEST_FILE:
            self.add_error("file", "文件太大，一年的安排不会超过200 KB")
            return ""
        content = file.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return str(content.decode(encoding))
            except UnicodeDecodeError:
                continue
        self.add_error("file", "文件不是文本，请另存为 csv 再上传")
        return ""


class PeriodForm(Form):
    """How long something may take, and what that rests on."""

    widths = {"length": 4}
    length = forms.IntegerField(label="时长", min_value=1, max_value=3650)
    basis = forms.CharField(label="依据", max_length=200, help_text="如：局务会2026年第3次会议纪要")
