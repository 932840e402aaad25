from decimal import Decimal
from uuid import uuid4

from django import forms

from huifeng.display.forms import Form
from services.ledger.models import Account

from .models import FundPreset


class YuanField(forms.DecimalField):
    """An amount in 元 with at most two places; cleaned to 分."""

    def __init__(self, label: str, help_text: str = ""):
        super().__init__(
            label=label,
            help_text=help_text or "以元计",
            min_value=Decimal("0.01"),
            max_value=Decimal(100_000_000),
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    def clean(self, value: str) -> int:
        """分."""
        return int(super().clean((value or "").replace(",", "")) * 100)


class FundForm(Form):
    """A fund of the office, with the first money that comes in."""

    widths = {"amount": 13}
    name = forms.CharField(label="资金名称", max_length=40, help_text="如“2026年困难帮扶资金”")
    amount = YuanField("拨入金额")
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class GrantForm(Form):
    """More money for a fund."""

    widths = {"amount": 13}
    amount = YuanField("拨入金额")
    note = forms.CharField(label="说明", max_length=100, required=False, help_text="如文号、来源")
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ApplicationForm(Form):
    """A community or unit asks for help for a household."""

    widths = {"asked": 8, "household": 2}
    preset = forms.ModelChoiceField(
        FundPreset.objects.filter(kind=FundPreset.Kind.AID, is_active=True),
        label="申请哪一种",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    fund = forms.ModelChoiceField(
        Account.objects.none(), label="向哪项资金申请", widget=forms.RadioSelect, empty_label=None
    )
    household = forms.IntegerField(label="家庭人口", min_value=1, max_value=20, initial=1)
    reason = forms.CharField(
        label="困难情况",
        max_length=1000,
        widget=forms.Textarea,
        help_text="只有您的单位和管资金的单位能看到",
    )
    asked = YuanField("申请金额")


class WordsForm(Form):
    """What somebody says to a step."""

    words = forms.CharField(label="说明", max_length=1000, widget=forms.Textarea)


class PlanForm(Form):
    """What is done for this household."""

    widths = {"amount": 8}
    words = forms.CharField(
        label="帮扶方案（一户一策）", max_length=1000, widget=forms.Textarea, help_text="做什么，谁来做"
    )
    amount = YuanField("补助金额")


class ListForm(Form):
    """Which month of which subsidy, out of which fund."""

    preset = forms.ModelChoiceField(
        FundPreset.objects.filter(kind=FundPreset.Kind.SUBSIDY, is_active=True),
        label="哪一种补贴",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    fund = forms.ModelChoiceField(
        Account.objects.none(), label="从哪项资金支出", widget=forms.RadioSelect, empty_label=None
    )
    month = forms.CharField(label="月份", max_length=7, help_text="如 2026-10")
