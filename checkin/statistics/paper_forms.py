"""Which paper, of which time and area."""

from typing import Any

from django import forms

from huifeng.display.forms import Form

from . import actions
from .actions import ANNUAL, BULLETIN, WORKBOOK

PERIODS = {WORKBOOK: "month", BULLETIN: "quarter", ANNUAL: "year"}


class PaperForm(Form):
    """Only the period that belongs to the chosen paper is read."""

    kind = forms.ChoiceField(label="哪一种报表", widget=forms.RadioSelect)
    area = forms.ChoiceField(label="地区")
    month = forms.ChoiceField(label="月份", help_text="月度统计表看这里", required=False)
    quarter = forms.ChoiceField(label="季度", help_text="季度通报看这里", required=False)
    year = forms.ChoiceField(label="年份", help_text="年度统计表看这里，12月开始以后才有", required=False)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, str]]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(key, paper.title) for key, paper in actions.KINDS.items()]  # type: ignore[attr-defined]
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = PERIODS.get(cleaned.get("kind", ""))
        if name and not cleaned.get(name) and name not in self.errors:
            self.add_error(name, f"请选择{self.fields[name].label}")
        return cleaned

    @property
    def period(self) -> str:
        """The period of the chosen paper, once the form is valid."""
        period: str = self.cleaned_data[PERIODS[self.cleaned_data["kind"]]]
        return period
