"""Connecting an organisation's own system, and what its lead does when something does not arrive."""

import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from checkin.sync import lines, network
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.permissions import may_manage_webhooks
from communities.notices.models import Mailbox
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

MOST_WEBHOOKS = 3  # addresses an organisation may have
OLD_SECRET_FOR = timedelta(hours=24)
Letter = DeadLetter.State


@transaction.atomic
def add_webhook(organisation_id: int, url: str, *, by: User) -> Webhook:
    """Send the organisation's notices to `url` from now on. The same address again returns the one that is there.

    Raises PermissionDenied, RuleBroken (address not allowed, too many). Source: docs/rules.md, N7.
    """
    organisation = Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=organisation_id)
    require(may_manage_webhooks(by, organisation))
    url = url.strip()
    known = Webhook.objects.filter(organisation=organisation, url=url).first()
    if known is not None:
        return known
    if wrong := network.check_url(url):
        raise RuleBroken(f"{wrong}。", code="bad_address")
    if Webhook.objects.filter(organisation=organisation).count() >= MOST_WEBHOOKS:
        raise RuleBroken(f"最多登记 {MOST_WEBHOOKS} 个地址。请先看看现有的还用不用。", code="too_many")
    last = Mailbox.objects.filter(pk=organisation.pk).values_list("last_number", flat=True).first()
    webhook = Webhook.objects.create(
        organisation=organisation, url=url, secret=_new_secret(), cursor=last or 0, created_by=by
    )
    _audit("webhook.added", webhook, by=by, after={"host": network.host_of(url)})
    return webhook


@transaction.atomic
def rotate_secret(webhook_id: int, *, made_at: datetime, by: User) -> Webhook:
    """Make a new secret; messages carry both signatures for 24 hours, so that the receiver can change over.

    `made_at`: of the secret the page showed; another was made since: RuleBroken. So a repeated click makes one.
    """
    webhook = _locked(webhook_id, by=by)
    if webhook.secret_made_at != made_at:
        raise RuleBroken("密钥刚才已经换过。没有记下新密钥的，请刷新页面再换一次。", code="rotated_already")
    now = timezone.now()
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now + OLD_SECRET_FOR
    webhook.secret, webhook.secret_made_at = _new_secret(), now
    webhook.save(update_fields=["old_secret", "old_secret_until", "secret", "secret_made_at"])
    _audit("webhook.secret_rotated", webhook, by=by)
    return webhook


@transaction.atomic
def pause_webhook(webhook_id: int, *, by: User) -> Webhook:
    """Send nothing for now; what comes meanwhile is kept and sent later. Repeating it changes nothing."""
    webhook = _locked(webhook_id, by=by)
    if webhook.state == Webhook.State.PAUSED:
        return webhook
    webhook.state = Webhook.State.PAUSED
    webhook.save(update_fields=["state"])
    _audit("webhook.paused", webhook, by=by)
    return webhook


@transaction.atomic
def resume_webhook(webhook_id: int, *, by: User) -> Webhook:
    """Go on where the line stopped, at once. Repeating it changes nothing."""
    webhook = _locked(webhook_id, by=by)
    if webhook.state == Webhook.State.ACTIVE:
        return webhook
    webhook.state, webhook.attempts, webhook.next_try_at = Webhook.State.ACTIVE, 0, timezone.now()
    webhook.failing_since, webhook.last_error = None, ""
    webhook.save(update_fields=["state", "attempts", "next_try_at", "failing_since", "last_error"])
    _audit("webhook.resumed", webhook, by=by)
    return webhook


def send_test(webhook_id: int, *, by: User) -> str:
    """POST a message of type `webhook.test` now; "" when it arrived, else why not. Changes nothing about the line."""
    with transaction.atomic():
        webhook = _locked(webhook_id, by=by)
        _audit("webhook.tested", webhook, by=by)
    content = {"type": "webhook.test", "timestamp": timezone.now().isoformat(), "data": {}}
    try:
        lines.send(webhook, f"test-{uuid4()}", content)
    except network.NotDelivered as error:
        return str(error)
    return ""


@transaction.atomic
def resend(letter_id: int, *, by: User) -> int:
    """Send a dead letter again, after the earlier ones about the same person. Returns how many were queued.

    Repeating it queues nothing more. Raises RuleBroken when it was dropped.
    """
    letter = _locked_letter(letter_id, by=by)
    if letter.state == Letter.DROPPED:
        raise RuleBroken("这条通知已经决定不再发送。", code="dropped")
    waiting = letter.webhook.letters.filter(state=Letter.WAITING, notice__number__lte=letter.notice.number)
    if letter.notice.person is None:
        waiting = waiting.filter(pk=letter.pk)
    return _queue(letter.webhook, waiting.filter(notice__person=letter.notice.person), by=by)


@transaction.atomic
def resend_all(webhook_id: int, *, by: User) -> int:
    """Send every waiting dead letter of the address again, in order. Returns how many were queued."""
    webhook = _locked(webhook_id, by=by)
    return _queue(webhook, webhook.letters.filter(state=Letter.WAITING), by=by)


@transaction.atomic
def drop(letter_id: int, *, words: str, by: User) -> DeadLetter:
    """Decide that a dead letter is not sent any more, and why. Repeating it changes nothing."""
    letter = _locked_letter(letter_id, by=by)
    if letter.state == Letter.DROPPED:
        return letter
    if letter.state != Letter.WAITING:
        raise RuleBroken("这条通知正在重发或已经送达，不用处理。请刷新后再看。", code="not_waiting")
    if not words.strip():
        raise RuleBroken("请写明为什么不再发送。", code="reason_missing")
    letter.state, letter.words = Letter.DROPPED, words.strip()[:200]
    letter.decided_by, letter.decided_at = by, timezone.now()
    letter.save(update_fields=["state", "words", "decided_by", "decided_at"])
    after = {"number": letter.notice.number, "state": str(Letter.DROPPED)}
    audit.record(
        "dead_letter.dropped",
        letter,
        by=by,
        organisation_id=letter.webhook.organisation_id,
        before={"state": str(Letter.WAITING)},
        after=after,
        note=letter.words,
    )
    return letter


def _queue(webhook: Webhook, letters: Any, *, by: User) -> int:
    keys = list(letters.values_list("pk", flat=True))
    DeadLetter.objects.filter(pk__in=keys).update(
        state=Letter.QUEUED, decided_by=by, decided_at=timezone.now()
    )
    if keys:
        webhook.attempts, webhook.refusals, webhook.next_try_at = 0, 0, timezone.now()  # letters go first
        webhook.save(update_fields=["attempts", "refusals", "next_try_at"])
        _audit("webhook.resent", webhook, by=by, after={"letters": len(keys)})
    return len(keys)


def _locked(webhook_id: int, *, by: User) -> Webhook:
    webhook = (
        Webhook.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=webhook_id)
    )
    require(may_manage_webhooks(by, webhook.organisation))
    return webhook


def _locked_letter(letter_id: int, *, by: User) -> DeadLetter:
    """The letter as it stands once its line is locked, which holds all letters of the line."""
    webhook = _locked(DeadLetter.objects.values_list("webhook_id", flat=True).get(pk=letter_id), by=by)
    letter = DeadLetter.objects.select_related("notice").get(pk=letter_id)
    letter.webhook = webhook
    return letter


def _audit(action: str, webhook: Webhook, *, by: User, after: dict[str, Any] | None = None) -> None:
    audit.record(action, webhook, by=by, organisation_id=webhook.organisation_id, after=after)


def _new_secret() -> str:
    """32 random bytes as Standard Webhooks writes them."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
