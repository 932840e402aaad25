"""统一登录: a provider that is away, and answers that somebody changed on the way."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from django.test import Client

from huifeng.accounts.models import User
from huifeng.accounts.sign_on import SignOnAdapter
from tests.huifeng.factors import logged_in, page
from tests.huifeng.sign_on.travel import BACK, START, allowed, come_in, entry, leave

OURS = ("token_endpoint", "jwks_uri", "userinfo_endpoint")  # the addresses we ask ourselves
Answer = dict[str, Any]


class _Between(BaseHTTPRequestHandler):
    """Whoever sits between us and the provider: passes everything on, changed."""

    server: Any

    def do_GET(self) -> None:
        self._pass_on(b"")

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def _pass_on(self, body: bytes) -> None:
        kept = {
            name: self.headers[name] for name in ("Content-Type", "Authorization") if name in self.headers
        }
        address = self.server.province + self.path
        found = requests.request(self.command, address, data=body, headers=kept, timeout=5).json()
        if "issuer" in found:
            found |= {name: found[name].replace(self.server.province, self.server.own) for name in OURS}
        said = json.dumps(self.server.change(found)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def between(sign_on: str, settings: Any) -> Iterator[Any]:
    """`between.change`: what becomes of every answer of the provider."""
    server: Any = HTTPServer(("127.0.0.1", 0), _Between)
    server.province, server.own = sign_on.removesuffix("/o"), f"http://127.0.0.1:{server.server_port}"
    server.change = lambda answer: answer
    settings.OIDC = settings.OIDC | {"server": f"{server.own}/o/.well-known/openid-configuration"}
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def part(given: Answer) -> str:
    return base64.urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip("=")


def read(text: str) -> Answer:
    return dict(json.loads(base64.urlsafe_b64decode(text + "==")))


def _signature(head: str, body: str, seal: str) -> str:
    return f"{head}.{body}.{('A' if seal[9] != 'A' else 'B').join((seal[:9], seal[10:]))}"


def _claims(head: str, body: str, seal: str) -> str:
    return f"{head}.{part(read(body) | {'sub': 'sd-0001'})}.{seal}"


def _no_signature(head: str, body: str, seal: str) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}."


def _no_key(head: str, body: str, seal: str) -> str:
    return f"{part(read(head) | {'kid': 'unknown'})}.{body}.{seal}"


def _symmetric(head: str, body: str, seal: str) -> str:
    return f"{part(read(head) | {'alg': 'HS256'})}.{body}.{seal}"


def test_between_alone_changes_nothing(bound: User, between: Any, sign_on: str, client: Client) -> None:
    assert come_in(client, sign_on)["Location"] == "/bureau/"


@pytest.mark.parametrize("change", [_signature, _claims, _no_signature, _no_key, _symmetric])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    bound: User, between: Any, sign_on: str, client: Client, change: Callable[..., str]
) -> None:
    between.change = lambda answer: (
        answer | {"id_token": change(*answer["id_token"].split("."))} if "id_token" in answer else answer
    )
    answer = come_in(client, sign_on, name="liu" if change is _claims else "chen")

    assert answer.status_code == 400
    assert "没有核对上" in page(answer)
    assert not logged_in(client)
    assert entry() == ("account.login_failed", {"how": "sign_on", "why": "wrong"})


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer | {"issuer": "http://127.0.0.1/another"},
        lambda answer: {name: answer[name] for name in answer if name not in ("id_token", "keys")},
        lambda answer: answer if "issuer" in answer else ["nonsense"],
        lambda answer: answer | {"error": "x", "access_token": None, "id_token": None},
    ],
    ids=["issuer", "short", "nonsense", "empty"],
)
def test_answers_that_are_not_right_are_refused(
    bound: User, between: Any, sign_on: str, client: Client, change: Callable[[Answer], Any]
) -> None:
    between.change = change

    assert come_in(client, sign_on).status_code == 400
    assert not logged_in(client)


def test_a_provider_that_calls_itself_otherwise_is_refused(
    bound: User, between: Any, sign_on: str, client: Client, settings: Any
) -> None:
    settings.OIDC = settings.OIDC | {"server": f"{between.own}/o"}

    assert come_in(client, sign_on).status_code == 400
    assert not logged_in(client)


@pytest.mark.django_db
def test_a_provider_that_is_away_is_a_plain_page(sign_on: str, client: Client, settings: Any) -> None:
    settings.OIDC = settings.OIDC | {"server": "http://127.0.0.1:9/o"}
    answer = client.get(START)

    assert answer.status_code == 503
    assert "现在连不上" in page(answer)
    assert entry() == ("account.login_failed", {"how": "sign_on", "why": "down"})


def test_a_provider_that_goes_away_meanwhile_is_a_plain_page(
    bound: User, sign_on: str, client: Client, settings: Any
) -> None:
    address = allowed(sign_on, "chen", leave(client))
    settings.OIDC = settings.OIDC | {"server": "http://127.0.0.1:9/o"}

    assert client.get(address).status_code == 503
    assert not logged_in(client)


@pytest.mark.django_db
def test_who_asks_too_often_waits(sign_on: str, client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_on": "2/m/ip"}
    statuses = [client.get(address).status_code for address in (START, BACK, START, BACK)]

    assert statuses == [302, 400, 429, 429]
    assert entry() == ("account.blocked", {"how": "sign_on"})


def test_in_production_nothing_is_asked_in_plain_text_or_of_somebody_else(settings: Any) -> None:
    settings.OIDC = settings.OIDC | {"server": "https://sso.example/o"}
    session = SignOnAdapter().get_requests_session()

    assert list(session.adapters) == ["https://"]
    assert not session.trust_env
    with pytest.raises(requests.exceptions.InvalidSchema):
        session.get("http://127.0.0.1:9/")
