from uuid import UUID

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree

from .. import booking
from ..models import MOST_POINTS, Account, Entry, Goods, Redemption
from ..permissions import may_credit, may_keep_goods, may_redeem

Kind = Entry.Kind


@transaction.atomic
def credit_points(
    retiree_id: int, points: int, source: str, *, organisation_id: int, by: User, note: str = ""
) -> Entry:
    """Give a person points for something, once for each `source`.

    `source`: what they are for, as a key that names the engine and its row, "activity-participation-17"; repeating
    it returns the first entry and changes nothing. `organisation_id`: who gives them (the community, as a rule).
    `note`: words the person reads. `by`: staff of that organisation, or the program (`User.objects.system()`) for
    an act that was allowed elsewhere already. Raises Retiree.DoesNotExist, PermissionDenied, RuleBroken (no whole
    number from 1 to MOST_POINTS, dead, merged, the source was for something else). Source: docs/rules.md, M3, M5.
    """
    retiree = Retiree.objects.locked(retiree_id)
    organisation = Organisation.objects.get(pk=organisation_id)
    require(may_credit(by, retiree, organisation))
    if not 1 <= points <= MOST_POINTS:
        raise RuleBroken(f"一次记 1 到 {MOST_POINTS:,} 分，请改一下分数。", code="amount")
    giver = booking.outside(organisation, Account.Kind.GIVEN)
    known = Entry.objects.filter(source=source, retiree=retiree).exists()
    if retiree.died_on is not None and not known:
        raise RuleBroken("这位老同志已登记去世，不能再记积分。", code="dead")
    booked = booking.book(
        Kind.CREDIT, giver, booking.points_of(retiree), points,
        source=source, organisation=organisation, by=by, retiree=retiree, note=note,
    )  # fmt: skip
    if booked.is_new:
        after = {"entry": booked.entry.pk, "points": points}
        audit.record("points.credited", retiree, by=by, organisation_id=organisation.pk, after=after)
    return booked.entry


@transaction.atomic
def reverse_points(entry_id: int, *, reason: str, by: User) -> Entry:
    """Take points back that were given by mistake, by a counter-entry. Repeating it changes nothing.

    Raises Entry.DoesNotExist, PermissionDenied, RuleBroken (no credit, no reason, already spent).
    """
    entry = _locked_entry(entry_id)
    assert entry.retiree is not None
    require(may_credit(by, entry.retiree, entry.organisation))
    if entry.kind != Kind.CREDIT:
        raise RuleBroken("只有得积分的记录可以冲销；兑换请在 24 小时内取消。", code="kind")
    if not reason.strip():
        raise RuleBroken("请写明为什么冲销，本人会看到。", code="reason_missing")
    booked = booking.reverse(entry, by=by, note=reason.strip())
    if booked.is_new:
        after = {"entry": booked.entry.pk, "reverses": entry.pk, "points": -entry.amount}
        office = entry.organisation_id
        audit.record("points.reversed", entry.retiree, by=by, organisation_id=office, after=after)
    return booked.entry


def _locked_entry(entry_id: int) -> Entry:
    """The entry, its person locked."""
    retiree = Retiree.objects.locked(Entry.objects.exclude(retiree=None).get(pk=entry_id).retiree_id or 0)
    entry = Entry.objects.select_related("from_account", "to_account", "organisation").get(pk=entry_id)
    entry.retiree = retiree
    return entry


@transaction.atomic
def redeem(retiree_id: int, goods_id: int, *, count: int, key: UUID, by: User) -> Redemption:
    """Give goods over the counter for points. `key` is the form's: repeating it returns the same redemption.

    Locks the person, then the goods. Raises DoesNotExist, PermissionDenied, RuleBroken (dead, not enough points,
    not enough in stock, no longer offered). Source: docs/rules.md, M6.
    """
    retiree = Retiree.objects.locked(retiree_id)
    goods = Goods.objects.select_related("community").select_for_update(of=("self",)).get(pk=goods_id)
    require(may_redeem(by, retiree, goods))
    known = Redemption.objects.filter(key=key, retiree=retiree).first()
    if known is not None:
        return known
    if retiree.died_on is not None:
        raise RuleBroken("这位老同志已登记去世，不能再兑换。", code="dead")
    if not goods.is_active:
        raise RuleBroken(f"“{goods.name}”现在不能兑换，请换一样。", code="inactive")
    if not 1 <= count <= goods.stock:
        raise RuleBroken(f"“{goods.name}”还剩 {goods.stock} 件，请改件数，或换一样。", code="stock")
    community, points = goods.community, goods.points * count
    booked = booking.book(
        Kind.REDEEM, booking.points_of(retiree), booking.outside(community, Account.Kind.SPENT), points,
        source=f"redeem-{key}", organisation=community, by=by, retiree=retiree, note=f"{goods.name} × {count}",
    )  # fmt: skip
    goods.stock -= count
    goods.save(update_fields=["stock"])
    made = Redemption.objects.create(
        key=key, retiree=retiree, goods=goods, community=community, count=count, entry=booked.entry,
        by=by, at=timezone.now(),
    )  # fmt: skip
    after = {"redemption": made.pk, "goods": goods.pk, "count": count, "points": -points}
    audit.record("points.redeemed", retiree, by=by, organisation_id=community.pk, after=after)
    return made


@transaction.atomic
def cancel_redemption(redemption_id: int, *, by: User) -> Redemption:
    """The goods came back within a day: points and stock as before. Repeating it changes nothing.

    Raises Redemption.DoesNotExist, PermissionDenied, RuleBroken (more than 24 hours ago).
    """
    retiree = Retiree.objects.locked(
        Redemption.objects.values_list("retiree_id", flat=True).get(pk=redemption_id)
    )
    found = Redemption.objects.select_related("community", "entry__from_account", "entry__to_account")
    redemption = found.select_related("entry__organisation").get(pk=redemption_id)
    require(may_keep_goods(by, redemption.community))
    if redemption.cancelled_at is not None:
        return redemption
    if timezone.now() - redemption.at > Redemption.UNDO:
        raise RuleBroken("兑换已超过 24 小时，不能取消。确有差错，请冲销或补记积分。", code="too_late")
    goods = Goods.objects.select_for_update(of=("self",)).get(pk=redemption.goods_id)
    goods.stock += redemption.count
    goods.save(update_fields=["stock"])
    redemption.entry.retiree = retiree
    booking.reverse(redemption.entry, by=by, kind=Kind.CANCEL, note=f"{goods.name} × {redemption.count}")
    redemption.cancelled_by, redemption.cancelled_at = by, timezone.now()
    redemption.save(update_fields=["cancelled_by", "cancelled_at"])
    after = {"redemption": redemption.pk, "goods": goods.pk, "count": redemption.count}
    office = redemption.community_id
    audit.record("points.redemption_cancelled", retiree, by=by, organisation_id=office, after=after)
    return redemption
