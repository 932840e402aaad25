"""What tests of a webhook's line do: owe notices, let a worker send, let time pass."""

import time

from django.utils import timezone

from checkin.sync import lines
from checkin.sync.models import Webhook
from checkin.sync.relay import relay
from communities.notices.actions import post
from communities.organisations.models import Organisation
from tests.checkin.sync.receiver import Receiver


def owe(unit: Organisation, *people: int | None, kind: str = "checkin.confirmed") -> None:
    """One delivered notice about each of these people, in this order."""
    have = unit.notices.count()
    for place, person in enumerate(people):
        post(unit, key=f"fact-{have + place}", kind=kind, words="一件事", person=person)
    relay()


def work() -> lines.Outcome:
    return lines.work(time.monotonic() + 20)


def soon(webhook: Webhook) -> None:
    """Let the back-off pass."""
    Webhook.objects.filter(pk=webhook.pk).update(next_try_at=timezone.now())


def again(webhook: Webhook) -> Webhook:
    return Webhook.objects.get(pk=webhook.pk)


def message(unit: Organisation, number: int) -> str:
    return f"n-{unit.pk}-{number}"


def messages(unit: Organisation, *numbers: int) -> list[str]:
    return [message(unit, number) for number in numbers]


def refuse(webhook: Webhook, receiver: Receiver, unit: Organisation, number: int) -> None:
    """Bring the line to where `number` is a dead letter."""
    receiver.answer = lambda got, handler: 400 if got.message == message(unit, number) else 200
    for _ in range(lines.REFUSALS):
        work()
        soon(webhook)
    receiver.answers(200)
