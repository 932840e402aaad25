"""How often one may try: by account strict, by address generous; and one answer in one time for known and unknown."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from huifeng.accounts import homes
from huifeng.accounts.homes import Home
from huifeng.accounts.models import User
from huifeng.texts.models import Text
from tests.huifeng.factors import PASSWORD, log_in

PHONE = "13812345678"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def clerk(db, monkeypatch) -> User:
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("湛山社区", "/community/", staff=True)]])
    user = User.objects.create_user("limin", password=PASSWORD, display_name="李敏")
    user.set_phone(PHONE)
    user.save()
    return user


def test_the_staff_of_a_whole_office_behind_one_address_log_in(clerk, clock):
    for number in range(100):
        User.objects.create_user(f"clerk{number}", password=PASSWORD, display_name="经办人")

    assert {log_in(Client(), f"clerk{number}").status_code for number in range(100)} == {302}


def test_wrong_passwords_from_one_address_have_an_end(clerk, clock):
    for number in range(60):
        log_in(Client(), f"nobody{number}", "wrong")
    assert "15 分钟后再来" in log_in(Client()).content.decode()

    clock.shift(timedelta(minutes=1, seconds=1))
    assert log_in(Client()).status_code == 302


def test_a_right_password_buys_no_new_guesses(clerk, clock):
    for _ in range(4):
        log_in(Client(), password="wrong")
    clock.shift(timedelta(seconds=1))
    assert log_in(Client()).status_code == 302
    clock.shift(timedelta(seconds=1))
    log_in(Client(), password="wrong")

    assert "15 分钟后再来" in log_in(Client()).content.decode()


def test_a_name_that_does_not_exist_is_shut_alike(clerk, clock):
    answers = [log_in(Client(), "nobody", "wrong").content.decode() for _ in range(6)]

    assert "登录名或密码不对" in answers[4]
    assert "15 分钟后再来" in answers[5]


def test_the_phone_and_the_name_of_an_account_are_one_account(clerk, clock):
    for login in ("limin", PHONE, "limin", PHONE, "138 1234 5678"):
        log_in(Client(), login, "wrong")

    assert "15 分钟后再来" in log_in(Client()).content.decode()


def test_a_network_of_ipv6_is_one_address(db, clock):
    for number in range(60):
        Client(REMOTE_ADDR=f"2001:db8:1:2::{number + 1:x}").post("/login/", {"phone": f"138{number:08}"})
    neighbour = Client(REMOTE_ADDR="2001:db8:1:3::1").post("/login/", {"phone": "13900000001"})
    inside = Client(REMOTE_ADDR="2001:db8:1:2:ffff::1").post("/login/", {"phone": "13900000002"})

    assert (neighbour.status_code, inside.status_code) == (302, 422)


def test_a_forged_header_is_no_other_address(db, clock):
    for number in range(61):
        answer = Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}).post(
            "/login/", {"phone": f"138{number:08}"}
        )

    assert answer.status_code == 422


def test_saying_again_who_one_is_has_an_end(clerk, clock):
    client = Client()
    log_in(client)
    clock.shift(timedelta(minutes=6))
    for _ in range(5):
        client.post("/login/second/again/password/", {"password": "wrong"})

    assert (
        "15 分钟后再来"
        in client.post("/login/second/again/password/", {"password": PASSWORD}).content.decode()
    )
    for _ in range(5):
        answer = client.post("/login/second/again/password/", {"password": "wrong"})
    assert answer.status_code == 429
    assert "请等一会儿再试" in answer.content.decode()


def test_setting_up_a_second_factor_cannot_be_guessed_through(clerk, clock):
    client = Client()
    log_in(client)
    client.get("/login/second/totp/")
    for _ in range(5):
        client.post("/login/second/totp/", {"code": "000000"})

    assert "15 分钟后再来" in client.post("/login/second/totp/", {"code": "000000"}).content.decode()


# One answer, one time


def seconds(acts: dict[str, Callable[[int], object]], times: int) -> dict[str, float]:
    """The median of how long each act takes; they take turns, so that what else the machine does meets all."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for number in range(times):
        for name, act in acts.items():
            cache.clear()  # no limit in the way
            began = time.perf_counter()
            act(number)
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(sorted(each)[: times // 2]) for name, each in taken.items()}


def test_known_and_unknown_names_take_the_same_time(clerk, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    clerk.set_password(PASSWORD)
    clerk.save()
    User.objects.create_user("nopassword", display_name="只用手机")
    names = ("limin", "nobody", "nopassword")

    taken = seconds({name: lambda _, name=name: log_in(Client(), name, "wrong") for name in names}, 16)

    assert taken["nobody"] == pytest.approx(taken["limin"], rel=0.3), taken
    assert taken["nopassword"] == pytest.approx(taken["limin"], rel=0.3), taken


def test_known_and_unknown_and_switched_off_phones_take_the_same_time(db):
    for number in range(40):
        user = User(username=f"k{number}", display_name="王", password="!", is_active=number < 20)
        user.set_phone(f"138{number:08}")
        user.save()

    def ask(start: int) -> Callable[[int], object]:
        return lambda number: Client().post("/login/", {"phone": f"138{start + number:08}"})

    taken = seconds({"known": ask(0), "off": ask(20), "unknown": ask(2000)}, 20)

    assert Text.objects.count() == 40
    assert taken["unknown"] == pytest.approx(taken["known"], rel=0.3), taken
    assert taken["off"] == pytest.approx(taken["known"], rel=0.3), taken
