"""A provider that runs beside the tests, and people who travel to it and back as a browser does."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.test import Client

from huifeng.accounts import actions
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from tests.huifeng.sign_on.provider import CLIENT, PASSWORD, SECRET

PROGRAM = Path(__file__).with_name("provider.py")
NAME = "山东通登录"
START, BACK, PAGE = "/login/sso/start/", "/login/sso/back/", "/login/sso/"


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The issuer's address; a process of its own as long as the tests run."""
    folder = tmp_path_factory.mktemp("provider")
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder)], stdout=subprocess.PIPE, env={}, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def sign_on(province: str, settings: Any) -> str:
    """Our side set up for the provider."""
    settings.OIDC = {"name": NAME, "server": province, "client_id": CLIENT, "secret": SECRET}
    settings.OIDC_TRUSTS_PHONE = False
    return province


_there: dict[tuple[str, str], requests.Session] = {}  # who is logged in at the provider already


def _at_the_provider(province: str, name: str) -> requests.Session:
    if (province, name) not in _there:
        browser = requests.Session()
        login = province.removesuffix("/o") + "/login/"
        token = browser.get(login) and browser.cookies["provider_csrf"]
        sent = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/o/none/"}
        assert browser.post(login, sent, allow_redirects=False).status_code == 302
        _there[province, name] = browser
    return _there[province, name]


def leave(client: Client, start: str = START, **query: str) -> str:
    """Press the button; the address at the provider."""
    answer = client.get(start, query)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def changed(address: str, **query: str) -> str:
    """The address with other values in its query."""
    parts = urlsplit(address)
    old = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode(old | query)).geturl()


def allowed(province: str, name: str, address: str) -> str:
    """`name` logs in at the provider; where it sends the browser back to, without our host."""
    answer = _at_the_provider(province, name).get(address, allow_redirects=False)
    parts = urlsplit(answer.headers["Location"])
    assert (parts.netloc, parts.path) == ("testserver", BACK), answer.headers["Location"]
    return f"{parts.path}?{parts.query}"


def come_in(client: Client, province: str, name: str = "chen", **query: str) -> Any:
    """There and back; our answer to who came back."""
    return client.get(allowed(province, name, leave(client, **query)))


@pytest.fixture
def bound(clerk: User, sign_on: str) -> User:
    """The clerk, whom the province knows as chen."""
    actions.bind_sign_on(clerk.pk, f"{sign_on} sd-0001", by=clerk, how="session")
    return clerk


def entry() -> tuple[str, dict[str, Any]]:
    """The newest entry of the audit: what, and how."""
    newest = AuditEntry.objects.latest("pk")
    return newest.action, {name: newest.after[name] for name in ("how", "why") if name in newest.after}
