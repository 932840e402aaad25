from typing import Any

from django import forms
from django.http import QueryDict

from huifeng.display.forms import Form

from . import wording

LONGEST = 40


class EntryFilters(Form):
    """The filter bar of the audit. Never bound: it reads the address and drops what it does not understand."""

    person = forms.CharField(label="老同志或报到编号")
    who = forms.CharField(label="经办人")
    at = forms.CharField(label="组织名称")
    group = forms.ChoiceField(
        label="事项", choices=[("", "不限"), *((key, title) for key, (title, _) in wording.GROUPS.items())]
    )
    since = forms.DateField(label="从哪天", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    until = forms.DateField(label="到哪天", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, asked: QueryDict):
        super().__init__(auto_id="f_%s")
        self.wanted: dict[str, Any] = {name: self._value(name, asked) for name in self.fields}
        self.initial = dict(self.wanted)

    def _value(self, name: str, asked: QueryDict) -> Any:
        """What stands in the address, cleaned; None where nothing does, or nothing that is understood."""
        given = asked.get(name, "").strip()[:LONGEST]
        try:
            return self.fields[name].clean(given) if given else None
        except forms.ValidationError:
            return None


class CheckForm(Form):
    """已核实, in words."""

    words = forms.CharField(
        label="怎么核实的，是什么情况", max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
