"""Of whom a second factor is asked, and what they reach without it."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from huifeng.accounts import hooks
from huifeng.accounts.models import User
from tests.huifeng.factors import PASSWORD, clerk, clock, log_in, logged_in, page, set_up

__all__ = ["clerk", "clock"]


# Asked of bureaus


def test_off_asks_nobody(client, clerk, settings):
    assert settings.SECOND_FACTOR == "off"
    log_in(client)

    assert client.get("/login/password/").status_code == 200


@pytest.mark.parametrize(
    ("mode", "login", "asked"),
    [("bureau", "limin", True), ("bureau", "zhao", False), ("staff", "zhao", True), ("bureau", "root", True)],
)
def test_whom_it_is_asked_of(client, clerk, settings, mode: str, login: str, asked: bool):
    User.objects.create_user("zhao", password=PASSWORD, display_name="赵")
    User.objects.create_superuser("root", password=PASSWORD, display_name="管理员")
    settings.SECOND_FACTOR = mode
    log_in(client, login)

    assert (client.get("/login/password/").status_code == 302) is asked


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/bureau/",
        "/my/",
        "/login/password/",
        "/login/devices/",
        "/search/",
        "/files/",
        "/nowhere/",
        "/admin/",
    ],
)
def test_without_it_nothing_else_is_reached(client, clerk, settings, address: str):
    settings.SECOND_FACTOR = "bureau"
    log_in(client)

    for method in (client.get, client.post):
        assert method(address)["Location"] == "/login/second/"
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, "/login/second/")


def test_the_way_in_and_the_way_out_are_open(client, clerk, settings):
    settings.SECOND_FACTOR = "bureau"
    log_in(client)

    assert "设好以前，别的页面打不开" in page(client.get("/login/second/"))
    assert client.get("/login/second/totp/").status_code == 200
    assert client.get("/login/second/key/").status_code == 200
    assert client.post("/logout/")["Location"] == "/"


def test_after_setting_up_everything_is_open(client, clerk, settings, clock):
    settings.SECOND_FACTOR = "bureau"
    log_in(client)
    set_up(client)

    assert client.get("/login/password/").status_code == 200


def test_who_removes_the_last_one_is_led_to_set_up_another(client, clerk, settings, clock):
    settings.SECOND_FACTOR = "bureau"
    log_in(client)
    set_up(client)
    client.post("/login/second/totp/remove/")

    assert client.get("/login/password/")["Location"] == "/login/second/"


def test_a_session_from_before_the_set_up_logs_in_anew(clerk, settings, clock):
    settings.SECOND_FACTOR = "bureau"
    client = Client()
    log_in(client)
    Authenticator.objects.create(user=clerk, type="totp", data={"secret": "x"})

    assert client.get("/bureau/people/")["Location"] == "/login/staff/?next=%2Fbureau%2Fpeople%2F"
    assert not logged_in(client)


def test_who_becomes_staff_of_a_bureau_is_asked_at_the_next_request(client, clerk, settings, monkeypatch):
    settings.SECOND_FACTOR = "bureau"
    monkeypatch.setattr(hooks, "works_for_bureau", [lambda user: False])
    log_in(client)
    assert client.get("/login/password/").status_code == 200

    monkeypatch.setattr(hooks, "works_for_bureau", [lambda user: True])
    assert client.get("/login/password/")["Location"] == "/login/second/"
