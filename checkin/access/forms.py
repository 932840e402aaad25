from typing import Any

from django import forms
from django.http import QueryDict

from huifeng.display.forms import Form

from . import wording

LONGEST = 40


class EntryFilters(Form):
    """The filter bar of the audit. Never bound: it reads the address and drops what it does not understand."""

    person = forms.CharField(label="老同志（姓名或报到编号）", required=False)
    who = forms.CharField(label="经办人（姓名或登录名）", required=False)
    at = forms.CharField(label="组织名称", required=False)
    group = forms.ChoiceField(
        label="事项", choices=[("", "不限"), *((key, title) for key, (title, _) in wording.GROUPS.items())]
    )
    since = forms.DateField(label="从哪天", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到哪天", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, asked: QueryDict):
        super().__init__(auto_id="f_%s")
        self.wanted: dict[str, Any] = {name: self._value(name, asked) for name in self.fields}
        self.initial = {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self.wanted.items()
        }

    def _value(self, name: str, asked: QueryDict) -> Any:
        field, given = self.fields[name], asked.get(name, "").strip()[:LONGEST]
        try:
            return (
                field.clean(given)
                if given
                else ("" if isinstance(field, forms.CharField | forms.ChoiceField) else None)
            )
        except forms.ValidationError:
            return "" if isinstance(field, forms.ChoiceField) else None


class CheckForm(Form):
    """已核实, in words."""

    words = forms.CharField(
        label="怎么核实的，是什么情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
