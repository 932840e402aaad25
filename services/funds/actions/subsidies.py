"""Subsidies by the month (支部书记补贴): each step is one set operation, however many people the rule finds."""

import calendar
from datetime import date

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require
from huifeng.rowscope.scope import as_program
from huifeng.setwise import insert_from
from members.party.models import PartyAffiliation
from services.ledger import booking
from services.ledger.models import Account, Entry

from ..models import FundPreset, SubsidyLine, SubsidyList
from ..permissions import may_keep_fund

State = SubsidyList.State
WHY = "a month's list holds everybody whom the rule finds"


def eligible(preset: FundPreset, fund: Account, month: date) -> QuerySet[PartyAffiliation]:
    """The posts the rule pays for: secretary of a branch of the office's area, for `preset.years` years on the last
    day of the month, in office and alive on it. Source: docs/rules.md, M13.
    """
    office = fund.organisation
    assert office is not None
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    posts = PartyAffiliation.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=last),
        Q(retiree__died_on=None) | Q(retiree__died_on__gt=last),
        post=PartyAffiliation.Post.SECRETARY,
        post_from__lte=_years_before(last, preset.years),
        retiree__merged_into=None,
    )
    if office.kind == office.Kind.BUREAU:
        return posts.filter(organisation__host__division__code__startswith=office.area)
    return posts.filter(organisation__host=office)


def _years_before(day: date, years: int) -> date:
    """The last day on which somebody must have begun to have served `years` years on `day`."""
    following = date.fromordinal(day.toordinal() + 1)  # the first of a month: never a 29 February
    return date.fromordinal(following.replace(year=following.year - years).toordinal())


@as_program(WHY)
@transaction.atomic
def make_list(fund_id: int, preset_id: int, month: date, *, by: User) -> SubsidyList:
    """The list of a month, by rule, in one statement. Who is on another list of the month is left out.

    `month`: its first day, not in the future. Made already: that list. Locks the preset, so that two offices do not
    pay one person. Raises DoesNotExist, PermissionDenied, RuleBroken (nobody is entitled, a month to come).
    """
    fund = Account.objects.select_related("organisation__division").get(pk=fund_id)
    require(may_keep_fund(by, fund))
    preset = FundPreset.objects.select_for_update().get(
        pk=preset_id, kind=FundPreset.Kind.SUBSIDY, is_active=True
    )
    lists = SubsidyList.objects.exclude(state=State.DROPPED)
    known = lists.filter(fund=fund, preset=preset, month=month).first()
    if known is not None:
        return known
    if month > timezone.localdate():
        raise RuleBroken("这个月还没有到，请选以前的月份或本月。", code="month")
    made = SubsidyList.objects.create(
        fund=fund, preset=preset, month=month, made_by=by, made_at=timezone.now()
    )
    others = SubsidyLine.objects.filter(preset=preset, month=month, counts=True, retiree=OuterRef("retiree"))
    rows = eligible(preset, fund, month).exclude(Exists(others)).order_by("retiree", "post_from", "pk")
    once = rows.distinct("retiree").values_list(
        Value(made.pk), Value(preset.pk), Value(month), "retiree_id", "organisation_id", "post_from",
        Value(preset.monthly * 100), Value(True),
    )  # fmt: skip
    names = ("list", "preset", "month", "retiree", "branch", "since", "amount", "counts")
    made.people = insert_from(SubsidyLine, names, once)
    if not made.people:
        raise RuleBroken(
            "这个月没有符合条件的支部书记，没有生成月表。请先在“党组织”里核对任职日期。", code="nobody"
        )
    made.total = made.people * preset.monthly * 100
    made.save(update_fields=["people", "total"])
    _audit(made, "made", by, {"people": made.people, "total": made.total})
    return made


@transaction.atomic
def approve_list(list_id: int, *, by: User) -> SubsidyList:
    """A second person of the office agrees. Repeating it changes nothing; whoever comes second is told who did it."""
    found = _locked(list_id, by)
    if found.state == State.APPROVED:
        if found.approved_by_id == by.pk:
            return found
        assert found.approved_by is not None
        assert found.approved_at is not None
        raise AlreadyDone("审批", who=found.approved_by.display_name, at=found.approved_at)
    if found.made_by_id == by.pk and found.state == State.MADE:
        raise RuleBroken("月表是您生成的，请本单位另一位同志审批。", code="second_person")
    found.move_to(State.APPROVED)
    found.approved_by, found.approved_at = by, timezone.now()
    found.save(update_fields=["state", "approved_by", "approved_at"])
    _audit(found, "approved", by, {"people": found.people, "total": found.total})
    return found


@as_program(WHY)
@transaction.atomic
def book_list(list_id: int, *, by: User) -> SubsidyList:
    """An entry for everybody on the list, all or none, in one statement. Repeating it changes nothing.

    Raises DoesNotExist, PermissionDenied, RuleBroken (not approved, the fund holds too little).
    """
    found = _locked(list_id, by)
    if found.state == State.BOOKED:
        return found
    found.move_to(State.BOOKED)
    office = found.fund.organisation
    assert office is not None
    paid = booking.outside(office, Account.Kind.PAID)
    fund = booking.lock(found.fund)[found.fund_id]
    if (fund.balance or 0) < found.total:
        raise RuleBroken(booking.too_little(fund, found.total), code="balance")
    now = timezone.now()
    rows = found.lines.order_by().values_list(
        Value(Entry.Kind.SUBSIDY.value), Value(fund.pk), Value(paid.pk), "amount", "retiree_id", Value(office.pk),
        Concat(Value(f"subsidy-{found.pk}-"), Cast("pk", CharField())), Value(timezone.localdate(now)),
        Value(by.pk), Value(now),
    )  # fmt: skip
    names = (
        "kind", "from_account", "to_account", "amount", "retiree", "organisation", "source", "booked_on", "by", "at",
    )  # fmt: skip
    insert_from(Entry, names, rows)
    Account.objects.filter(pk=fund.pk).update(balance=F("balance") - found.total)
    found.booked_at = now
    found.save(update_fields=["state", "booked_at"])
    _audit(found, "booked", by, {"people": found.people, "total": found.total})
    return found


@as_program(WHY)
@transaction.atomic
def drop_list(list_id: int, *, reason: str, by: User) -> SubsidyList:
    """The list was wrong and is not booked yet: its month is free again. Repeating it changes nothing."""
    found = _locked(list_id, by)
    if found.state == State.DROPPED:
        return found
    if not reason.strip():
        raise RuleBroken("请写明为什么作废。", code="reason_missing")
    found.move_to(State.DROPPED)
    found.save(update_fields=["state"])
    found.lines.update(counts=False)
    _audit(found, "dropped", by, {"people": found.people}, note=reason.strip()[:200])
    return found


def _locked(list_id: int, by: User) -> SubsidyList:
    rows = SubsidyList.objects.select_related("preset", "fund__organisation")
    found = rows.select_for_update(no_key=True, of=("self",)).get(pk=list_id)
    require(may_keep_fund(by, found.fund))
    return found


def _audit(found: SubsidyList, act: str, by: User, after: dict[str, int], note: str = "") -> None:
    office = found.fund.organisation_id
    month = f"{found.month:%Y-%m}"
    audit.record(
        f"subsidy.{act}", found, by=by, organisation_id=office, after={"month": month, **after}, note=note
    )
