"""What is chosen above a table, and what is typed to close a month or to open it again."""

from typing import Any

from django import forms

from huifeng.display.forms import Form

from . import columns, dimensions
from .months import Month

LEVEL_WORDS = {"city": "全市", "district": "区市", "street": "街道", "community": "社区"}
CUT_WORDS = (
    ("area", "按地区"),
    ("unit", "按现管单位"),
    *((key, f"按{dimension.title}") for key, dimension in dimensions.DIMENSIONS.items()),
)
COMPARED = (("none", "不比较"), ("last_month", "与上月比"), ("last_year", "与上年同月比"))


class TableFilters(Form):
    """The bar above the monthly table. The address holds the state; area and narrowing stay as they are."""

    month = forms.ChoiceField(label="月份")
    parts = forms.ChoiceField(label="分到")
    cut = forms.ChoiceField(label="分列", choices=CUT_WORDS)
    group = forms.ChoiceField(label="指标")
    compare = forms.ChoiceField(label="比较", choices=COMPARED)

    def __init__(self, *args: Any, months: list[tuple[str, str]], levels: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months  # type: ignore[attr-defined]
        self.fields["parts"].choices = [(level, LEVEL_WORDS[level]) for level in levels]  # type: ignore[attr-defined]
        self.fields["group"].choices = [(each.key, each.title) for each in columns.groups().values()]  # type: ignore[attr-defined]


def words_to_close(month: Month) -> str:
    """What is typed to close a month: a rare act, never one slip of the hand."""
    return f"封存{month.words}"


class CloseForm(Form):
    """`needs_explanation`: why the month is closed although something is missing or does not hold."""

    widths = {"typed": 20}
    explanation = forms.CharField(
        label="仍要封存的原因", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    typed = forms.CharField(
        label="请输入下面引号里的字", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, month: Month, needs_explanation: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.wanted = words_to_close(month)
        self.fields["typed"].help_text = f"“{self.wanted}”，输入后才能封存。"
        if needs_explanation:
            self.fields["explanation"].help_text = "有区市没有上报，或数据核对不符。原因写进报表，不能改。"
        else:
            del self.fields["explanation"]

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].replace(" ", "")
        if typed != self.wanted:
            raise forms.ValidationError(f"请一字不差地输入“{self.wanted}”。")
        return typed


class ReopenForm(Form):
    reason = forms.CharField(
        label="重开的原因",
        max_length=300,
        help_text="写进报表和以后每一份导出，请写清楚改什么、为什么。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
