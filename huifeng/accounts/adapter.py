"""What we answer where django-allauth asks."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from . import hooks, logins
from .homes import first_page, homes_of
from .models import User

OWN_PHONE = "login_own_phone"  # in the session between the digits and the login: 30 days, please
STAFF_SEEN = "staff_seen"  # in the session of staff: when they last did something (Unix time)
OWN_PHONE_SECONDS = 30 * 24 * 3600


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up, no mail is verified, and the person is told by pages, not by passing messages."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "登录名或密码不对，请再试一次",
        "too_many_login_attempts": "试的次数多了，请 15 分钟后再来",
        "account_inactive": "这个账号现在不能登录",
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
        request.session.pop(STAFF_SEEN, None)
        if staff:
            request.session[STAFF_SEEN] = int(time.time())
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

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return first_page(homes_of(request.user)) or reverse("accounts:choose")


def _account(name: str) -> User | None:
    return User.objects.filter(username=name).first()
