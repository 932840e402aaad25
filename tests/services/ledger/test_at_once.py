"""Two desks at once; each of these fails without the lock it is about."""

from uuid import uuid4

import pytest

from huifeng.errors import RuleBroken
from services.ledger.models import Goods, Redemption
from tests.checkin.world import World
from tests.members.racing import race
from tests.services.ledger.shop import at_home, balance, credit, goods_of, redeem

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_piece_is_given_once(world: World):
    goods = goods_of(world.here, stock=1)
    people = [at_home(world) for _ in range(2)]
    for retiree in people:
        credit(world, retiree, 100)

    answers = race(2, lambda number: redeem(world, people[number], goods))

    assert {type(answer) for answer in answers} == {Redemption, RuleBroken}
    assert Goods.objects.get().stock == 0


def test_points_are_spent_once(world: World):
    goods, retiree = goods_of(world.here), at_home(world)
    credit(world, retiree, 30)

    answers = race(2, lambda number: redeem(world, retiree, goods))

    assert {type(answer) for answer in answers} == {Redemption, RuleBroken}
    assert balance(retiree) == 0


def test_the_same_form_and_the_same_source_at_once_are_once(world: World):
    goods, retiree, key = goods_of(world.here), at_home(world), uuid4()
    race(2, lambda number: credit(world, retiree, 60, "activity-1"))

    race(2, lambda number: redeem(world, retiree, goods, key=key))

    assert (balance(retiree), Redemption.objects.count()) == (30, 1)
