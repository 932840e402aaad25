"""What staff type about people; what people type themselves is in own_forms. The actions check again."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.codes import labels

from . import fields, id_numbers, phones
from .actions import PersonKind
from .models import Retiree

_REQUIRED = {"required": "请填写这一项"}


class PhoneField(forms.CharField):
    """A mobile phone number as people write it; 11 digits in `cleaned_data`, "" when left empty."""

    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "numeric", "autocomplete": "tel-national"})

    def clean(self, value: Any) -> str:
        return phones.clean(super().clean(value))


class IdNumberField(forms.CharField):
    """An ID number as people write it; 18 characters in `cleaned_data`."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"})

    def clean(self, value: Any) -> str:
        return id_numbers.clean(super().clean(value))


def _choose(list_name: str, label: str, *, empty: str = "请选择", required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=lambda: [("", empty), *labels.choices(list_name)],
        required=required,
        error_messages=_REQUIRED | {"invalid_choice": "请从列表里选一项"},
    )


def _tick(list_name: str, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=lambda: labels.choices(list_name),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "请从列表里选"},
    )


class ContactForm(forms.Form):
    """Correct how to be reached. `fields`: what the one who types may write (docs/rules.md, P1)."""

    phone = PhoneField(label="手机号码", required=False)
    landline = forms.CharField(label="固定电话", max_length=40, required=False)
    residence_address = forms.CharField(
        label="现居地址",
        max_length=200,
        required=False,
        help_text="例如：香港西路 50 号 2 号楼 3 单元 502",
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    emergency_name = forms.CharField(label="紧急联系人", max_length=30, required=False)
    emergency_relation = _choose("relation", "与本人关系", required=False)
    emergency_phone = PhoneField(label="紧急联系电话", required=False)
    interests = _tick("interest", "兴趣爱好")
    skills = forms.CharField(label="专业特长", max_length=200, required=False)
    living_situation = _choose("living_situation", "居住状态", required=False)
    health = _choose("health", "健康状况", required=False)
    mobility = _choose("mobility", "活动能力", required=False)
    needs = _tick("need", "需要的服务")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, retiree: Retiree, may: frozenset[str] = fields.PERSON_MAY, **kwargs: Any):
        kwargs["initial"] = {name: getattr(retiree, name) for name in may} | {"version": retiree.version}
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in may and name != "version":
                del self.fields[name]

    @property
    def values(self) -> dict[str, Any]:
        """What correct_contact takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class RegistrationForm(forms.Form):
    """Somebody whom no roster names stands at the counter, with the ID card."""

    name = forms.CharField(label="姓名", max_length=30, error_messages=_REQUIRED)
    id_number = IdNumberField(label="身份证号", error_messages=_REQUIRED)
    phone = PhoneField(label="手机号码", required=False)
    kind_of_person = forms.ChoiceField(
        label="人员类别", choices=PersonKind, widget=forms.RadioSelect, error_messages=_REQUIRED
    )
    unit = forms.ModelChoiceField(
        label="原工作单位",
        queryset=Organisation.objects.none(),
        required=False,
        error_messages={"invalid_choice": "没有找到这个单位，请写下单位名称"},
    )
    unit_words = forms.CharField(
        label="单位名称", max_length=100, required=False, help_text="上面没有这个单位，请写在这里"
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = (Organisation.Kind.UNIT, Organisation.Kind.EXTERNAL_UNIT)
        self.fields["unit"].queryset = Organisation.objects.open().filter(kind__in=kinds)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (
            not values.get("unit")
            and not (values.get("unit_words") or "").strip()
            and "unit" not in self.errors
        ):
            self.add_error("unit_words", "请选单位，或写下单位名称")
        return values


class DeathReportForm(forms.Form):
    """Say that somebody died."""

    died_on = forms.DateField(
        label="去世日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages=_REQUIRED | {"invalid": "日期不对，请填年月日，例如 2026-08-01"},
    )
    cause = forms.CharField(label="原因", max_length=100, required=False)

    def clean_died_on(self) -> date:
        died_on: date = self.cleaned_data["died_on"]
        if died_on > timezone.localdate():
            raise ValidationError("去世日期不能晚于今天")
        return died_on
