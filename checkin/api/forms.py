"""What a lead says who lets another system in, gives it a new secret, or shuts it out."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from huifeng.display.forms import DateParts, Form

from .models import Purpose


class LastDayForm(Form):
    """`key`: sent twice, done once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    last_day = DateParts(label="有效期至", help_text="最长一年；到期前请换发")

    def __init__(self, *args: Any, **kwargs: Any):
        initial = {"key": uuid.uuid4(), "last_day": timezone.localdate() + timedelta(days=180)}
        super().__init__(*args, initial=initial, **kwargs)


class TokenForm(LastDayForm):
    name = forms.CharField(label="对接系统名称", max_length=40, help_text="例如：单位人事系统")
    purposes = forms.MultipleChoiceField(
        label="用途", choices=Purpose.choices, widget=forms.CheckboxSelectMultiple, help_text="只选用得着的"
    )
    field_order = ("name", "purposes", "last_day")


class RevokeForm(Form):
    why = forms.CharField(label="为什么停用", max_length=100, help_text="例如：系统下线；密钥可能泄露")
