"""What is done with notices that were delivered, and with the ways they go out."""

from .digests import send_digests, wish_digest
from .receipts import acknowledge, acknowledge_many, dispute, remind_unsigned
from .webhooks import (
    MOST_WEBHOOKS,
    add_webhook,
    drop,
    pause_webhook,
    resend,
    resend_all,
    resume_webhook,
    rotate_secret,
    send_test,
)

__all__ = [
    "MOST_WEBHOOKS",
    "acknowledge",
    "acknowledge_many",
    "add_webhook",
    "dispute",
    "drop",
    "pause_webhook",
    "remind_unsigned",
    "resend",
    "resend_all",
    "resume_webhook",
    "rotate_secret",
    "send_digests",
    "send_test",
    "wish_digest",
]
