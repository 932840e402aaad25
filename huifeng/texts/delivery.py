"""Sending, in three steps that survive a crash at any point.

1. claim: under a row lock, count the attempt and move `next_try_at` into the future; COMMIT. From now on
   nobody else finds the text due, and if this worker dies it becomes due again by itself.
2. hand the words to the back-end, in no transaction.
3. write down how it went; COMMIT.
A worker killed between 2 and 3 leads to a second hand-over after the back-off. Nothing on our side can
prevent that; the back-end gets the same key both times, and a gateway that honours it sends once.
"""

import http.client
import logging
import random
import smtplib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from . import mail
from .backends import NotSent, backend
from .models import Text

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=30)  # longer than a back-end may take to answer
LONGEST_WAIT = timedelta(minutes=15)
MOST_ATTEMPTS = 8  # about 40 minutes


def wait_after(attempts: int) -> timedelta:
    """How long to leave a text alone after its nth attempt: doubling, with up to a quarter more by chance.

    The chance part keeps texts that failed together from coming back together.
    """
    wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    return wait * random.uniform(1, 1.25)  # noqa: S311 -- spread, not secrecy


@transaction.atomic
def claim(text_id: int | None = None) -> Text | None:
    """Take one due text, the given one or the one waiting longest, for the caller alone; else None."""
    now = timezone.now()
    due = Text.objects.due(now) if text_id is None else Text.objects.due(now).filter(pk=text_id)
    text = due.order_by("next_try_at").select_for_update(skip_locked=True).first()
    if text is None:  # sent already, being sent, or not yet due again
        return None
    text.attempts += 1
    text.next_try_at = now + wait_after(text.attempts)
    text.save(update_fields=["attempts", "next_try_at"])
    return text


def attempt(text: Text) -> bool:
    """Hand one claimed text to the back-end and record the outcome. True when it went out."""
    now = timezone.now()
    if text.no_use_after and text.no_use_after <= now:
        return _record(text, sent_at=None, error="too late to be of use", for_good=True)
    try:
        _hand_over(text)
    except NotSent as error:
        return _record(text, sent_at=None, error=str(error), for_good=error.for_good)
    except (OSError, http.client.HTTPException, smtplib.SMTPException) as error:
        return _record(text, sent_at=None, error=type(error).__name__, for_good=False)
    return _record(text, sent_at=timezone.now())


def _hand_over(text: Text) -> None:
    if text.email:
        mail.send(text.email, text.subject, text.words, key=text.key)
        return
    way = backend()
    (way.call if text.voice else way.send)(text.phone, text.words, key=text.key)


def _record(text: Text, *, sent_at: datetime | None, error: str = "", for_good: bool = False) -> bool:
    given_up = sent_at is None and (for_good or text.attempts >= MOST_ATTEMPTS)
    text.state = Text.State.SENT if sent_at else Text.State.FAILED if given_up else Text.State.PENDING
    text.sent_at = sent_at
    text.last_error = error[:200]
    Text.objects.filter(pk=text.pk, state=Text.State.PENDING).update(
        state=text.state, sent_at=sent_at, last_error=text.last_error
    )
    if error:
        logger.warning("text %s not sent (attempt %s): %s", text.pk, text.attempts, error)
    return sent_at is not None
