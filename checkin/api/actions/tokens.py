"""Tokens: let an outside system in, give it a new secret, shut it out. See docs/rules.md, A1 to A3."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from communities.organisations import actions as organisations
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from ..models import SCHEME, ApiToken, Purpose
from ..permissions import may_manage_tokens

LONGEST = timedelta(days=366)  # a year from today, leap years too
OVERLAP = timedelta(days=7)  # both secrets work while the other system changes over
TOUCHED = timedelta(minutes=1)
MOST = 20  # tokens of one organisation in use


@dataclass(frozen=True)
class Issued:
    """A token with the words that let its holder in. They are shown once and kept nowhere."""

    token: ApiToken
    words: str


@transaction.atomic
def create(
    organisation_id: int, *, by: User, key: UUID, name: str, purposes: Sequence[str], last_day: date
) -> Issued:
    """Let a system in, for `purposes`, until the end of `last_day` (a year from today at most).

    It gets an account of its own that works for the organisation and cannot log in. `key`: of the form; sent
    again it is refused, since the secret is shown once. Raises Organisation.DoesNotExist, PermissionDenied,
    RuleBroken (no name or purpose, wrong day, too many, sent twice). Source: docs/rules.md, A1.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    require(may_manage_tokens(by, organisation))
    if ApiToken.objects.filter(key=key).exists():
        raise RuleBroken(
            "这个令牌已经生成过，密钥只显示一次。没有记下就请停用它，再生成一个。", code="sent_twice"
        )
    name = name.strip()[:40]
    _check(organisation, name, purposes, last_day)
    account = User(username=f"api-{secrets.token_hex(8)}", display_name=f"{name}（接口）")
    account.set_unusable_password()
    account.save()
    organisations.assign(account.pk, organisation.pk, role=Assignment.Role.CLERK, by=by)
    issued = _issue(
        organisation,
        account,
        by=by,
        key=key,
        name=name,
        purposes=purposes,
        expires_at=_end_of(last_day),
    )
    audit.record(
        "api_token.created",
        issued.token,
        by=by,
        organisation_id=organisation.pk,
        after=_for_audit(issued.token),
    )
    return issued


@transaction.atomic
def rotate(token_id: int, *, by: User, key: UUID, last_day: date) -> Issued:
    """Give the system a new secret; the old one works for seven more days, so that nothing stops meanwhile.

    The account stays the same. Raises ApiToken.DoesNotExist, PermissionDenied, RuleBroken (revoked, expired,
    replaced before). Source: docs/rules.md, A2.
    """
    old = _locked(token_id)
    require(may_manage_tokens(by, old.organisation))
    now = timezone.now()
    if old.replaced_by_id is not None:
        raise RuleBroken("这个令牌已经换过，新密钥只显示一次。没有记下就请换发新的那个。", code="replaced")
    if old.revoked_at is not None or old.has_expired(now):
        raise RuleBroken("这个令牌已停用或已过期，请重新生成一个。", code="not_in_use")
    _check_day(last_day)
    issued = _issue(
        old.organisation, old.account, by=by, key=key, name=old.name, purposes=old.purposes,
        expires_at=_end_of(last_day),
    )  # fmt: skip
    before = _for_audit(old)
    old.replaced_by, old.expires_at = issued.token, min(old.expires_at, now + OVERLAP)
    old.save(update_fields=["replaced_by", "expires_at"])
    audit.record(
        "api_token.rotated", old, by=by, organisation_id=old.organisation_id,
        before=before, after=_for_audit(old) | {"replaced_by": issued.token.prefix},
    )  # fmt: skip
    return issued


@transaction.atomic
def revoke(token_id: int, *, by: User, why: str) -> ApiToken:
    """Shut the holder of this token out at once; repeating it changes nothing.

    When no other token uses the account, it is closed too. Raises ApiToken.DoesNotExist, PermissionDenied,
    RuleBroken (no reason). Source: docs/rules.md, A3.
    """
    token = _locked(token_id)
    require(may_manage_tokens(by, token.organisation))
    if token.revoked_at is not None:
        return token
    if not why.strip():
        raise RuleBroken("请写明为什么停用。", code="reason_missing")
    token.revoked_at, token.revoked_by, token.revoked_why = timezone.now(), by, why.strip()[:100]
    token.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
    if not ApiToken.objects.in_use(token.revoked_at).filter(account=token.account).exists():
        _close(token.account, token.organisation, by=by)
    audit.record(
        "api_token.revoked", token, by=by, organisation_id=token.organisation_id, note=token.revoked_why
    )
    return token


def touch(token: ApiToken) -> None:
    """Remember that the token was used, at most once a minute, so that reading seldom writes."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= TOUCHED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _locked(token_id: int) -> ApiToken:
    """The token, with its organisation locked first: making, rotating and revoking wait for each other."""
    organisation = ApiToken.objects.values_list("organisation_id", flat=True).get(pk=token_id)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation)
    return ApiToken.objects.select_related("organisation", "account").get(pk=token_id)


def _check(organisation: Organisation, name: str, purposes: Sequence[str], last_day: date) -> None:
    if not name or not purposes or not set(purposes) <= set(Purpose.values):
        raise RuleBroken("请写明对接系统的名称，并至少选一项用途。", code="incomplete")
    _check_day(last_day)
    if ApiToken.objects.in_use(timezone.now()).filter(organisation=organisation).count() >= MOST:
        raise RuleBroken(f"在用的令牌已有 {MOST} 个，请先停用不用的。", code="too_many")


def _check_day(last_day: date) -> None:
    today = timezone.localdate()
    if not today <= last_day <= today + LONGEST:
        raise RuleBroken("有效期从今天算起，最长一年，请重新选日期。", code="bad_expiry")


def _issue(
    organisation: Organisation,
    account: User,
    *,
    by: User,
    key: UUID,
    name: str,
    purposes: Sequence[str],
    expires_at: datetime,
) -> Issued:
    prefix, secret = secrets.token_hex(5), secrets.token_hex(32)
    token = ApiToken.objects.create(
        organisation=organisation,
        account=account,
        key=key,
        name=name,
        purposes=[purpose for purpose in Purpose.values if purpose in purposes],
        prefix=prefix,
        secret_hash=sha256(secret.encode()).digest(),
        created_by=by,
        created_at=timezone.now(),
        expires_at=expires_at,
    )
    return Issued(token, f"{SCHEME}_{prefix}_{secret}")


def _close(account: User, organisation: Organisation, *, by: User) -> None:
    account.is_active = False
    account.save(update_fields=["is_active"])
    for assignment in Assignment.objects.filter(user=account, organisation=organisation, valid_until=None):
        organisations.end_assignment(assignment.pk, by=by)


def _end_of(day: date) -> datetime:
    """The first moment after `day`, in Shanghai."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _for_audit(token: ApiToken) -> dict[str, object]:
    return {
        "name": token.name,
        "prefix": token.prefix,
        "purposes": token.purposes,
        "expires_at": token.expires_at.isoformat(),
    }
