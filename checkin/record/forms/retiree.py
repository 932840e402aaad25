"""What a retiree, or who helps, fills in on the way to a check-in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.codes import labels
from huifeng.display.forms import Form
from members.people import phones
from members.people.own_forms import offer

ADDRESS_HINT = "例如：香港西路 50 号 2 号楼 3 单元 502"
FIND_MYSELF = "elsewhere"  # the radio 「不在上面，我自己找」


def phone_box(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "tel", "inputmode": "numeric", "autocomplete": "off", **attrs})


def address_box() -> forms.Textarea:
    """Two lines, so that a whole address is seen in the largest type as well."""
    return forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"})


def one_line(text: str) -> str:
    return " ".join(text.split())


class InformationForm(Form):
    """Step 1: is what the roster says right?"""

    YES, NO = "yes", "no"

    correct = forms.ChoiceField(
        label="上面的信息对吗？",
        choices=[(YES, "都对"), (NO, "有不对的地方")],
        widget=forms.RadioSelect,
    )
    remarks = forms.CharField(
        label="哪里不对？请写在这里",
        help_text="都对就不用写。社区会联系您。",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "写得太长了，请写 500 字以内"},
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["correct"].error_messages["required"] = "请选“都对”或“有不对的地方”"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("correct") == self.NO and "remarks" in given and not given["remarks"].strip():
            self.add_error("remarks", ValidationError("请写下哪里不对，一两句就行", code="required"))
        return given

    def written(self) -> dict[str, Any]:
        """What write_down keeps."""
        kept: dict[str, Any] = {}
        if "correct" in self.cleaned_data:
            kept["data_correct"] = self.cleaned_data["correct"] == self.YES
        if "remarks" in self.cleaned_data:
            kept["remarks"] = self.cleaned_data["remarks"].strip()
        return kept


class FamilyForm(Form):
    """Step 1b: whom to call at home. All of it or nothing."""

    widths = {"emergency_phone": 13}
    emergency_name = forms.CharField(label="姓名", max_length=30, required=False)
    emergency_relation = forms.ChoiceField(label="是您的什么人", required=False)
    emergency_phone = forms.CharField(
        label="手机号", help_text="11 位数字", max_length=40, required=False, widget=phone_box()
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "emergency_relation", [("", "请选择"), *labels.choices("relation")])

    def clean_emergency_phone(self) -> str:
        return phones.clean(self.cleaned_data["emergency_phone"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if any(given.values()):
            if not given.get("emergency_name") and "emergency_name" not in self.errors:
                self.add_error("emergency_name", "请写下这位家人的姓名")
            if not given.get("emergency_phone") and "emergency_phone" not in self.errors:
                self.add_error("emergency_phone", "请写下这位家人的手机号")
        return given


class AddressForm(Form):
    """Step 2: where somebody lives."""

    district = forms.ChoiceField(label="区市")
    address = forms.CharField(
        label="小区名，或路名和门牌号",
        help_text=ADDRESS_HINT,
        max_length=200,
        widget=address_box(),
        error_messages={"max_length": "写得太长了，请写 200 字以内"},
    )

    def __init__(self, *args: Any, districts: list[Division], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "district", [("", "请选择"), *((d.code, d.name) for d in districts)])
        self.fields["address"].error_messages["required"] = "请填写小区名，或路名和门牌号"

    def clean_address(self) -> str:
        return one_line(self.cleaned_data["address"])


class ElsewhereForm(Form):
    """Somebody who lives outside the city: where, in their own words."""

    widths = {"phone": 20}
    region = forms.CharField(label="省和市", help_text="例如：山东省烟台市", max_length=60)
    name = forms.CharField(
        label="社区（村）的名称", help_text="例如：芝罘区向阳街道大海阳社区", max_length=100
    )
    address = forms.CharField(
        label="住址",
        help_text="路名、门牌号和房号",
        max_length=200,
        widget=address_box(),
    )
    phone = forms.CharField(
        label="社区的电话",
        help_text="知道就写，方便单位联系",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def clean_address(self) -> str:
        return one_line(self.cleaned_data["address"])


class CommunityForm(Form):
    """Step 3: one of the communities the address points to, or look for it oneself."""

    community = forms.ChoiceField(label="您到哪个社区报到？", widget=forms.RadioSelect)

    def __init__(self, *args: Any, offers: list[tuple[Organisation, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(
            self,
            "community",
            [
                *((str(place.pk), _community_words(place, why)) for place, why in offers),
                (FIND_MYSELF, "不在上面，我自己找"),
            ],
        )


def _community_words(place: Organisation, why: str) -> str:
    street = place.division.parent.name if place.division and place.division.parent else ""
    lines = "，".join(part for part in (street, place.address) if part)
    return format_html(
        '<strong>{}</strong><span class="hint">{}</span>{}',
        place.name,
        lines,
        format_html('<span class="hint">{}</span>', why) if why else "",
    )


class ConsentForm(Form):
    """Step 4: the person agrees."""

    consent = forms.BooleanField(label="我同意把这些信息交给社区、原单位和老干部局，用于报到")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["consent"].error_messages["required"] = "请在“我同意”前面打勾"


MONTHS = [(str(month), f"{month}月") for month in range(1, 13)]


class SeasonForm(Form):
    """A second home: which months, and in which district."""

    from_month = forms.ChoiceField(label="从几月", choices=[("", "请选择"), *MONTHS])
    to_month = forms.ChoiceField(label="到几月", choices=[("", "请选择"), *MONTHS])
    district = forms.ChoiceField(label="住在哪个区市")

    def __init__(self, *args: Any, districts: list[Division], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "district", [("", "请选择"), *((d.code, d.name) for d in districts)])


class MonthsForm(Form):
    """The months of a second home as its later pages carry them."""

    from_month = forms.IntegerField(min_value=1, max_value=12)
    to_month = forms.IntegerField(min_value=1, max_value=12)
