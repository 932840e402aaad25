"""The one place where entries are written and balances change. Permission is the caller's. Rules M1-M4."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .models import Account, Entry

Kind = Entry.Kind
BEYOND = "an account's other side lies beyond whoever books"
TOO_LITTLE = {
    Account.Kind.FUND: "资金余额不够：还有 {have} 元，这次要 {want} 元。请先拨入资金，或改小金额。",
    Account.Kind.POINTS: "积分不够：还有 {have} 分，这次要 {want} 分。请换一样，或减少件数。",
}


@dataclass(frozen=True)
class Booked:
    """An entry, and whether it was written just now or stood there before."""

    entry: Entry
    is_new: bool


@as_program(BEYOND)
def points_of(retiree: Retiree) -> Account:
    """The person's points account; made when it is needed first. The caller has locked the person."""
    return Account.objects.get_or_create(kind=Account.Kind.POINTS, retiree=retiree, defaults={"balance": 0})[
        0
    ]


@as_program(BEYOND)
def outside(organisation: Organisation, kind: Account.Kind) -> Account:
    """The outer side of an organisation's books; without a balance, so nobody waits for it."""
    return Account.objects.get_or_create(kind=kind, organisation=organisation, name="")[0]


@as_program(BEYOND)
def book(
    kind: Kind,
    giver: Account,
    taker: Account,
    amount: int,
    *,
    source: str,
    organisation: Organisation,
    by: User,
    retiree: Retiree | None = None,
    note: str = "",
    reverses: Entry | None = None,
    on: date | None = None,
) -> Booked:
    """Move `amount` (分 or points) from one account to the other, in the caller's transaction.

    Locks the accounts that keep a balance, in key order. A `source` that is booked already returns its entry and
    changes nothing. Raises RuleBroken: nothing to move, not enough (balance), the source was for something else.
    """
    if amount <= 0:
        raise RuleBroken("数额应是大于 0 的整数，请改一下。", code="amount")
    accounts = lock(giver, taker)
    known = Entry.objects.filter(source=source).first()
    if known is not None:
        if (known.from_account_id, known.to_account_id, known.amount) != (giver.pk, taker.pk, amount):
            raise RuleBroken("同一件事已经记过另一笔账，请先核对台账。", code="source")
        return Booked(known, False)
    _move(accounts.get(giver.pk), -amount)
    _move(accounts.get(taker.pk), amount)
    entry = Entry.objects.create(
        kind=kind, from_account=giver, to_account=taker, amount=amount, source=source,
        organisation=organisation, retiree=retiree, note=note[:200], reverses=reverses,
        booked_on=on or timezone.localdate(), by=by, at=timezone.now(),
    )  # fmt: skip
    return Booked(entry, True)


@as_program(BEYOND)
def lock(*accounts: Account) -> dict[int, Account]:
    """Those of the accounts that keep a balance, locked until COMMIT, in key order."""
    kept = [account.pk for account in accounts if account.kind in Account.KEPT]
    rows = Account.objects.filter(pk__in=kept).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows}


@as_program(BEYOND)
def reverse(entry: Entry, *, by: User, kind: Kind = Kind.REVERSE, note: str = "") -> Booked:
    """The counter-entry that takes `entry` back; once. The caller has locked the person of the entry, if any.

    Raises RuleBroken when what was given is not there any more.
    """
    return book(
        kind, entry.to_account, entry.from_account, entry.amount, source=f"reverse-{entry.pk}",
        organisation=entry.organisation, by=by, retiree=entry.retiree, note=note, reverses=entry,
    )  # fmt: skip


def _move(account: Account | None, amount: int) -> None:
    if account is None:
        return
    if (account.balance or 0) + amount < 0:
        raise RuleBroken(too_little(account, -amount), code="balance")
    Account.objects.filter(pk=account.pk).update(balance=F("balance") + amount)


def too_little(account: Account, wanted: int) -> str:
    """What to say when an account does not hold `wanted`."""
    per = 100 if account.kind == Account.Kind.FUND else 1
    said = {"have": f"{(account.balance or 0) / per:,.10g}", "want": f"{wanted / per:,.10g}"}
    return TOO_LITTLE[Account.Kind(account.kind)].format(**said)
