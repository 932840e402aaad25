from typing import Any
from uuid import uuid4

from django import forms

from huifeng.display.forms import Form

from .models import MOST_POINTS, Goods, PointsReason


class CreditForm(Form):
    """Points at the counter: for what, how many, a word to it. `key` makes a second click the same act."""

    widths = {"points": 6}
    reason = forms.ModelChoiceField(
        PointsReason.objects.filter(is_active=True),
        label="为什么给积分",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    points = forms.IntegerField(
        label="给多少分",
        min_value=1,
        max_value=MOST_POINTS,
        required=False,
        help_text="不填就按事由的建议分值",
    )
    note = forms.CharField(
        label="说明", max_length=60, required=False, help_text="本人会看到，如“9 月值班 2 次”"
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def words(self) -> str:
        """What the person reads of it."""
        said = self.cleaned_data
        return "，".join(part for part in (said["reason"].name, said["note"]) if part)

    @property
    def number(self) -> int:
        return int(self.cleaned_data["points"] or self.cleaned_data["reason"].points)


class RedeemForm(Form):
    """How many pieces of one goods."""

    widths = {"count": 4}
    count = forms.IntegerField(label="几件", min_value=1, max_value=99, initial=1)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class GoodsForm(Form):
    """Something in the shop."""

    widths = {"points": 6}
    name = forms.CharField(label="品名", max_length=40)
    points = forms.IntegerField(label="所需积分", min_value=1, max_value=MOST_POINTS)
    is_active = forms.BooleanField(label="可以兑换", required=False, initial=True)

    @classmethod
    def of(cls, goods: Goods | None, data: Any = None) -> "GoodsForm":
        """The form of what is there, or of something new."""
        if goods is None:
            return cls(data)
        return cls(data, initial={"name": goods.name, "points": goods.points, "is_active": goods.is_active})


class StockForm(Form):
    """The shelf as counted; `seen` is the number the page showed."""

    widths = {"counted": 6}
    counted = forms.IntegerField(label="现在库存几件", min_value=0, max_value=9999)
    seen = forms.IntegerField(widget=forms.HiddenInput)
