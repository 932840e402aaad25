"""A second factor as a person holds it: an authenticator that shows numbers."""

import re
import time

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from huifeng.accounts import homes, hooks
from huifeng.accounts.homes import Home
from huifeng.accounts.models import User

PASSWORD = "zhanshan-2026"
COUNTER = 30  # seconds


def shown(secret: str, *, later: int = 0) -> str:
    """What the authenticator shows now, or `later` numbers after."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // COUNTER + later))


def log_in(client: Client, login: str = "limin", password: str = PASSWORD, **more: str):
    return client.post("/login/staff/", {"login": login, "password": password, **more})


def set_up(client: Client) -> tuple[str, list[str]]:
    """Set up an authenticator for who is logged in; its secret, and the recovery codes shown."""
    secret = client.get("/login/second/totp/").context["secret"].replace(" ", "")
    answer = client.post("/login/second/totp/", {"code": shown(secret)})
    assert answer["Location"] == "/login/second/codes/", answer.content.decode()
    return secret, re.findall(r"<code>(\d{8})</code>", client.get(answer["Location"]).content.decode())


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def clerk(db, monkeypatch) -> User:
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("市南区委老干部局", "/bureau/", staff=True)]])
    monkeypatch.setattr(hooks, "works_for_bureau", [lambda user: user.username == "limin"])
    return User.objects.create_user("limin", password=PASSWORD, display_name="李敏")


def page(response) -> str:
    return response.content.decode()


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def with_second(code: str) -> Client:
    """A new browser after password and second step."""
    client = Client()
    log_in(client)
    client.post("/login/second/check/", {"code": code})
    return client
