"""allauth's forms of the second factor, in our look and words."""

import unicodedata
from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms

from huifeng.display.forms import Portal

from .second_factor import use_up


def _code(label: str, hint: str = "") -> forms.CharField:
    asked = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none"}
    return forms.CharField(label=label, help_text=hint, max_length=40, widget=forms.TextInput(attrs=asked))


class _OneCode(Portal):
    """A number of the authenticator is good once; full-width digits and white space are understood."""

    widths = {"code": 8}
    authenticator: Authenticator
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # allauth's form, next in line
        if self.authenticator.type == Authenticator.Type.TOTP and not use_up(self.authenticator.pk, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondCodeForm(_OneCode, base.AuthenticateForm):
    code = _code("验证器上的 6 位数字", "手机或密钥不在身边，可以填一个 8 位备用码")


class AgainCodeForm(_OneCode, base.ReauthenticateForm):
    code = _code("验证器上的 6 位数字", "手机或密钥不在身边，可以填一个 8 位备用码")


class SetUpTotpForm(Portal, ActivateTOTPForm):
    widths = {"code": 8}
    code = _code("验证器上现在显示的 6 位数字")

    def clean_code(self) -> str:
        self.cleaned_data["code"] = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        return str(super().clean_code())


class RemoveTotpForm(Portal, DeactivateTOTPForm):
    """Only a button."""


class AddKeyForm(Portal, AddWebAuthnForm):
    """The script fills `credential` and sends the form."""

    name = forms.CharField(label="给这把密钥起个名字", max_length=40, required=False)


class AgainPasswordForm(Portal, ReauthenticateForm):
    password = forms.CharField(
        label="您的密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
