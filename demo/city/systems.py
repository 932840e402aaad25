"""Other systems of the demo: a token each whose words are known, and an address that stopped answering."""

import uuid
from datetime import date, timedelta
from hashlib import sha256

from django.utils import timezone

from checkin.api import actions
from checkin.api.models import SCHEME, ApiToken, Purpose
from checkin.sync.models import DeadLetter, Webhook
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User

# The city is fictional and served to this machine only, so these may stand in the README.
SECRETS = {"unit": ("de30000001", "de30" * 16), "community": ("de30000002", "de30" * 16)}
ADDRESS = "https://hr.example.com/notices"  # RFC 2606: nobody's
NAMES = {"unit": "单位人事系统", "community": "社区网格系统"}


def words_of(role: str) -> str:
    """What lets the demo's system of the unit, or of the community, in."""
    prefix, secret = SECRETS[role]
    return f"{SCHEME}_{prefix}_{secret}"


def let_in(role: str, organisation: Organisation, lead: User, today: date) -> None:
    """Give `organisation` a token for everything, with the words of `role`, valid for half a year."""
    issued = actions.create(
        organisation.pk,
        by=lead,
        key=uuid.uuid5(uuid.NAMESPACE_DNS, f"{role}.demo"),
        name=NAMES[role],
        purposes=Purpose.values,
        last_day=today + timedelta(days=180),
    )
    prefix, secret = SECRETS[role]
    known = {"prefix": prefix, "secret_hash": sha256(secret.encode()).digest()}
    ApiToken.objects.filter(pk=issued.token.pk).update(**known)


def connect(unit: Organisation, lead: User) -> None:
    """An address of the unit's system that refused a message and then fell silent: paused, something to do."""
    now = timezone.now()
    numbered = unit.notices.filter(number__isnull=False, delivered_at__lt=now - timedelta(days=2))
    refused: Notice | None = numbered.order_by("number").last()
    if refused is None or refused.delivered_at is None:
        return
    webhook = Webhook.objects.create(
        organisation=unit,
        url=ADDRESS,
        secret="whsec_" + "ZGVtbw==" * 4,
        state=Webhook.State.PAUSED,
        cursor=refused.number or 0,  # what came since is sent when it is resumed
        attempts=30,
        failing_since=now - timedelta(days=1),
        last_sent_at=refused.delivered_at + timedelta(minutes=1),
        last_error="找不到这个主机名",
        created_by=lead,
    )
    at = refused.delivered_at + timedelta(minutes=5)
    DeadLetter.objects.create(webhook=webhook, notice=refused, error="对方答复 HTTP 422", attempts=3, at=at)
