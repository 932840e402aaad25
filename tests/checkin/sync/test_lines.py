"""A webhook's line: every notice once as the receiver sees it, in order, whatever the receiver does."""

import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from checkin.sync import actions, lines
from checkin.sync.models import Webhook
from checkin.sync.relay import relay
from communities.notices.models import Notice
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from tests.checkin.sync import receiver as receivers
from tests.checkin.sync.receiver import Receiver, receiving
from tests.checkin.sync.sending import again, message, messages, owe, soon, work
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.members.racing import race


def test_notices_are_sent_in_order_and_signed(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 7, 8, None)

    assert work() == lines.Outcome(sent=3)

    assert receiver.messages == messages(unit, 1, 2, 3)
    assert receiver.got[0].verified(webhook.secret)["data"]["number"] == 1
    assert again(webhook).cursor == 3
    assert work() == lines.Outcome()


def test_a_message_holds_codes_and_words_but_no_number_of_a_person(world: World, receiver: Receiver) -> None:
    lead = make_staff(world.unit, Assignment.Role.LEAD)
    webhook = actions.add_webhook(world.unit.pk, receiver.url, by=lead)
    checkin = world.confirmed()
    relay()
    work()

    body = receiver.got[-1].verified(webhook.secret)
    assert body["type"] == "checkin.confirmed"
    assert body["data"]["fact"]["checkin"] == checkin.number
    assert body["data"]["sender"] == world.here.code
    assert set(body["data"]) == {"number", "kind", "person", "words", "sender", "receipt_due_on", "fact"}
    for got in receiver.got:
        assert checkin.retiree.id_number not in got.body.decode()
        assert checkin.retiree.phone not in got.body.decode()


def test_only_what_comes_after_it_was_added_is_sent(
    unit: Organisation, lead: User, receiver: Receiver
) -> None:
    owe(unit, 1, 2)
    actions.add_webhook(unit.pk, receiver.url, by=lead)
    owe(unit, 3)

    work()

    assert receiver.messages == messages(unit, 3)


@pytest.mark.parametrize("status", [500, 429, 302])
def test_a_failing_address_is_left_alone_longer_and_longer(
    unit: Organisation, webhook: Webhook, receiver: Receiver, status: int
) -> None:
    owe(unit, 1, 2)
    receiver.answers(status)
    waits = []
    for _ in range(4):
        assert work() == lines.Outcome(failed=1)
        waits.append(again(webhook).next_try_at - timezone.now())
        soon(webhook)

    receiver.answers(200)
    assert work() == lines.Outcome(sent=2)

    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=25)
    assert receiver.messages == messages(unit, 1, 1, 1, 1, 1, 2)
    assert (again(webhook).attempts, again(webhook).failing_since) == (0, None)


