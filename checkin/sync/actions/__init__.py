"""What is done with notices that were delivered, and with the ways they go out."""

from .receipts import acknowledge, acknowledge_many, dispute, remind_unsigned
from .webhooks import (
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
    "send_test",
]
