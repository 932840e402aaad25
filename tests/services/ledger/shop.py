"""A shop for points in the small world, for tests."""

import itertools
from uuid import UUID, uuid4

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from services.ledger import actions
from services.ledger.models import Account, Entry, Goods, Redemption
from tests.checkin.world import World

serials = itertools.count(1)


def at_home(world: World, **fields: object) -> Retiree:
    """Somebody who lives in `here`, without the walk through a check-in."""
    return world.member(residence=world.here.division, **fields)


def goods_of(community: Organisation, name: str = "洗衣液", *, points: int = 30, stock: int = 5) -> Goods:
    return Goods.objects.create(community=community, name=name, points=points, stock=stock)


def credit(world: World, retiree: Retiree, points: int, source: str = "", by: User | None = None) -> Entry:
    return actions.credit_points(
        retiree.pk,
        points,
        source or f"test-{next(serials)}",
        organisation_id=world.here.pk,
        by=by or world.clerk,
    )


def redeem(
    world: World,
    retiree: Retiree,
    goods: Goods,
    count: int = 1,
    *,
    key: UUID | None = None,
    by: User | None = None,
) -> Redemption:
    return actions.redeem(retiree.pk, goods.pk, count=count, key=key or uuid4(), by=by or world.clerk)


def balance(retiree: Retiree) -> int:
    account = Account.objects.filter(kind="points", retiree=retiree).first()
    return (account.balance or 0) if account else 0


def booked(account: Account) -> int:
    """What the entries say that the account holds."""
    coming = sum(Entry.objects.filter(to_account=account).values_list("amount", flat=True))
    return int(coming - sum(Entry.objects.filter(from_account=account).values_list("amount", flat=True)))
