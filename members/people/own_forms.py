"""What people say of themselves and of whom they help."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from communities.organisations.models import Organisation
from huifeng.codes import labels
from huifeng.display.forms import DateParts, Form

from . import id_numbers, phones
from .actions import PersonKind

NOT_LISTED = "none"  # the radio 「不在上面」


def offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """Give the field `name` its choices, known only now."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _phone_box() -> forms.TextInput:
    return forms.TextInput(attrs={"type": "tel", "inputmode": "numeric", "autocomplete": "off"})


class WhoForm(Form):
    """Who are you, when no roster knows the phone."""

    widths = {"id_number": 20}

    kind = forms.ChoiceField(
        label="您是哪一类退休人员？",
        choices=[
            (PersonKind.TUIXIU, "机关、事业单位退休"),
            (PersonKind.LIXIU, "离休干部"),
            (PersonKind.ARMY, "军队离退休（军休）"),
            (PersonKind.ENTERPRISE, "企业退休"),
        ],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="姓名", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    id_number = forms.CharField(
        label="身份证号",
        help_text="18 位，只用来核对身份",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    unit_words = forms.CharField(
        label="原工作单位",
        help_text="写单位的名称，外地单位也可以",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    unit = forms.ChoiceField(label="是下面哪一个单位？", widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, units: list[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        if units:
            offer(
                self,
                "unit",
                [
                    *((str(unit.pk), unit.name) for unit in units),
                    (NOT_LISTED, "都不是，就按我写的"),
                ],
            )
        else:
            del self.fields["unit"]

    def clean_id_number(self) -> str:
        return id_numbers.clean(self.cleaned_data["id_number"])

    @property
    def is_other_office(self) -> bool:
        """Looked after elsewhere: nothing else has to be filled in to be told so."""
        return self.data.get("kind") in (PersonKind.ARMY, PersonKind.ENTERPRISE)


class ChooseForm(Form):
    """Several people share this phone: which one are you."""

    name = forms.CharField(
        label="姓名", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    born = DateParts(label="出生年月", units="年月", autocomplete="bday")


class HelpForm(Form):
    """Ask to act for an elder."""

    CODE, CALL = "code", "call"

    widths = {"phone": 13}
    name = forms.CharField(
        label="您的姓名", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    relation = forms.ChoiceField(label="您是老人的")
    elder_name = forms.CharField(
        label="老人的姓名", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    born = DateParts(label="老人的出生年月", units="年月")
    phone = forms.CharField(
        label="老人的手机号", help_text="11 位数字，原单位登记的那个", max_length=40, widget=_phone_box()
    )
    way = forms.ChoiceField(
        label="怎样请老人同意？",
        choices=[(CODE, "发短信到老人的手机"), (CALL, "请工作人员给老人打电话")],
        widget=forms.RadioSelect,
        initial=CODE,
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "relation", [("", "请选择"), *labels.choices("relation")])

    def clean_phone(self) -> str:
        return phones.clean(self.cleaned_data["phone"])


class CodeForm(Form):
    """The six digits the elder reads out."""

    widths = {"digits": 8}
    digits = forms.CharField(
        label="请输入老人短信里的 6 位数字",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["digits"].error_messages["required"] = "请填写老人短信里的 6 位数字"

    def clean_digits(self) -> str:
        digits = phones.normalise(self.cleaned_data["digits"])
        if len(digits) != 6 or not digits.isdecimal():
            raise ValidationError("请填写老人短信里的 6 位数字", code="digits")
        return digits


class ContactForm(Form):
    """What the person may correct. A helper does not see the mobile phone: consent is asked there."""

    widths = {"phone": 13, "landline": 20, "emergency_phone": 13}
    phone = forms.CharField(label="手机号", help_text="11 位数字", max_length=40, widget=_phone_box())
    landline = forms.CharField(
        label="家里的座机",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    residence_address = forms.CharField(
        label="住址",
        help_text="搬了家不在这里改，请用“搬家了，换社区”",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"}),
    )
    emergency_name = forms.CharField(label="家里联系人", max_length=30, required=False)
    emergency_relation = forms.ChoiceField(label="是您的什么人", required=False)
    emergency_phone = forms.CharField(
        label="联系人手机号", max_length=40, required=False, widget=_phone_box()
    )

    def __init__(self, *args: Any, by_helper: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "emergency_relation", [("", "请选择"), *labels.choices("relation")])
        if by_helper:
            del self.fields["phone"]

    def clean_phone(self) -> str:
        return phones.clean(self.cleaned_data["phone"])

    def clean_residence_address(self) -> str:
        return " ".join(self.cleaned_data["residence_address"].split())

    def clean_emergency_phone(self) -> str:
        return phones.clean(self.cleaned_data["emergency_phone"])
