from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.display.forms import Form
from huifeng.spreadsheets.reading import MAX_FILE

from .models import UNITS, organisations_of


class RosterForm(Form):
    """The file to send."""

    file = forms.FileField(
        label="名册文件",
        help_text="Excel（.xlsx、.xls）或 .csv，最大 20 MB。表头里要有“姓名”和“身份证号”",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择名册文件", "empty": "文件是空的，请选对文件再上传"},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_FILE:
            raise ValidationError("文件超过 20 MB，请分成几份再上传", code="too_large")
        return file


class BureauRosterForm(RosterForm):
    """A bureau says whose roster it is, or that the file names the units itself."""

    unit = forms.CharField(
        label="哪个单位的名册",
        required=False,
        max_length=100,
        help_text="单位全称或统一社会信用代码。一个文件里有多个单位时不填，由“单位全称”一列或工作表名区分",
    )

    def __init__(self, *args: Any, bureau: Organisation, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.bureau, self.user = bureau, user

    def clean_unit(self) -> Organisation:
        words = self.cleaned_data["unit"].strip()
        if not words:
            return self.bureau
        units = organisations_of(self.user).open().filter(kind__in=UNITS)
        unit = units.filter(code=words.upper()).first() or units.filter(name=words).first()
        if unit is not None:
            return unit
        near = list(units.filter(name__contains=words).order_by("name")[:3])
        hint = f"，是不是{'、'.join(unit.name for unit in near)}？" if near else "，请写全称"
        raise ValidationError(f"没有找到单位“{words}”{hint}", code="unknown")
