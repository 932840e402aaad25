"""What we answer where django-allauth asks."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from huifeng.texts.actions import send

from . import devices, hooks, logins
from .actions import NOT_YOU
from .homes import first_page, homes_of
from .models import User
from .sessions import BEGAN, DEVICE, SECOND, SEEN, STAFF

OWN_PHONE = "login_own_phone"  # in the session between the digits and the login: 30 days, please
OWN_PHONE_SECONDS = 30 * 24 * 3600
FRESH_SECONDS = 5 * 60  # so long after a login nobody is asked again who they are


CHANGED = {
    "mfa/email/totp_activated": "您的工作账号加了第二步验证（验证器）。",
    "mfa/email/totp_deactivated": "您的工作账号去掉了第二步验证（验证器）。",
    "mfa/email/webauthn_added": "您的工作账号加了一把安全密钥。",
    "mfa/email/webauthn_removed": "您的工作账号去掉了一把安全密钥。",
    "mfa/email/recovery_codes_generated": "您的工作账号换了备用码，旧的不能再用。",
}


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up, no mail is verified, and the person is told by pages, not by passing messages."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "登录名或密码不对，请再试一次",
        "too_many_login_attempts": "试的次数多了，请 15 分钟后再来",
        "account_inactive": "这个账号现在不能登录",
        "incorrect_password": "密码不对，请再试一次",
        "rate_limited": "试的次数多了，请 15 分钟后再来",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """Only the second factor, for who has set one up; phones are checked before allauth is called."""
        return [stage for stage in super().get_login_stages() if stage.startswith("allauth.mfa.")]

    def add_message(self, *args: object, **kwargs: object) -> None:
        """No 「登录成功」: the next page shows it."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Run the hooks of upper floors, then start the session.

        It ends with the browser; after 30 days on one's own phone; and for staff after half an hour of rest.
        """
        with transaction.atomic():
            for hook in hooks.on_login:
                hook(user)
        own_phone = request.session.pop(OWN_PHONE, False)
        super().login(request, user)
        staff = any(home.staff for home in homes_of(user))
        request.session[STAFF], request.session[DEVICE] = staff, devices.words(_user_agent(request))
        request.session[BEGAN] = request.session[SEEN] = int(time.time())
        request.session[SECOND] = any(
            way["method"] == "mfa" for way in get_authentication_records(request, user)
        )
        request.session.set_expiry(OWN_PHONE_SECONDS if own_phone and not staff else 0)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            name = credentials.get("username", "")
            logins.blocked(request, user=_account(name), how="password", typed=name)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        name = credentials.get("username", "")
        logins.failed(request, user=_account(name), how="password", typed=name)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        logins.inactive(request, user)
        return super().respond_user_inactive(request, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Before a second factor changes one says again who one is, unless one has just logged in."""
        return time.time() - self.request.session.get(BEGAN, 0) > FRESH_SECONDS

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, str]]:
        words = {
            "reauthenticate": "用密码",
            "mfa_reauthenticate": "用验证器上的数字",
            "mfa_reauthenticate:webauthn": "用安全密钥",
        }
        return [way | {"description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def send_notification_mail(
        self, template_prefix: str, user: User, *args: object, **kwargs: object
    ) -> None:
        """Not a mail but a text: whoever did not do it themselves calls."""
        if user.phone:
            key = f"factor:{user.pk}:{template_prefix}:{time.time():.3f}"
            send(key=key, phone=user.phone, words=f"【惠风家园】{CHANGED[template_prefix]}{NOT_YOU}")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return first_page(homes_of(request.user)) or reverse("accounts:choose")


def _account(name: str) -> User | None:
    return User.objects.filter(username=name).first()
