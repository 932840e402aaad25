"""统一登录 against a real provider (provider.py): who comes in, who is refused and told what to do."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.utils import timezone

from huifeng.accounts import homes
from huifeng.accounts.homes import Home
from huifeng.accounts.models import Session, User
from tests.huifeng.factors import log_in, logged_in, page, set_up, shown
from tests.huifeng.sign_on.travel import (
    BACK,
    NAME,
    PAGE,
    START,
    allowed,
    changed,
    come_in,
    entry,
    leave,
)

# Where no provider is set -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("address", [START, BACK, PAGE, f"{START}?connect=x", f"{BACK}?state=x&code=y"])
def test_without_a_provider_there_is_nothing(client: Client, address: str, settings: Any) -> None:
    assert not settings.OIDC["name"]
    assert client.get(address).status_code == 404
    assert "sso" not in page(client.get("/login/staff/"))


# Coming in --------------------------------------------------------------------------------------------------


def test_who_is_bound_comes_in(bound: User, sign_on: str, client: Client) -> None:
    answer = come_in(client, sign_on)

    assert answer["Location"] == "/bureau/"
    assert logged_in(client)
    assert entry() == ("account.logged_in", {"how": "sign_on"})


def test_the_session_is_one_of_staff(bound: User, sign_on: str, client: Client, settings: Any) -> None:
    come_in(client, sign_on)
    row = Session.objects.get(user=bound)

    assert row.as_staff
    assert client.get("/login/devices/").status_code == 200
    with time_machine.travel(timezone.now() + timezone.timedelta(seconds=settings.STAFF_IDLE_SECONDS + 60)):
        assert client.get("/login/devices/")["Location"].startswith("/login/staff/?idle=1")


def test_the_button_carries_the_page_asked_for(bound: User, sign_on: str, client: Client) -> None:
    shown_page = page(client.get("/login/staff/", {"next": "/bureau/people/?q=1&page=2"}))

    assert f'href="{START}?next=%2Fbureau%2Fpeople%2F%3Fq%3D1%26page%3D2">{NAME}</a>' in shown_page
    assert come_in(client, sign_on, next="/bureau/people/?q=1")["Location"] == "/bureau/people/?q=1"


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_page_of_somebody_else_is_not_gone_to(
    bound: User, sign_on: str, client: Client, next_page: str
) -> None:
    assert come_in(client, sign_on, next=next_page)["Location"] == "/bureau/"


def test_the_second_factor_is_asked_for_all_the_same(bound: User, sign_on: str, settings: Any) -> None:
    settings.SECOND_FACTOR = "bureau"
    at_work, client = Client(), Client()
    log_in(at_work)
    secret, _ = set_up(at_work)

    assert come_in(client, sign_on)["Location"].startswith("/login/second/check/")
    assert not logged_in(client)
    client.post("/login/second/check/", {"code": shown(secret, later=1)})
    assert logged_in(client)
    assert entry() == ("account.logged_in", {"how": "sign_on"})


def test_who_must_set_up_a_second_factor_is_led_there(
    bound: User, sign_on: str, client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR = "bureau"
    come_in(client, sign_on)

    assert client.get("/login/devices/")["Location"] == "/login/second/"


def test_nothing_of_the_answer_is_kept_in_the_open(bound: User, sign_on: str, client: Client) -> None:
    come_in(client, sign_on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(kept)::text FROM accounts_singlesignon kept")
        (kept,) = cursor.fetchone()

    assert "sd-0001" not in kept
    assert b"sd-0001".hex() not in kept
    assert not any(model.objects.exists() for model in (SocialAccount, SocialApp, SocialToken))
    assert "sd-0001" not in json.dumps(client.session.load())
    assert not {SocialAccount, SocialApp, SocialToken} & set(admin.site._registry)


def test_logging_out_stays_with_us(bound: User, sign_on: str, client: Client) -> None:
    come_in(client, sign_on)

    assert client.post("/logout/")["Location"] == "/"
    assert not logged_in(client)
    assert come_in(client, sign_on)["Location"] == "/bureau/"  # still logged in there


# Refused ----------------------------------------------------------------------------------------------------


def test_whom_nobody_knows_is_told_how_to_be_bound(clerk: User, sign_on: str, client: Client) -> None:
    answer = come_in(client, sign_on)

    assert answer.status_code == 403
    assert "请先用登录名和密码登录" in page(answer)
    assert not logged_in(client)
    assert User.objects.filter(is_active=True).get() == clerk
    assert entry() == ("account.login_failed", {"how": "sign_on", "why": "unknown"})


def test_a_deactivated_account_is_refused(bound: User, sign_on: str, client: Client) -> None:
    User.objects.filter(pk=bound.pk).update(is_active=False)
    answer = come_in(client, sign_on)

    assert answer.status_code == 403
    assert "已经停用" in page(answer)
    assert not logged_in(client)
    assert entry() == ("account.inactive", {"how": "sign_on"})


def test_who_works_nowhere_is_refused(
    bound: User, sign_on: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("本人", "/my/")]])
    answer = come_in(client, sign_on)

    assert answer.status_code == 403
    assert "没有在任何单位任职" in page(answer)
    assert not logged_in(client)
    assert entry() == ("account.login_failed", {"how": "sign_on", "why": "no_work"})


def test_an_administrator_is_refused(bound: User, sign_on: str, client: Client) -> None:
    User.objects.filter(pk=bound.pk).update(is_staff=True)

    assert "请用登录名和密码登录" in page(come_in(client, sign_on))
    assert not logged_in(client)


def test_who_cancelled_there_is_told_so(bound: User, sign_on: str, client: Client) -> None:
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    answer = client.get(BACK, {"state": state, "error": "access_denied"})

    assert answer.status_code == 400
    assert "取消了登录" in page(answer)


def test_what_came_back_is_good_once(bound: User, sign_on: str, client: Client) -> None:
    address = allowed(sign_on, "chen", leave(client))
    client.get(address)
    client.post("/logout/")
    answer = client.get(address)

    assert answer.status_code == 400
    assert "已经办过" in page(answer)
    assert not logged_in(client)
    assert entry() == ("account.login_failed", {"how": "sign_on", "why": "stale"})


def test_what_came_back_is_good_in_its_browser_only(bound: User, sign_on: str, client: Client) -> None:
    address = allowed(sign_on, "chen", leave(Client()))

    assert client.get(address).status_code == 400
    assert not logged_in(client)


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "x", "code": "y"}, {"code": "y"}])
def test_what_nobody_sent_out_is_refused(
    sign_on: str, client: Client, db: None, query: dict[str, str]
) -> None:
    assert client.get(BACK, query).status_code == 400


def test_another_nonce_is_refused(bound: User, sign_on: str, client: Client) -> None:
    answer = client.get(allowed(sign_on, "chen", changed(leave(client), nonce="of-somebody-else")))

    assert answer.status_code == 400
    assert "没有核对上" in page(answer)
    assert not logged_in(client)
    assert entry() == ("account.login_failed", {"how": "sign_on", "why": "wrong"})


def test_another_proof_of_who_asked_is_refused(bound: User, sign_on: str, client: Client) -> None:
    address = changed(leave(client), code_challenge="x" * 43)  # PKCE: the provider refuses the code

    assert client.get(allowed(sign_on, "chen", address)).status_code == 400
    assert not logged_in(client)


def test_a_wrong_secret_is_refused(bound: User, sign_on: str, client: Client, settings: Any) -> None:
    settings.OIDC = settings.OIDC | {"secret": "of-nobody"}

    assert come_in(client, sign_on).status_code == 400
    assert not logged_in(client)
