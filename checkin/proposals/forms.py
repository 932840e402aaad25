"""What somebody proposes for one field; the control fits the field, and members.people checks the value."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from huifeng.codes import labels
from huifeng.display.forms import DateParts, Form
from members.people import fields
from members.people.models import Retiree
from members.people.partial_dates import PartialDateField

from . import values
from .models import IN_WORDS

_YES = [("", "没有填"), ("True", "是"), ("False", "否")]


class ProposalForm(Form):
    """`value` and `why` for one field of one person; for words only `why`."""

    why = forms.CharField(
        label="依据",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="怎么知道的，例如看过身份证、档案，或本人来电话说的",
    )

    def __init__(self, *args: Any, retiree: Retiree, name: str, of_person: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.retiree, self.name = retiree, name
        if name != IN_WORDS:
            value = _control(name)
            value.label = "应该是什么" if of_person else f"{fields.title(name)}应改为"
            if of_person:  # an empty line is forgotten, not meant: who wants it cleared says so in words
                value.required = True
            elif not value.required and isinstance(value, forms.CharField):
                value.help_text = "不填就是建议清空"
            self.widths = {"value": 20} if isinstance(value, forms.CharField) else {}
            self._dress("value", value)
            if of_person:
                value.error_messages["required"] = "请写一写应该是什么"
            self.fields = {"value": value, **self.fields}
        why = self.fields["why"]
        if of_person:
            why.label, why.help_text = "为什么", "例如：身份证上是这样写的"
            why.required = name == IN_WORDS
        if name == IN_WORDS:
            why.label, why.help_text = "哪里不对，应该是什么", ""
            why.error_messages["required"] = "请写一写哪里不对"

    @property
    def changes(self) -> dict[str, Any]:
        """What propose takes."""
        return {self.name: self.cleaned_data.get("value")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.name == IN_WORDS or "value" in self.errors:
            return data
        try:
            kept = fields.clean({self.name: data.get("value")}, {self.name})
        except ValidationError as error:
            self.add_error("value", error.message_dict[self.name])
            return data
        if values.packed(kept[self.name]) == values.of(self.retiree, self.name):
            self.add_error("value", "和现在记的一样，不用更正。请填应该是什么")
        return data


def _control(name: str) -> forms.Field:
    """The control of one field; nothing in it clears the field."""
    column = Retiree._meta.get_field(name)
    assert isinstance(column, models.Field)
    if name in fields.CODE_LISTS:
        options = labels.choices(fields.CODE_LISTS[name])
        if not isinstance(column, models.CharField):
            return forms.MultipleChoiceField(
                choices=options, widget=forms.CheckboxSelectMultiple, required=False
            )
        return forms.ChoiceField(choices=[("", "没有填"), *options], required=False)
    if name in ("sex", "kind"):
        return forms.ChoiceField(choices=column.flatchoices, widget=forms.RadioSelect)
    if isinstance(column, models.BooleanField):
        return forms.ChoiceField(
            choices=_YES if column.null else _YES[1:], widget=forms.RadioSelect, required=False
        )
    if isinstance(column, PartialDateField):
        return DateParts(partial="year", required=False)
    if isinstance(column, models.DateField):
        return DateParts()
    attrs = {"autocomplete": "off"}
    if name in fields.SEALED or name == "landline":
        if name != "id_number":
            attrs |= {"type": "tel", "inputmode": "numeric"}
        return forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs=attrs))
    if name.endswith("address"):
        return forms.CharField(
            max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2, **attrs})
        )
    return forms.CharField(
        max_length=column.max_length, required=name == "name", widget=forms.TextInput(attrs=attrs)
    )
