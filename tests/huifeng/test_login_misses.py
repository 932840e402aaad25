"""Wrong digits: counted one by one, and shut out after five."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from huifeng.accounts import actions
from huifeng.accounts.actions import Answer
from huifeng.accounts.models import User
from huifeng.texts.models import Text
from tests.huifeng.phone_login import PHONE, ask, clock, digits, enter, logged_in, page, retiree, wrong

__all__ = ["clock", "retiree"]


def miss_five_times(client: Client) -> str:
    code = wrong()
    for _ in range(4):
        enter(client, code)
    return page(enter(client, code))


def test_five_misses_lock(client, retiree):
    ask(client)
    right = digits()

    assert "试的次数多了，请 15 分钟后再来，或打电话给社区" in miss_five_times(client)
    assert "15 分钟后再来" in page(enter(client, right))
    assert not logged_in(client)


def test_a_lock_ends_after_fifteen_minutes(client, retiree, clock):
    ask(client)
    miss_five_times(client)
    clock.shift(timedelta(minutes=14, seconds=59))
    ask(client)
    assert Text.objects.count() == 1

    clock.shift(timedelta(seconds=2))
    ask(client)
    assert Text.objects.count() == 2
    enter(client, digits())
    assert logged_in(client)


def test_a_new_session_buys_no_new_guesses(client, retiree):
    ask(client)
    code = wrong()
    answers = []
    for _ in range(5):
        visitor = Client()
        ask(visitor)
        answers.append(page(enter(visitor, code)))

    assert "还可以试 1 次" in answers[3]
    assert "15 分钟后再来" in answers[4]


def test_asking_again_does_not_clear_the_misses(client, retiree, clock):
    ask(client)
    enter(client, wrong())
    clock.shift(timedelta(seconds=61))
    client.post("/login/code/", {"again": "text"})

    assert "还可以试 3 次" in page(enter(client, wrong()))


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_time_are_counted_one_by_one():
    user = actions.account_for(PHONE)
    actions.send_code(user.pk)
    guess, answers = wrong(), []

    def try_it() -> None:
        try:
            answers.append(actions.check_digits(user.pk, guess).answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (answers.count(Answer.WRONG), answers.count(Answer.LOCKED)) == (4, 8)


@pytest.mark.django_db(transaction=True)
def test_asking_at_the_same_time_makes_one_account_and_one_text():
    def ask_it() -> None:
        try:
            actions.send_code(actions.account_for(PHONE).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert User.objects.filter(phone_index__isnull=False).count() == 1
    assert Text.objects.count() == 1
