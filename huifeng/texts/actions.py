import functools
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from huifeng.rowscope.scope import as_program

from . import delivery, tasks
from .models import Text

LONGEST = 500
_LINK = re.compile(r"\w*://\S*|www\.\S+|[a-z0-9-]+\.(?:cn|com|net|org|gov)\b\S*", re.IGNORECASE)
KEPT_FOR = timedelta(days=180)


@as_program("a text is for the relay alone, not for who made it")
@transaction.atomic
def send(*, key: str, phone: str, words: str, voice: bool = False, good_for: timedelta | None = None) -> Text:
    """Owe `phone` (11 digits) these words, in the caller's transaction; a worker sends them after COMMIT.

    Repeating a `key` returns the first text and sends nothing more. `voice`: read out in a call.
    `good_for`: not sent any more when this much time has passed, for a code that expires. A link is cut
    out, whoever wrote it: people learn that a text of ours has none, and that one with a link is a fraud.
    """
    words = _LINK.sub("…", words)
    if len(words) > LONGEST:
        raise ValueError(f"a text holds at most {LONGEST} characters")
    now = timezone.now()
    text, made = Text.objects.get_or_create(
        key=key,
        defaults={
            "phone": phone,
            "phone_tail": phone[-4:],
            "words": words,
            "voice": voice,
            "next_try_at": now,
            "no_use_after": now + good_for if good_for else None,
            "created_at": now,
        },
    )
    if made:
        # robust: with Redis away the act has happened all the same, and deliver_due sends the text
        transaction.on_commit(functools.partial(tasks.deliver.delay, text.pk), robust=True)
    return text


@as_program("a text is for the relay alone, not for who made it")
@transaction.atomic
def send_many(texts: Iterable[tuple[str, str, str]]) -> None:
    """Owe many phones words, as triples of key, phone and words; as `send`, some thousands a statement.

    `deliver_due` finds them within half a minute of COMMIT.
    """
    now = timezone.now()
    rows = [
        Text(
            key=key,
            phone=phone,
            phone_tail=phone[-4:],
            words=words[:LONGEST],
            next_try_at=now,
            created_at=now,
        )
        for key, phone, words in texts
    ]
    Text.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


@as_program("a text is for the relay alone, not for who made it")
@transaction.atomic
def send_mail(*, key: str, email: str, subject: str, words: str) -> Text:
    """Owe `email` these words, as `send` does a phone; without a link either."""
    text, made = Text.objects.get_or_create(
        key=key,
        defaults={
            "email": email,
            "subject": subject,
            "words": _LINK.sub("…", words),
            "next_try_at": timezone.now(),
            "created_at": timezone.now(),
        },
    )
    if made:
        transaction.on_commit(functools.partial(tasks.deliver.delay, text.pk), robust=True)
    return text


@dataclass(frozen=True)
class Delivered:
    sent: int
    not_sent: int
    waiting: int


def deliver_due(*, most: int = 500, seconds: float = 50) -> Delivered:
    """Send the texts that are due, one after the other, until none is left, `most` are done or time is up.

    Any number may run at once: each text is claimed under SKIP LOCKED. `waiting`: to be sent now or later.
    """
    end = time.monotonic() + seconds
    sent = tried = 0
    while tried < most and time.monotonic() < end:
        text = delivery.claim()
        if text is None:
            break
        tried += 1
        sent += delivery.attempt(text)
    waiting = Text.objects.filter(state=Text.State.PENDING).count()
    return Delivered(sent=sent, not_sent=tried - sent, waiting=waiting)


def forget_old(*, older_than: timedelta = KEPT_FOR) -> int:
    """Delete texts nobody asks about any more. Returns how many."""
    deleted, _ = (
        Text.objects.exclude(state=Text.State.PENDING)
        .filter(created_at__lt=timezone.now() - older_than)
        .delete()
    )
    return deleted