def test_after_a_day_of_failing_the_line_is_paused_and_both_are_told(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    owe(unit, 1)
    receiver.answers(503)
    for _ in range(lines.MOST_ATTEMPTS + 3):
        work()
        soon(webhook)

    assert again(webhook).state == Webhook.State.PAUSED
    assert len(receiver.got) == lines.MOST_ATTEMPTS
    told = Notice.objects.filter(kind="webhook.paused")
    assert {notice.receiver.kind for notice in told} == {"unit", "bureau"}

    receiver.answers(200)
    actions.resume_webhook(webhook.pk, by=lead)
    relay()
    work()
    assert receiver.messages[lines.MOST_ATTEMPTS :] == messages(unit, 1, 2)


def test_the_waits_of_a_day_of_failing_add_up_to_about_a_day() -> None:
    total = sum((lines.wait_after(n) for n in range(1, lines.MOST_ATTEMPTS)), timedelta())

    assert timedelta(hours=20) < total < timedelta(hours=30)
    assert lines.wait_after(10**6) < Webhook.NO_WAIT_IS_LONGER


def test_after_a_kill_before_the_record_the_same_message_comes_again(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1)
    _, sending = lines.claim()
    assert sending is not None
    lines.send(
        sending.webhook, message(unit, 1), lines.payload(sending.notice)
    )  # and then the worker is gone

    assert work() == lines.Outcome()  # claimed: nobody sends at the same time
    soon(webhook)
    work()

    assert receiver.messages == messages(unit, 1, 1)
    assert receiver.got[0].body == receiver.got[1].body


def test_a_claim_that_ran_out_moves_nothing_back(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1, 2)
    _, late = lines.claim()
    assert late is not None
    soon(webhook)
    work()

    assert lines.attempt(late) == lines.Outcome(sent=0)
    receiver.answers(500)
    assert lines.attempt(late) == lines.Outcome(failed=1)

    assert (again(webhook).cursor, again(webhook).last_error) == (2, "")


def test_a_next_try_in_the_far_future_is_the_work_of_a_wrong_clock(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1)
    Webhook.objects.update(next_try_at=timezone.now() + timedelta(days=300))

    assert work() == lines.Outcome(sent=1)


def test_a_paused_line_sends_nothing_and_loses_nothing(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    actions.pause_webhook(webhook.pk, by=lead)
    owe(unit, 1)
    assert work() == lines.Outcome()

    actions.resume_webhook(webhook.pk, by=lead)
    work()

    assert receiver.messages == messages(unit, 1)


def test_an_address_that_leads_inside_later_is_not_connected_to(
    unit: Organisation, webhook: Webhook, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = []
    owe(unit, 1)

    assert work() == lines.Outcome(failed=1)

    assert receiver.got == []
    assert "内部网络" in again(webhook).last_error


def test_both_secrets_sign_for_a_day_after_a_rotation(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    old = webhook.secret
    new = actions.rotate_secret(webhook.pk, made_at=webhook.secret_made_at, by=lead).secret
    owe(unit, 1)
    work()
    Webhook.objects.update(old_secret_until=timezone.now())
    owe(unit, 2)
    work()

    assert receiver.got[0].verified(old) == receiver.got[0].verified(new)
    assert receiver.got[1].headers["webhook-signature"].count("v1,") == 1
    assert receiver.got[1].verified(new)


@pytest.mark.django_db(transaction=True)
def test_a_hanging_receiver_holds_up_nobody_else(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    other = make_unit()
    with receiving() as quick:
        actions.add_webhook(other.pk, quick.url, by=make_staff(other, Assignment.Role.LEAD))
        receiver.answer = receivers.hang(5)
        owe(unit, 1)
        owe(other, *range(6))
        began = time.monotonic()
        done: list[float] = []

        def all_there(got: Any, handler: Any) -> int:
            done.append(time.monotonic() - began)
            return 200

        quick.answer = all_there
        lines.serve(seconds=5, threads=3)

    assert quick.messages == messages(other, *range(1, 7))
    assert max(done) < 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_on_one_line_at_the_same_time(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    """Seen to fail (doubled messages) with `select_for_update` taken out of `claim`."""
    owe(unit, *range(30))

    found = race(4, lambda _: work())

    assert receiver.messages == messages(unit, *range(1, 31))
    assert sum(outcome.sent for outcome in found) == 30


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_every_notice_arrives_once_and_in_order_for_each_person(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User, seed: int
) -> None:
    """Kills after any step, lost answers, refusals, repeated tasks, people who resend: then it calms down."""
    chance = random.Random(seed)
    refused = {message(unit, number) for number in range(1, 25) if chance.random() < 0.15}
    accepted: list[str] = []

    def answer(got: Any, handler: Any) -> int | None:
        mood = chance.random()
        if got.message in refused and mood < 0.9:
            return 400
        if mood < 0.2:
            return 500
        accepted.append(got.message)
        return receivers.hang_up(got, handler) if mood < 0.35 else 200

    receiver.answer = answer
    people: list[int] = []
    for _ in range(60):
        step = chance.randrange(6)
        if step == 0 and len(people) < 24:
            people += (new := [chance.randrange(4) for _ in range(3)])
            owe(unit, *new)
        elif step == 1:
            lines.claim()  # and killed
        elif step == 2:
            _, sending = lines.claim()
            if sending is not None:
                name = message(unit, sending.notice.number or 0)
                try:
                    lines.send(sending.webhook, name, lines.payload(sending.notice))  # and killed
                except lines.network.NotDelivered:
                    lines._record_failure(sending, "killed after this", refused=False)
        elif step == 3 and chance.random() < 0.3:
            actions.resend_all(webhook.pk, by=lead)
        elif step == 4:
            soon(webhook)
        else:
            work()
    refused.clear()
    receiver.answer = lambda got, handler: accepted.append(got.message) or 200  # type: ignore[func-returns-value]
    for _ in range(5):
        actions.pause_webhook(webhook.pk, by=lead)
        actions.resume_webhook(webhook.pk, by=lead)
        actions.resend_all(webhook.pk, by=lead)
        work()

    first_seen = list(dict.fromkeys(accepted))
    expected = [message(unit, number) for number in range(1, len(people) + 1)]
    about = dict(zip(expected, people, strict=True))
    own = [name for name in first_seen if name in about]
    assert sorted(own) == sorted(expected)
    for person in set(people):
        assert [n for n in own if about[n] == person] == [n for n in expected if about[n] == person]


def test_a_line_of_a_closed_organisation_is_silent(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1)
    Organisation.objects.filter(pk=unit.pk).update(closed_on=timezone.localdate())

    assert work() == lines.Outcome()


def test_a_test_message_changes_nothing_about_the_line(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    assert actions.send_test(webhook.pk, by=lead) == ""
    receiver.answers(500)
    assert "500" in actions.send_test(webhook.pk, by=lead)

    assert receiver.got[0].verified(webhook.secret)["type"] == "webhook.test"
    assert again(webhook).attempts == 0
