"""Login by phone and six digits."""

import logging
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from huifeng.accounts import actions, homes, hooks, phones
from huifeng.accounts.actions import Asked
from huifeng.accounts.homes import Home
from huifeng.accounts.models import User
from huifeng.texts.models import Text
from tests.huifeng.phone_login import PHONE, ask, clock, digits, enter, logged_in, page, retiree, wrong

__all__ = ["clock", "retiree"]


WRITTEN = [
    "13812345678",
    "138 1234 5678",
    "138-1234-5678",
    "+86 138 1234 5678",
    "0086-13812345678",
    "8613812345678",
    "１３８１２３４５６７８",
    " 13812345678 ",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_number_is_read_as_people_write_it(written: str):
    assert phones.normal(written) == PHONE


@pytest.mark.parametrize(
    "written", ["", "1381234567", "138123456789", "23812345678", "12812345678", "+1 13812345678", "王"]
)
def test_what_is_no_mobile_number_is_refused(written: str):
    with pytest.raises(ValidationError):
        phones.normal(written)


@pytest.mark.django_db
def test_a_wrong_number_is_asked_for_in_words(client):
    response = ask(client, "1381")

    assert response.status_code == 422
    assert "请填写手机号，共 11 位数字" in page(response)
    assert not User.objects.filter(phone_index__isnull=False).exists()


def test_digits_are_sent_to_the_phone(client, retiree):
    response = ask(client)

    assert response["Location"] == "/login/code/"
    text = Text.objects.get()
    assert (text.phone, text.voice) == (PHONE, False)
    assert "138****5678" in page(client.get("/login/code/"))


def test_right_digits_let_in(client, retiree):
    ask(client)
    response = enter(client, digits())

    assert response["Location"] == "/my/"
    assert client.session["_auth_user_id"] == str(retiree.pk)


def test_digits_may_be_full_width_and_spaced(client, retiree):
    ask(client)
    code = digits().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    enter(client, f" {code[:3]} {code[3:]}")

    assert logged_in(client)


def test_digits_are_good_once(client, retiree):
    ask(client)
    code = digits()
    enter(client, code)

    other = Client()
    ask(other)
    assert enter(other, code).status_code == 422


def test_an_unknown_phone_gets_the_same_answers(client, retiree):
    known, unknown = Client(), Client()
    answers = []
    for visitor, phone in ((known, PHONE), (unknown, "13912345678")):
        asked = ask(visitor, phone)
        shown = page(visitor.get("/login/code/")).replace(f"{phone[:3]}****", "")
        answers.append((asked.status_code, asked["Location"], re.sub(r'value="\w{64}"', "", shown)))

    assert answers[0] == answers[1]
    assert sorted(text.phone for text in Text.objects.all()) == [PHONE, "13912345678"]


@pytest.mark.django_db
def test_an_unknown_phone_becomes_an_account_without_password_or_name(client):
    ask(client)
    enter(client, digits())

    user = User.objects.with_phone(PHONE)
    assert user is not None
    assert logged_in(client)
    assert (user.has_usable_password(), user.display_name) == (False, "")


def test_a_deactivated_account_sees_the_same_page_and_gets_no_text(client, retiree):
    User.objects.update(is_active=False)

    assert ask(client)["Location"] == "/login/code/"
    assert "138****5678" in page(client.get("/login/code/"))
    assert not Text.objects.exists()


def test_digits_live_ten_minutes(client, retiree, clock):
    ask(client)
    clock.shift(timedelta(minutes=9, seconds=59))
    enter(client, digits())

    assert logged_in(client)


def test_digits_are_dead_after_ten_minutes(client, retiree, clock):
    ask(client)
    clock.shift(timedelta(minutes=10, seconds=1))
    response = enter(client, digits())

    assert response.status_code == 422
    assert "这个数字过了 10 分钟，已经不能用。请点“再发一次”" in page(response)
    assert 'name="again" value="text"' in page(response)
    assert not logged_in(client)


def test_a_miss_says_how_many_tries_are_left(client, retiree):
    ask(client)

    assert "还可以试 4 次" in page(enter(client, wrong()))
    assert "还可以试 3 次" in page(enter(client, wrong()))


def test_something_that_is_no_number_is_no_miss(client, retiree):
    ask(client)
    for _ in range(6):
        assert "请填写短信里的 6 位数字" in page(enter(client, "12ab"))
    enter(client, digits())

    assert logged_in(client)


def test_nothing_is_sent_again_within_a_minute(client, retiree, clock):
    ask(client)
    clock.shift(timedelta(seconds=59))
    response = client.post("/login/code/", {"again": "text"}, follow=True)

    assert "请等 60 秒再点" in page(response)
    assert Text.objects.count() == 1


def test_after_a_minute_the_same_digits_are_sent_and_live_ten_minutes_more(client, retiree, clock):
    ask(client)
    first = digits()
    clock.shift(timedelta(minutes=9))
    client.post("/login/code/", {"again": "text"})
    assert Text.objects.count() == 2
    assert digits() == first

    clock.shift(timedelta(minutes=9))
    enter(client, first)
    assert logged_in(client)


def test_dead_digits_are_replaced_by_others(client, retiree, clock):
    ask(client)
    for _ in range(3):  # one of a million pairs is equal by chance
        before = digits()
        clock.shift(timedelta(minutes=11))
        client.post("/login/code/", {"again": "text"})
        if digits() != before:
            return
    raise AssertionError("always the same digits")


def test_the_digits_can_be_told_by_a_call(client, retiree, clock):
    ask(client)
    code = digits()
    clock.shift(timedelta(seconds=61))
    response = client.post("/login/code/", {"again": "call"}, follow=True)

    call = Text.objects.get(voice=True)
    assert "，".join(code) in call.words
    assert "马上给您打电话" in page(response)


def test_a_phone_is_not_flooded(retiree, clock):
    asked = []
    for _ in range(9):
        asked.append(actions.send_code(retiree.pk))
        clock.shift(timedelta(seconds=61))

    assert asked == [Asked.SENT] * 8 + [Asked.TOO_OFTEN]
    clock.shift(timedelta(hours=1))
    assert actions.send_code(retiree.pk) is Asked.SENT


@pytest.mark.django_db
def test_a_community_behind_one_address_is_not_shut_out():
    answers = [ask(Client(), f"138{n:08}").status_code for n in range(50)]

    assert set(answers) == {302}


@pytest.mark.django_db
def test_one_address_cannot_ask_without_end():
    for n in range(60):
        ask(Client(), f"138{n:08}")
    response = ask(Client(), "13999999999")

    assert "请等一分钟再试" in page(response)
    assert User.objects.with_phone("13999999999") is None


def test_neither_digits_nor_phone_reach_a_log(client, retiree, caplog):
    caplog.set_level(logging.DEBUG)
    ask(client)
    right, guess = digits(), wrong()
    enter(client, guess)
    enter(client, right)

    for secret in (right, guess, PHONE):
        assert secret not in re.sub(r"\d{7,}", "", caplog.text)


def test_the_digits_are_sealed_at_rest(client, retiree):
    ask(client)

    with connection.cursor() as cursor:
        cursor.execute("SELECT digits FROM accounts_logincode")
        assert digits().encode() not in bytes(cursor.fetchone()[0])
    assert PHONE not in str(dict(client.session))
    assert digits() not in str(dict(client.session))


def test_the_session_ends_with_the_browser(client, retiree):
    ask(client)
    response = enter(client, digits())

    assert response.cookies["sessionid"]["max-age"] == ""


def test_on_ones_own_phone_it_stays_thirty_days(client, retiree):
    ask(client)
    response = enter(client, digits(), own_phone="on")

    assert response.cookies["sessionid"]["max-age"] == 30 * 24 * 3600


def test_staff_by_phone_get_no_thirty_days(client, retiree, monkeypatch):
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("湛山社区", "/community/", staff=True)]])
    ask(client)
    response = enter(client, digits(), own_phone="on")

    assert response["Location"] == "/community/"
    assert response.cookies["sessionid"]["max-age"] == ""


