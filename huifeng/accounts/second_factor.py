"""Who must log in with a second factor, and what we answer where allauth's second factor asks."""

import base64
import hmac
import io
import time

import segno
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from huifeng.sealed import seal, unseal

from . import hooks
from .homes import homes_of
from .models import User

CONTEXT = "accounts.second_factor"
REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes only stand in for one

# what somebody without their second factor can reach: setting one up, and leaving
WAYS_IN = {
    *("mfa_index", "mfa_activate_totp", "mfa_add_webauthn"),
    *("account_reauthenticate", "account_logout", "accounts:logout", "display:choose"),
}


def is_asked_of(user: User) -> bool:
    """Whether `user` must have a second factor: staff of bureaus and administrators, or all staff."""
    if settings.SECOND_FACTOR == "off":
        return False
    if user.is_staff or user.is_superuser:
        return True
    if settings.SECOND_FACTOR == "staff":
        return any(home.staff for home in homes_of(user))
    return any(asked(user) for asked in hooks.works_for_bureau)


def has_one(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=REAL).exists()


def may_have_one(user: User) -> bool:
    """Staff; and who has one can look after it, staff or not any more."""
    return user.is_staff or any(home.staff for home in homes_of(user)) or has_one(user)


@transaction.atomic
def use_up(authenticator_id: int, code: str) -> bool:
    """Whether this number of a TOTP authenticator was not used before; from now on it and older ones are.

    allauth remembers used numbers in the cache for half a minute; with a tolerance they live longer than that, and the
    cache may be emptied. The counter of the newest used number is kept with the authenticator, under its lock.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator_id)
    secret = SecondFactorAdapter().decrypt(row.data["secret"])
    now = int(time.time()) // app_settings.TOTP_PERIOD
    said = "".join(filter(str.isalnum, code))
    near = range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1)
    fitting = [
        counter
        for counter in near
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, counter)).encode(), said.encode())
    ]
    fresh = [counter for counter in fitting if counter > row.data.get("last", 0)]
    if not fresh:
        return False
    row.data["last"] = fresh[0]
    row.save(update_fields=["data"])
    return True


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are sealed, words are ours, the square code is segno's."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "数字不对，或者已经用过。请等下一个数字再试",
        "cannot_generate_recovery_codes": "请先设好第二步验证",
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text, CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), CONTEXT)

    def build_totp_svg(self, url: str) -> str:
        drawn = io.BytesIO()
        segno.make_qr(url, error="m").save(drawn, kind="svg", scale=5, border=4, light="white", nl=False)
        return drawn.getvalue().decode()

    def get_totp_issuer(self) -> str:
        return self._get_site_name()

    def _get_site_name(self) -> str:
        return "惠风家园"

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return str(user)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        return f"安全密钥 {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
