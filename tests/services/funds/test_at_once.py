"""Two desks at once; each of these fails without the lock it is about."""

from datetime import date

import pytest

from huifeng.errors import AlreadyDone, RuleBroken
from services.funds import actions
from services.funds.models import Application, SubsidyLine, SubsidyList
from services.ledger.booking import outside
from services.ledger.models import Account, Entry
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.members.racing import meanwhile, race
from tests.services.funds.money import (
    approved,
    at_home,
    bureau_of,
    fund,
    planned,
    preset,
    second,
    secretary,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fund_is_never_overdrawn_from_two_desks(world: World):
    fund(world, 5000)
    waiting = [approved(world), approved(world)]
    other = second(world)
    outside(bureau_of(world), Account.Kind.PAID)  # else the second would wait for that one to be made

    answer = meanwhile(
        lambda: actions.pay(waiting[0].pk, by=world.bureau_clerk),
        lambda: actions.pay(waiting[1].pk, by=other),
    )

    assert isinstance(answer, RuleBroken)
    assert Account.objects.get(kind="fund").balance == 200_000


def test_one_payment_from_two_desks_is_booked_once(world: World):
    fund(world, 9000)
    waiting = approved(world)
    clerks = [world.bureau_clerk, second(world)]

    race(2, lambda number: actions.pay(waiting.pk, by=clerks[number]))

    assert Entry.objects.filter(kind="aid").count() == 1


def test_of_two_who_approve_one_does(world: World):
    made = planned(world)
    clerks = [second(world), make_staff(bureau_of(world))]

    answers = race(2, lambda number: actions.approve(made.pk, amount=300000, by=clerks[number]))

    assert {type(answer) for answer in answers} == {Application, AlreadyDone}


def test_approved_and_withdrawn_at_once_is_one_after_the_other(world: World):
    made = planned(world)
    clerk = second(world)

    answers = race(
        2,
        lambda number: (
            actions.withdraw(made.pk, reason="不要了", by=world.clerk)
            if number
            else actions.approve(made.pk, amount=300000, by=clerk)
        ),
    )

    assert isinstance(answers[1], Application)
    assert isinstance(answers[0], Application | RuleBroken)
    assert Application.objects.get().state == "withdrawn"


def test_two_who_apply_for_one_person_file_one_application(world: World):
    retiree, money, kind = at_home(world), fund(world), preset()

    answers = race(
        2,
        lambda number: actions.apply(
            retiree.pk, money.pk, preset_id=kind.pk, organisation_id=world.here.pk, reason="难", asked=100,
            by=world.clerk,
        ),
    )  # fmt: skip

    assert answers[0] == answers[1] == Application.objects.get()


def test_a_month_list_made_by_two_at_once_is_one_and_pays_once(world: World):
    secretary(world, date(2019, 1, 1))
    own, kind = fund(world, 1000), preset("secretary")
    city = world.city.city
    other = Account.objects.create(kind="fund", organisation=city, name="市级补贴", balance=0)
    desks = [(own, world.bureau_clerk), (own, second(world)), (other, make_staff(city))]

    answers = race(
        3,
        lambda number: actions.make_list(
            desks[number][0].pk, kind.pk, date(2026, 10, 1), by=desks[number][1]
        ),
    )

    assert {type(answer) for answer in answers} <= {SubsidyList, RuleBroken}  # and no row that stands twice
    assert SubsidyList.objects.count() == SubsidyLine.objects.count() == 1


def test_a_list_booked_from_two_desks_is_booked_once(world: World):
    fund(world, 1000)
    secretary(world, date(2019, 1, 1))
    made = actions.make_list(fund(world).pk, preset("secretary").pk, date(2026, 10, 1), by=world.bureau_clerk)
    clerks = [second(world), world.bureau_clerk]
    actions.approve_list(made.pk, by=clerks[0])

    answers = race(2, lambda number: actions.book_list(made.pk, by=clerks[number]))

    assert answers == [made, made]
    assert Account.objects.get(kind="fund").balance == 70_000
