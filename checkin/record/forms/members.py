"""What staff change of a person: the community its side, the unit its own."""

from typing import Any

from django import forms

from huifeng.codes import labels
from huifeng.display.forms import DateParts, Form, Portal
from huifeng.display.words import mask_phone
from members.people import fields as person_fields
from members.people.forms import ContactForm
from members.people.models import Retiree


class ContactEditForm(Portal, ContactForm):
    """What a community keeps of a person: how to reach them, how they live.

    Numbers are never shown in full: left empty they stay as they are, and a tick takes one away.
    """

    NUMBERS = ("phone", "landline", "emergency_phone")
    widths = {"phone": 13, "landline": 13, "emergency_name": 8, "emergency_phone": 13}

    def __init__(self, *args: Any, retiree: Retiree, **kwargs: Any):
        super().__init__(*args, retiree=retiree, **kwargs)
        for name in self.NUMBERS:
            number = getattr(retiree, name)
            self.initial.pop(name)
            if number:
                self.fields[name].help_text = f"现在是 {mask_phone(number)}，不改就不用填"
                label = f"不再用这个{self.fields[name].label}"
                self.fields[f"drop_{name}"] = forms.BooleanField(label=label, required=False)
        self.order_fields([also for name in list(self.fields) for also in (name, f"drop_{name}")])

    @property
    def values(self) -> dict[str, Any]:
        """What correct_contact takes: a number only when it is given or taken away."""
        given = {name: value for name, value in super().values.items() if not name.startswith("drop_")}
        for name in self.NUMBERS:
            if not given[name] and not self.cleaned_data.get(f"drop_{name}"):
                del given[name]
        return given


class UnitFieldsForm(Form):
    """What a unit knows of a person. A new person needs name, ID number and kind; old records may lack much.

    The ID number is never shown: left empty it stays as it is.
    """

    widths = {"name": 8, "id_number": 20, "original_unit": 20, "original_post": 20}
    name = forms.CharField(label="姓名", max_length=30)
    id_number = forms.CharField(
        label="身份证号", max_length=20, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label="类别", choices=Retiree.Kind.choices, widget=forms.RadioSelect)
    sex = forms.ChoiceField(label="性别", choices=[("", "按身份证号"), *Retiree.Sex.choices], required=False)
    birth_date = DateParts(label="出生日期", required=False)
    retired_on = DateParts(label="离退休时间", partial="year", required=False)
    original_unit = forms.CharField(label="原工作单位", max_length=100, required=False)
    original_post = forms.CharField(label="原职务", max_length=60, required=False)
    rank = forms.ChoiceField(label="职级", required=False)
    category = forms.ChoiceField(label="人员类别", required=False)
    treatment = forms.ChoiceField(label="现享受待遇", required=False)
    political_status = forms.ChoiceField(label="政治面貌", required=False)
    party_joined_on = DateParts(label="入党时间", partial="year", required=False)
    joined_work_on = DateParts(label="参加工作时间", partial="year", required=False)

    CODES = ("rank", "category", "treatment", "political_status")
    EDITED = (
        "name", "kind", "sex", "birth_date", "retired_on", "original_unit", "original_post", *CODES,
        "party_joined_on", "joined_work_on",
    )  # fmt: skip

    def __init__(self, *args: Any, retiree: Retiree | None = None, **kwargs: Any):
        initial = {name: getattr(retiree, name) for name in self.EDITED} if retiree else {}
        super().__init__(*args, initial=initial, **kwargs)
        for name in self.CODES:
            options = labels.choices(person_fields.CODE_LISTS[name])
            self.fields[name].choices = [("", "没有填"), *options]  # type: ignore[attr-defined]
        if retiree is None:
            self.fields["phone"] = forms.CharField(label="手机号", max_length=20, required=False)
            self.fields["id_number"].required = True
        else:
            self.fields["id_number"].help_text = "不改就不用填"
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=retiree.version)

    @property
    def values(self) -> dict[str, Any]:
        """What enrol and update_unit_fields take: an ID number and a phone only when given."""
        optional = ("id_number", "phone")
        return {n: v for n, v in self.cleaned_data.items() if n != "version" and (v or n not in optional)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            person_fields.clean(self.values, person_fields.UNIT_OWNS | {"phone"})  # ValidationError by field
        return data
