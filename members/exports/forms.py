"""What somebody says who takes a list of people out."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from huifeng.display.forms import Form
from huifeng.spreadsheets.writing import FORMATS

from . import columns
from .models import ExportOrder, Purpose


class ExportForm(Form):
    """Columns, format and purpose; what was chosen last stands there again, the purpose never does.

    The conditions of the page it came from travel in hidden fields, `f_…`.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    columns = forms.MultipleChoiceField(label="要哪些内容", widget=forms.CheckboxSelectMultiple)
    full = forms.BooleanField(label="需要完整证件号和手机号", required=False)
    revealing = forms.CharField(
        label="为什么需要完整号码",
        max_length=200,
        required=False,
        help_text="会记在每位老同志的“谁看过我的信息”里",
    )
    purpose = forms.ChoiceField(label="用途", choices=Purpose.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="具体做什么用", max_length=200, help_text="例如：重阳节走访慰问，社区内部使用"
    )
    file_format = forms.ChoiceField(
        label="文件格式",
        choices=[(name, way.label) for name, way in FORMATS.items()],
        widget=forms.RadioSelect,
        help_text="一般选 Excel。用 Excel 打开 csv 会改动长数字和年月；ods 最多 20,000 人",
    )

    def __init__(self, *args: Any, side: str, last: ExportOrder | None, **kwargs: Any):
        initial = {
            "key": uuid.uuid4(),
            "columns": last.columns if last else columns.usual(side),
            "file_format": last.file_format if last else "xlsx",
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["columns"].choices = columns.offered(side)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("full") and not data.get("revealing", "").strip():
            self.add_error("revealing", "请填写为什么需要完整号码")
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What actions.order takes, besides the conditions."""
        data = self.cleaned_data
        return {
            "key": data["key"],
            "keys": data["columns"],
            "file_format": data["file_format"],
            "purpose": data["purpose"],
            "words": data["words"],
            "revealing": data["revealing"] if data["full"] else "",
        }


PREFIX = "f_"


def conditions_in(sent: Mapping[str, str]) -> dict[str, str]:
    """The conditions of the page as the form sent them back."""
    return {name.removeprefix(PREFIX): value for name, value in sent.items() if name.startswith(PREFIX)}
