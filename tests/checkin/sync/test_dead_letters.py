"""What a receiver refuses is put aside, with what follows about the same person, until somebody decides."""

from django.db import transaction

from checkin.sync import actions
from checkin.sync.models import DeadLetter, Webhook
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from tests.checkin.sync.receiver import Receiver
from tests.checkin.sync.sending import message, messages, owe, refuse, soon, work

Letter = DeadLetter.State


def test_what_is_refused_three_times_is_put_aside_and_the_line_goes_on(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1, 2)
    receiver.answer = lambda got, handler: 422 if got.message == message(unit, 1) else 200
    for _ in range(3):
        work()
        soon(webhook)
    work()

    letter = DeadLetter.objects.get()
    assert (letter.notice.number, letter.state, letter.attempts) == (1, Letter.WAITING, 3)
    assert "422" in letter.error
    assert receiver.messages == messages(unit, 1, 1, 1, 2)


def test_a_refusal_after_failures_of_the_address_counts_as_one(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1)
    receiver.answers(500, 503, 500, 404, 200)
    for _ in range(5):
        work()
        soon(webhook)

    assert not DeadLetter.objects.exists()
    assert receiver.messages == messages(unit, 1, 1, 1, 1, 1)


def test_each_notice_is_refused_three_times_before_it_is_put_aside(
    unit: Organisation, webhook: Webhook, receiver: Receiver
) -> None:
    owe(unit, 1, 2)
    receiver.answers(401)
    for _ in range(6):
        work()
        soon(webhook)

    assert receiver.messages == messages(unit, 1, 1, 1, 2, 2, 2)
    assert list(DeadLetter.objects.values_list("attempts", flat=True)) == [3, 3]


def test_later_notices_about_the_same_person_wait_behind_a_dead_letter(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    owe(unit, 7, 8, 7)
    refuse(webhook, receiver, unit, 1)
    work()
    owe(unit, 7)
    work()
    assert receiver.messages == messages(unit, 1, 1, 1, 2)
    assert list(DeadLetter.objects.order_by("notice").values_list("notice__number", "state")) == [
        (number, Letter.WAITING) for number in (1, 3, 4)
    ]

    assert actions.resend(DeadLetter.objects.get(notice__number=3).pk, by=lead) == 2
    work()
    assert receiver.messages[4:] == messages(unit, 1, 3)
    assert actions.resend_all(webhook.pk, by=lead) == 1
    work()
    owe(unit, 7)
    work()

    assert receiver.messages[4:] == messages(unit, 1, 3, 4, 5)
    assert set(DeadLetter.objects.values_list("state", flat=True)) == {Letter.RESENT}


def test_a_letter_refused_again_waits_again_with_those_behind_it(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    owe(unit, 7, 7)
    refuse(webhook, receiver, unit, 1)
    work()
    actions.resend_all(webhook.pk, by=lead)

    refuse(webhook, receiver, unit, 1)

    assert set(DeadLetter.objects.values_list("state", flat=True)) == {Letter.WAITING}
    assert message(unit, 2) not in receiver.messages


def test_dropping_a_letter_lets_the_next_one_about_the_person_go_when_asked(
    unit: Organisation, webhook: Webhook, receiver: Receiver, lead: User
) -> None:
    owe(unit, 7, 7)
    refuse(webhook, receiver, unit, 1)
    work()
    first, second = DeadLetter.objects.order_by("notice")

    with transaction.atomic():
        actions.drop(first.pk, words="对方已手工录入", by=lead)
    assert actions.resend(second.pk, by=lead) == 1
    work()

    assert receiver.messages[-1] == message(unit, 2)
