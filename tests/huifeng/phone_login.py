"""Login by phone, as somebody does it in a browser."""

import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.texts.models import Text

PHONE = "13812345678"


@pytest.fixture
def clock():
    """Time that stands still until it is shifted."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def retiree(db) -> User:
    user = User(username="wang", display_name="王建国", password="!")
    user.set_phone(PHONE)
    user.save()
    return user


def ask(client: Client, phone: str = PHONE, **more: str):
    return client.post("/login/", {"phone": phone, **more})


def digits() -> str:
    """The digits of the newest text."""
    found = re.search(r"(?<!\d)\d{6}(?!\d)", Text.objects.latest("created_at", "pk").words)
    assert found
    return found[0]


def wrong() -> str:
    return f"{(int(digits()) + 1) % 1_000_000:06}"


def enter(client: Client, code: str, **more: str):
    return client.post("/login/code/", {"digits": code, **more})


def page(response) -> str:
    return response.content.decode()


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
