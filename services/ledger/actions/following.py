"""What becomes of points when something else happens to the person or the community. Called with them locked."""

from datetime import date

from django.db import transaction
from django.db.models import F, Model

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.people import registry
from members.people.models import Retiree
from members.people.registry import Change

from .. import booking
from ..models import Account, Entry, Goods, Redemption
from ..places import community_of

Kind = Entry.Kind


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """What was redeemed goes over; entries cannot, so the balance is booked over (`follow_merge`)."""
    rows = Redemption.objects.filter(retiree=other).order_by("pk")
    return [Change(row, {"retiree_id": kept.pk}, "积分兑换记录转到保留的一份。") for row in rows]


def follow_merge(kept: Retiree, other: Retiree, changes: list[Change], by: User) -> None:
    """The other row's points are the person's."""
    account = Account.objects.filter(kind=Account.Kind.POINTS, retiree=other, balance__gt=0).first()
    if account is None:
        return
    last = Entry.objects.filter(to_account=account).order_by("-pk").values_list("pk", flat=True)[0]
    booking.book(
        Kind.MERGE, account, booking.points_of(kept), account.balance or 0, source=f"merge-{account.pk}-{last}",
        organisation=_books_of(kept), by=by, retiree=kept,
    )  # fmt: skip


def follow_unmerge(kept: Retiree, other: Retiree, rows: list[Model], by: User) -> None:
    """Two people after all: the points go back. Raises RuleBroken when they are spent."""
    moved = Entry.objects.filter(kind=Kind.MERGE, from_account__retiree=other, reversed_by=None)
    for entry in moved.select_related("from_account", "to_account", "organisation").order_by("-pk")[:1]:
        entry.retiree = kept
        try:
            booking.reverse(entry, by=by)
        except RuleBroken as refused:
            raise RuleBroken(
                "合并后积分已经用掉，不能撤销合并。请先补记积分。", code="points_spent"
            ) from refused


def follow_closed_community(closed: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """The successor takes over the shelf; goods of the same name are put together. Without one nothing is offered."""
    for goods in Goods.objects.filter(community=closed).order_by("pk"):
        if successor is None:
            Goods.objects.filter(pk=goods.pk).update(is_active=False)
        elif Goods.objects.filter(community=successor, name=goods.name).exists():
            Goods.objects.filter(community=successor, name=goods.name).update(stock=F("stock") + goods.stock)
            Goods.objects.filter(pk=goods.pk).update(is_active=False, stock=0)
        else:
            Goods.objects.filter(pk=goods.pk).update(community=successor)


@as_program("who is forgotten may be seen by nobody any more")
@transaction.atomic
def forget(retiree_id: int, *, by: User) -> None:
    """What is left of the points lapses, and the words of the entries are taken away; amounts and days stay.

    The caller has locked the person and decided that they are forgotten. Repeating it changes nothing.
    """
    retiree = Retiree.objects.get(pk=retiree_id)
    account = Account.objects.filter(kind=Account.Kind.POINTS, retiree=retiree).first()
    if account is not None and account.balance:
        books = _books_of(retiree)
        booking.book(
            Kind.LAPSE, account, booking.outside(books, Account.Kind.SPENT), account.balance,
            source=f"lapse-{account.pk}-{Entry.objects.filter(from_account=account).count()}",
            organisation=books, by=by, retiree=retiree,
        )  # fmt: skip
    Entry.objects.filter(retiree=retiree).exclude(note=None).update(note=None)


def _books_of(retiree: Retiree) -> Organisation:
    """In whose books it stands: the person's community, else whoever answers for the person."""
    return community_of(retiree) or registry.units.responsible_organisation(retiree)
