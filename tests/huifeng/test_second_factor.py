"""The second factor: set up, asked for, good once, taken away."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from huifeng.accounts import homes
from huifeng.accounts.homes import Home
from huifeng.accounts.models import User
from huifeng.accounts.second_factor import SecondFactorAdapter, use_up
from huifeng.texts.models import Text
from tests.communities.threads import at_the_same_time
from tests.huifeng.factors import PASSWORD, clerk, clock, log_in, logged_in, page, set_up, shown, with_second

__all__ = ["clerk", "clock"]


# Setting up


def test_the_page_shows_a_square_code_and_the_secret_in_letters(client, clerk, clock):
    log_in(client)
    response = client.get("/login/second/totp/")

    assert 'src="data:image/svg+xml;base64,' in page(response)
    assert response.context["secret"] in page(response)
    assert len(response.context["secret"].replace(" ", "")) == 32
    assert "no-store" in response["Cache-Control"]


def test_a_wrong_number_sets_nothing_up_and_keeps_the_secret(client, clerk, clock):
    log_in(client)
    before = client.get("/login/second/totp/").context["secret"]
    response = client.post("/login/second/totp/", {"code": "000000"})

    assert response.status_code == 422
    assert response.context["secret"] == before
    assert not Authenticator.objects.exists()


def test_the_secret_is_sealed_at_rest(client, clerk, clock):
    log_in(client)
    secret, codes = set_up(client)

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, ' ') FROM mfa_authenticator")
        kept = cursor.fetchone()[0]
    assert secret not in kept
    assert not any(code in kept for code in codes)
    assert secret not in str(dict(client.session))


def test_recovery_codes_are_shown_once(client, clerk, clock):
    log_in(client)
    _, codes = set_up(client)
    again = page(client.get("/login/second/codes/"))

    assert len(set(codes)) == 10
    assert not any(code in again for code in codes)
    assert "不能再看" in again


def test_new_recovery_codes_make_the_old_ones_useless(client, clerk, clock):
    log_in(client)
    _, old = set_up(client)
    client.post("/login/second/codes/new/")
    new = page(client.get("/login/second/codes/"))

    assert not any(code in new for code in old)
    assert not logged_in(with_second(old[0]))


def test_setting_up_tells_the_person_and_ends_other_sessions(
    client, clerk, clock, django_capture_on_commit_callbacks
):
    clerk.set_phone("13812345678")
    clerk.save()
    other = Client()
    log_in(other)
    log_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)

    assert "加了第二步验证" in Text.objects.get().words
    assert client.get("/login/devices/").status_code == 200
    assert other.get("/login/devices/").status_code == 302


def test_who_is_no_staff_is_offered_none(client, db, monkeypatch):
    monkeypatch.setattr(homes, "homes", [])
    client.force_login(User.objects.create_user("wang", display_name="王建国"))

    assert client.get("/login/second/").status_code == 404
    assert client.get("/login/second/totp/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["", "totp/", "totp/remove/", "key/", "codes/", "codes/new/", "again/code/"]
)
def test_a_stranger_is_sent_to_the_login(client, address: str):
    assert client.get(f"/login/second/{address}")["Location"].startswith("/login/?next=")


# Asked for at the login


def test_the_password_alone_does_not_let_in(client, clerk, clock):
    log_in(client)
    set_up(client)

    other = Client()
    assert log_in(other)["Location"] == "/login/second/check/"
    assert not logged_in(other)
    assert other.get("/login/devices/").status_code == 302


def test_the_number_lets_in_and_leads_to_the_page_wanted(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)
    clock.shift(timedelta(seconds=30))
    other = Client()
    log_in(other, next="/bureau/people/?q=1")

    assert other.post("/login/second/check/", {"code": shown(secret)})["Location"] == "/bureau/people/?q=1"
    assert logged_in(other)


def test_full_width_digits_and_spaces_are_understood(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)
    clock.shift(timedelta(seconds=30))
    code = shown(secret).translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    assert logged_in(with_second(f" {code[:3]} {code[3:]}"))


def test_the_second_step_holds_for_login_by_phone_too(client, clerk, clock):
    log_in(client)
    set_up(client)
    clerk.set_phone("13812345678")
    clerk.save()
    other = Client()
    other.post("/login/", {"phone": "13812345678"})
    digits = Text.objects.latest("pk").words.split("数字是 ")[1][:6]

    assert other.post("/login/code/", {"digits": digits})["Location"] == "/login/second/check/"
    assert not logged_in(other)


def test_a_number_is_good_once_as_long_as_it_fits(client, clerk, clock):
    """The number of half a minute ago still fits; the cache, which allauth trusts, has forgotten that it was used."""
    log_in(client)
    secret, _ = set_up(client)
    clock.shift(timedelta(seconds=30))
    code = shown(secret)
    assert logged_in(with_second(code))

    clock.shift(timedelta(seconds=30))
    cache.clear()
    assert not logged_in(with_second(code))


def test_the_number_that_set_it_up_lets_nobody_in(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)

    assert not logged_in(with_second(shown(secret)))


def test_an_older_number_is_refused_after_a_newer_one(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)
    clock.shift(timedelta(seconds=60))
    older, newer = shown(secret, later=-1), shown(secret)
    assert logged_in(with_second(newer))

    assert not logged_in(with_second(older))


def test_a_recovery_code_is_good_once(client, clerk, clock):
    log_in(client)
    _, codes = set_up(client)

    assert logged_in(with_second(codes[3]))
    assert not logged_in(with_second(codes[3]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["recovery", "totp"])
def test_a_code_used_several_times_at_once_lets_in_one(way: str, monkeypatch):
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("市南区委老干部局", "/bureau/", staff=True)]])
    User.objects.create_user("limin", password=PASSWORD, display_name="李敏")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = Client()
        log_in(client)
        secret, codes = set_up(client)
        clock.shift(timedelta(seconds=30))
        code = codes[0] if way == "recovery" else shown(secret)
        browsers = [Client() for _ in range(4)]
        for browser in browsers:
            log_in(browser)
        answers = at_the_same_time(
            *(
                lambda b=browser: b.post("/login/second/check/", {"code": code}).status_code
                for browser in browsers
            )
        )

    assert sorted(answers) == [302, 422, 422, 422]
    assert [logged_in(browser) for browser in browsers].count(True) == 1


def test_five_misses_shut_the_second_step_for_a_quarter_of_an_hour_in_every_browser(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)
    for _ in range(5):
        with_second("000000")
    clock.shift(timedelta(seconds=60))
    assert not logged_in(with_second(shown(secret)))

    clock.shift(timedelta(minutes=15))
    assert logged_in(with_second(shown(secret)))


def test_the_step_between_dies_after_a_quarter_of_an_hour(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)
    other = Client()
    log_in(other)
    clock.shift(timedelta(minutes=15, seconds=1))

    assert other.post("/login/second/check/", {"code": shown(secret)})["Location"] == "/login/"
    assert not logged_in(other)


# Changing it


def test_five_minutes_after_the_login_one_says_again_who_one_is(client, clerk, clock):
    log_in(client)
    clock.shift(timedelta(minutes=5, seconds=1))
    asked = client.get("/login/second/totp/")

    assert asked["Location"] == "/login/second/again/password/?next=%2Flogin%2Fsecond%2Ftotp%2F"
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 422
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/login/second/totp/"
    assert client.get("/login/second/totp/").status_code == 200


def test_the_number_also_says_who_one_is(client, clerk, clock):
    log_in(client)
    secret, _ = set_up(client)
    clock.shift(timedelta(minutes=6))
    asked = "/login/second/again/code/?next=/login/second/totp/remove/"

    assert client.post(asked, {"code": shown(secret)})["Location"] == "/login/second/totp/remove/"


def test_removing_it_takes_the_recovery_codes_along(client, clerk, clock):
    log_in(client)
    set_up(client)
    client.post("/login/second/totp/remove/")

    assert not Authenticator.objects.exists()
    assert log_in(Client())["Location"] == "/bureau/"


def test_nobody_removes_the_key_of_somebody_else(client, clerk, clock):
    other = User.objects.create_user("zhao", password=PASSWORD, display_name="赵")
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "钥匙", "credential": {}})
    log_in(client)

    assert client.post(f"/login/second/key/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_number_is_used_up_under_a_lock():
    """allauth's own memory, the cache, is not asked here."""
    user = User.objects.create_user("limin", password=PASSWORD, display_name="李敏")
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    data = {"secret": SecondFactorAdapter().encrypt(secret)}
    authenticator = Authenticator.objects.create(user=user, type="totp", data=data)

    answers = at_the_same_time(*[lambda: use_up(authenticator.pk, shown(secret))] * 6)

    assert sorted(answers) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_setting_up_pressed_twice_at_once_sets_up_one(monkeypatch):
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("市南区委老干部局", "/bureau/", staff=True)]])
    User.objects.create_user("limin", password=PASSWORD, display_name="李敏")
    client, twin = Client(), Client()
    log_in(client)
    code = shown(client.get("/login/second/totp/").context["secret"].replace(" ", ""))
    twin.cookies = client.cookies

    answers = at_the_same_time(
        *(lambda c=c: c.post("/login/second/totp/", {"code": code}).status_code for c in (client, twin))
    )

    assert answers == [302, 302]
    assert Authenticator.objects.filter(type="totp").count() == 1
