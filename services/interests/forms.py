from typing import Any

from django import forms
from django.http import QueryDict

from communities.organisations.models import Organisation
from huifeng.display.forms import Form

from .counting import SUBJECTS
from .cuts import cuts_of


class TableForm(Form):
    """What is counted and what the columns are: a GET form; what it does not know is the first choice."""

    subject = forms.ChoiceField(
        label="看什么", choices=[(key, found.title) for key, found in SUBJECTS.items()]
    )
    cut = forms.ChoiceField(label="按什么分")

    def __init__(self, asked: QueryDict, organisation: Organisation):
        super().__init__(auto_id="f_%s")
        cuts = cuts_of(organisation)
        order = sorted(cuts, key=lambda key: key != "place")  # a bureau asks first where
        self.fields["cut"].choices = [(key, cuts[key].title) for key in order]  # type: ignore[attr-defined]
        self.wanted = {name: self._value(asked, name, field) for name, field in self.fields.items()}
        self.initial = dict(self.wanted)

    def _value(self, asked: QueryDict, name: str, field: Any) -> str:
        known = [str(key) for key, _ in field.choices]
        given = asked.get(name, "")
        return given if given in known else known[0]
