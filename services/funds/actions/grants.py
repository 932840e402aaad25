from uuid import UUID

from django.db import transaction

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from services.ledger import booking
from services.ledger.models import Account, Entry

from ..permissions import may_keep_fund, may_open_fund

MOST = 10_000_000_000  # 分: one hundred million 元, so that a slip of the hand is seen


@transaction.atomic
def open_fund(organisation_id: int, name: str, *, by: User) -> Account:
    """A fund of a bureau or a unit, empty at first. The same name again is the same fund."""
    organisation = Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=organisation_id)
    require(may_open_fund(by, organisation))
    name = name.strip()
    if not name:
        raise RuleBroken("请填资金名称，如“2026年困难帮扶资金”。", code="name")
    funds = Account.objects.filter(kind=Account.Kind.FUND, organisation=organisation)
    known = funds.filter(name=name).first()
    if known is not None:
        return known
    fund = Account.objects.create(kind=Account.Kind.FUND, organisation=organisation, name=name, balance=0)
    audit.record("fund.opened", fund, by=by, organisation_id=organisation.pk, after={"name": name})
    return fund


@transaction.atomic
def grant(fund_id: int, amount: int, *, key: UUID, by: User, note: str = "") -> Entry:
    """Budget comes into a fund (拨入), in 分. `key` is the form's: repeating it books nothing more."""
    fund = Account.objects.select_related("organisation").get(pk=fund_id)
    require(may_keep_fund(by, fund))
    assert fund.organisation is not None
    if amount > MOST:
        raise RuleBroken("金额太大，请核对后再填。", code="amount")
    booked = booking.book(
        Entry.Kind.GRANT, booking.outside(fund.organisation, Account.Kind.GRANTED), fund, amount,
        source=f"grant-{key}", organisation=fund.organisation, by=by, note=note.strip(),
    )  # fmt: skip
    if booked.is_new:
        after = {"entry": booked.entry.pk, "amount": amount}
        audit.record("fund.granted", fund, by=by, organisation_id=fund.organisation_id, after=after)
    return booked.entry


@transaction.atomic
def reverse_grant(entry_id: int, *, reason: str, by: User) -> Entry:
    """A grant was entered wrongly: a counter-entry takes it back. Repeating it changes nothing.

    Raises Entry.DoesNotExist, PermissionDenied, RuleBroken (no grant, no reason, paid out already).
    """
    found = Entry.objects.select_related("from_account", "to_account", "organisation")
    entry = found.get(pk=entry_id)
    require(may_keep_fund(by, entry.to_account))
    if entry.kind != Entry.Kind.GRANT:
        raise RuleBroken("只有拨入可以在这里冲销。支付请在那件申请里撤销。", code="kind")
    if not reason.strip():
        raise RuleBroken("请写明为什么冲销。", code="reason_missing")
    booked = booking.reverse(entry, by=by, note=reason.strip())
    if booked.is_new:
        after = {"entry": booked.entry.pk, "reverses": entry.pk}
        office = entry.organisation_id
        audit.record("fund.grant_reversed", entry.to_account, by=by, organisation_id=office, after=after)
    return booked.entry
