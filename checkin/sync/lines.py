"""Sending a webhook's notices one after the other, in three steps that survive a crash at any point.

1. claim: under the row's lock find what comes next, count the attempt, move `next_try_at` into the future; COMMIT.
   Nobody else finds the line due, and if this worker dies it becomes due again by itself.
2. POST, in no transaction.
3. write down how it went, only if the line still stands where it was claimed; COMMIT.
A worker killed between 2 and 3 POSTs the same notice again, with the same `webhook-id`: the receiver knows it.

What fails for the address as a whole (no connection, 3xx, 5xx, 408, 429) keeps the line where it is, longer and
longer; after about a day it is paused and its owner and the bureau are told. What the receiver refuses (other 4xx)
three times becomes a dead letter and the line goes on. Letters somebody sent again come before what is new.
"""

import json
import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from communities.notices.actions import post as owe
from communities.notices.models import Notice
from members.units.actions import bureau_for

from . import network
from .models import DeadLetter, Webhook

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=30)  # longer than a POST may take
LONGEST_WAIT = timedelta(hours=1)
REFUSALS = 3  # a message refused so often is put aside, however often the address failed in between
MOST_ATTEMPTS = 30  # about a day; then the line is paused
THREADS = 8
Letter = DeadLetter.State


@dataclass
class Outcome:
    sent: int = 0
    failed: int = 0
    dead: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.sent + other.sent, self.failed + other.failed, self.dead + other.dead)


@dataclass(frozen=True)
class Sending:
    """One notice claimed for one line; `letter` when it is one sent again. `webhook` as it was claimed."""

    webhook: Webhook
    notice: Notice
    letter: DeadLetter | None


def serve(*, seconds: float = 8, threads: int = THREADS) -> Outcome:
    """Send what is due on all lines, several at a time, until nothing is due or no new one may begin.

    Lines take turns, one notice each, so one that answers slowly holds up a thread and nobody else. Any number
    may run at once.
    """
    if not Webhook.objects.due(timezone.now()).exists():
        return Outcome()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(threads, thread_name_prefix="webhooks") as pool:
        runs = [pool.submit(copy_context().run, _alone, end) for _ in range(threads)]
        return sum((run.result() for run in runs), Outcome())


def _alone(end: float) -> Outcome:
    try:
        return work(end)
    finally:
        connection.close()


def work(end: float) -> Outcome:
    """Claim and send, in this thread, until nothing is due or the monotonic clock passes `end`."""
    done = Outcome()
    while time.monotonic() < end:
        put_aside, sending = claim()
        done.dead += put_aside
        if sending is not None:
            done += attempt(sending)
        elif not put_aside:
            break
    return done


def wait_after(attempts: int) -> timedelta:
    """How long to leave a line alone after its nth failure: doubling, with up to a quarter more by chance."""
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    return wait * random.uniform(1, 1.25)  # noqa: S311 -- spread, not secrecy


@transaction.atomic
def claim() -> tuple[int, Sending | None]:
    """What comes next on the line that waits longest, for the caller alone; and how many notices were put behind
    an earlier one about the same person that waits for somebody.
    """
    now = timezone.now()
    webhook = (
        Webhook.objects.due(now)
        .order_by("next_try_at")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if webhook is None:
        return 0, None
    letters = webhook.letters.select_related("notice")
    letter = letters.filter(state=Letter.QUEUED).order_by("notice__number").first()
    notice = letter.notice if letter else webhook_next(webhook)
    if letter is None and notice is not None and _is_behind(webhook, notice):
        _put_aside(webhook, notice, "同一位老同志的前一条还没有送达，排在它后面")
        webhook.cursor = notice.number or 0
        webhook.save(update_fields=["cursor"])
        return 1, None
    if notice is None:  # another transaction finished the line meanwhile
        return 0, None
    webhook.attempts += 1
    webhook.next_try_at = now + wait_after(webhook.attempts)
    webhook.save(update_fields=["attempts", "next_try_at"])
    return 0, Sending(webhook, notice, letter)


def webhook_next(webhook: Webhook) -> Notice | None:
    """The first notice after the cursor."""
    after = Notice.objects.filter(receiver_id=webhook.organisation_id, number__gt=webhook.cursor)
    return after.select_related("sender").order_by("number").first()


def attempt(sending: Sending) -> Outcome:
    """POST one claimed notice and write down how it went."""
    number = sending.notice.number
    message = f"n-{sending.notice.receiver_id}-{number}"
    try:
        send(sending.webhook, message, payload(sending.notice))
    except network.NotDelivered as error:
        logger.warning(
            "webhook %s: notice %s not sent (%s): %s",
            sending.webhook.pk,
            number,
            sending.webhook.attempts,
            error,
        )
        return _record_failure(sending, str(error), refused=error.refused)
    return _record_success(sending)


def send(webhook: Webhook, message: str, content: dict[str, Any]) -> None:
    """POST `content` signed as Standard Webhooks asks; raises NotDelivered. The same `message`: the same fact."""
    now = datetime.now(UTC)
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    signatures = [Signer(secret).sign(message, now, body) for secret in webhook.secrets(now)]
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "huifeng",
        "Webhook-Id": message,
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": " ".join(signatures),
    }
    network.post(webhook.url, body.encode(), headers)


