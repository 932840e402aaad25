from typing import Any

from django import forms

from checkin.record.forms.staff import Filters
from checkin.sync import inbox, network
from huifeng.accounts.models import User
from huifeng.display.forms import Form
from huifeng.texts import mail


class InboxFilters(Filters):
    show = forms.ChoiceField(label="看哪些", choices=list(inbox.SHOWN.items()), required=False)
    q = forms.CharField(label="关于谁", required=False, help_text="姓名、拼音或手机后四位")


class DisputeForm(Form):
    words = forms.CharField(
        label="哪里不对",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明您掌握的情况，发件方会看到。",
    )


class DigestForm(Form):
    """Holds only the ways that are open: no text to an account without a phone, no mail without a mail server."""

    by_text = forms.BooleanField(label="发短信到我登录用的手机", required=False)
    email = forms.EmailField(label="发邮件到", required=False, max_length=200)

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not user.phone:
            del self.fields["by_text"]
        if not mail.is_possible():
            del self.fields["email"]


class WebhookForm(Form):
    url = forms.CharField(
        label="接收地址",
        max_length=network.MOST_URL,
        widget=forms.TextInput(attrs={"type": "url", "autocomplete": "off"}),
        help_text="你们系统接收通知的网址，以 https:// 开头。",
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        if wrong := network.check_url(url):
            raise forms.ValidationError(f"{wrong}。")
        return url


class DropForm(Form):
    words = forms.CharField(label="为什么不再发送", max_length=200)