def test_who_is_staff_and_retiree_is_asked(client, retiree, monkeypatch):
    both = [lambda user: [Home("湛山社区", "/community/", staff=True)], lambda user: [Home("我自己", "/my/")]]
    monkeypatch.setattr(homes, "homes", both)
    ask(client)
    response = enter(client, digits())
    assert response["Location"] == "/login/choose/"

    shown = page(client.get("/login/choose/"))
    assert "以什么身份进入" in shown
    assert 'href="/community/"' in shown
    assert 'href="/my/"' in shown


def test_login_comes_back_to_the_page(client, retiree):
    ask(client, next="/my/checkin/2/")

    assert enter(client, digits())["Location"] == "/my/checkin/2/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_login_never_leads_to_another_site(client, retiree, address: str):
    ask(client, next=address)

    assert enter(client, digits())["Location"] == "/my/"


def test_upper_floors_are_told_of_a_login(client, retiree, monkeypatch):
    told: list[User] = []
    monkeypatch.setattr(hooks, "on_login", [told.append])
    ask(client)
    enter(client, digits())

    assert told == [retiree]


@pytest.mark.django_db
def test_without_asking_there_is_no_page_for_digits(client):
    assert client.get("/login/code/")["Location"] == "/login/"


@pytest.mark.django_db
def test_accounts_that_never_logged_in_are_forgotten_after_a_week(clock):
    actions.account_for("13900000001")
    used = actions.account_for("13900000002")
    User.objects.filter(pk=used.pk).update(last_login=timezone.now())
    staff = actions.account_for("13900000003")
    User.objects.filter(pk=staff.pk).update(display_name="李敏")
    clock.shift(timedelta(days=6))
    assert actions.forget_strangers() == 0

    clock.shift(timedelta(days=1, seconds=1))
    assert actions.forget_strangers() == 1
    assert set(User.objects.filter(phone_index__isnull=False)) == {used, staff}