def payload(notice: Notice) -> dict[str, Any]:
    """A notice for a program; no ID number and no phone of a person. Described in docs/operations.md."""
    return {
        "type": notice.kind,
        "timestamp": notice.created_at.isoformat(),
        "data": {
            "number": notice.number,
            "kind": notice.kind,
            "person": notice.person,
            "words": notice.words,
            "sender": notice.sender.code if notice.sender else None,
            "receipt_due_on": notice.receipt_due_on.isoformat() if notice.receipt_due_on else None,
            "fact": notice.data,
        },
    }


@transaction.atomic
def _record_success(sending: Sending) -> Outcome:
    """The receiver has it, whoever else tried meanwhile: the line stands behind it, never further back."""
    webhook = Webhook.objects.select_for_update().get(pk=sending.webhook.pk)
    if sending.letter is not None:
        sent = webhook.letters.filter(pk=sending.letter.pk, state=Letter.QUEUED).update(state=Letter.RESENT)
    else:
        sent = int(webhook.cursor == sending.webhook.cursor)
        webhook.cursor = max(webhook.cursor, sending.notice.number or 0)
    now = timezone.now()
    webhook.attempts, webhook.refusals, webhook.failing_since, webhook.last_error = 0, 0, None, ""
    webhook.next_try_at = webhook.last_sent_at = now
    fields = ["cursor", "attempts", "refusals", "failing_since", "last_error", "next_try_at", "last_sent_at"]
    webhook.save(update_fields=fields)
    return Outcome(sent=sent)


@transaction.atomic
def _record_failure(sending: Sending, error: str, *, refused: bool) -> Outcome:
    webhook = Webhook.objects.select_for_update().get(pk=sending.webhook.pk)
    claimed = sending.webhook
    if (webhook.cursor, webhook.attempts) != (claimed.cursor, claimed.attempts):
        return Outcome(failed=1)  # the claim ran out and somebody else has the line
    webhook.last_error, webhook.failing_since = error[:200], webhook.failing_since or timezone.now()
    webhook.refusals += refused
    dead = int(webhook.refusals >= REFUSALS)
    if dead:
        if sending.letter is None:
            _put_aside(webhook, sending.notice, error, attempts=webhook.refusals)
            webhook.cursor = sending.notice.number or 0
        else:
            _give_back(webhook, sending.letter, error)
        webhook.refusals = 0  # the next message is another
    if webhook.attempts >= MOST_ATTEMPTS:
        webhook.state = Webhook.State.PAUSED
        _tell_paused(webhook)
    webhook.save(update_fields=["last_error", "failing_since", "cursor", "state", "refusals"])
    return Outcome(failed=1, dead=dead)


def _is_behind(webhook: Webhook, notice: Notice) -> bool:
    """Whether an earlier notice about the same person waits for somebody to decide."""
    if notice.person is None:
        return False
    return webhook.letters.filter(state=Letter.WAITING, notice__person=notice.person).exists()


def _put_aside(webhook: Webhook, notice: Notice, error: str, *, attempts: int = 0) -> None:
    DeadLetter.objects.get_or_create(
        webhook=webhook,
        notice=notice,
        defaults={"error": error[:200], "attempts": attempts, "at": timezone.now()},
    )


def _give_back(webhook: Webhook, letter: DeadLetter, error: str) -> None:
    """Refused again: it waits again, and those queued behind it about the same person with it."""
    webhook.letters.filter(pk=letter.pk).update(
        state=Letter.WAITING, error=error[:200], attempts=letter.attempts + webhook.refusals
    )
    if letter.notice.person is not None:
        behind = webhook.letters.filter(state=Letter.QUEUED, notice__person=letter.notice.person)
        behind.update(state=Letter.WAITING)


def _tell_paused(webhook: Webhook) -> None:
    """Its owner and the bureau hear that nothing is sent any more; once for each time it fails."""
    assert webhook.failing_since is not None
    owner = webhook.organisation
    key = f"webhook-paused:{webhook.pk}:{webhook.failing_since:%Y%m%d%H%M%S}"
    words = (
        f"{owner.name}的系统对接（{network.host_of(webhook.url)}）连续失败，已暂停发送：{webhook.last_error}。"
        "请修好后恢复，不会丢通知。"
    )
    for receiver in {owner, bureau_for(owner.division_id)}:
        link = "page:webhooks/" if receiver == owner else ""
        owe(receiver, key=key, kind="webhook.paused", words=words, link=link)
