"""A second factor as a person holds it: an authenticator that shows numbers."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

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
