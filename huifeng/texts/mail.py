"""Handing a mail to the server HUIFENG_MAIL_URL names. Without one, only the demo has an outbox to show it in."""

import hashlib

from django.conf import settings
from django.core.mail import EmailMessage

from .backends import NotSent

NO_SERVER = "django.core.mail.backends.dummy.EmailBackend"


def is_possible() -> bool:
    """Whether mails leave the house here, or are shown in the demo's outbox."""
    return settings.MODE == "demo" or settings.MAILERS["default"]["BACKEND"] != NO_SERVER


def send(email: str, subject: str, words: str, *, key: str) -> None:
    """Send one mail. The same `key` gives the same Message-ID, by which a second copy is known."""
    if not is_possible():
        raise NotSent("HUIFENG_MAIL_URL is not set", for_good=True)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"
    EmailMessage(subject, words, to=[email], headers={"Message-ID": message}).send()
