import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from huifeng.display.forms import Form, Portal

from . import phones
from .models import User


class PhoneForm(Form):
    """Who wants to log in. The number is cleaned to 11 digits."""

    widths = {"phone": 13}
    phone = forms.CharField(
        label="请输入您的手机号",
        help_text="11 位数字，用来收短信",
        max_length=40,
        error_messages={"required": phones.WRONG, "max_length": phones.WRONG},
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "numeric", "autocomplete": "tel-national"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["phone"].error_messages["required"] = phones.WRONG

    def clean_phone(self) -> str:
        return phones.normal(self.cleaned_data["phone"])


class DigitsForm(Form):
    """The six digits of the text. Full-width digits and white space are understood."""

    WRONG = "请填写短信里的 6 位数字"

    widths = {"digits": 8}
    digits = forms.CharField(
        label="请输入短信里的 6 位数字",
        max_length=20,
        error_messages={"max_length": WRONG},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    own_phone = forms.BooleanField(label="这是我自己的手机，30 天内不用再登录", required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["digits"].error_messages["required"] = self.WRONG

    def clean_digits(self) -> str:
        digits = "".join(unicodedata.normalize("NFKC", self.cleaned_data["digits"]).split())
        if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
            raise ValidationError(self.WRONG, code="digits")
        return digits


class StaffLoginForm(Form):
    """User name and password; the name may also be the account's phone. `user` is set when both are right."""

    login = forms.CharField(
        label="登录名",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        """Ask allauth, which counts the misses; raises its words for too many."""
        given = super().clean() or self.cleaned_data
        if "login" in given and "password" in given:
            name = self._username(given["login"].strip())
            self.user = get_adapter().authenticate(self.request, username=name, password=given["password"])
            if self.user is None:
                raise get_adapter().validation_error("username_password_mismatch")
        return given

    def _username(self, login: str) -> str:
        try:
            owner = User.objects.with_phone(phones.normal(login))
        except ValidationError:
            return login
        return owner.username if owner else login


class OwnPasswordForm(Portal, PasswordChangeForm):
    """Change one's own password."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = "至少 10 个字，不能全是数字，不要和姓名相近"
        self.fields["new_password2"].help_text = "和上面一样，再写一次"
