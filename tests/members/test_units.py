"""Which unit manages whom, over time."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.organisations.actions.units import close_unit
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.units import actions
from members.units.models import UnitMembership
from tests.communities.factories import make_external_unit, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_member
from tests.members.racing import meanwhile, race

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)


def test_joining_begins_the_membership(unit, unit_clerk):
    person = RetireeFactory()

    actions.join(person.pk, unit.pk, on=DAY, by=unit_clerk)

    assert actions.unit_of(person) == unit
    assert AuditEntry.objects.filter(action="membership.begun").count() == 1


def test_joining_twice_is_once(unit, unit_clerk):
    person = RetireeFactory()
    first = actions.join(person.pk, unit.pk, on=DAY, by=unit_clerk)

    assert actions.join(person.pk, unit.pk, on=DAY, by=unit_clerk) == first


def test_who_has_a_unit_is_transferred_not_joined(member, other):
    with pytest.raises(RuleBroken, match="办理转入"):
        actions.join(member.pk, other.pk, on=DAY, by=make_staff(other))


def test_a_closed_unit_takes_nobody(unit, unit_clerk):
    person = RetireeFactory()
    unit.closed_on = DAY
    unit.save()

    with pytest.raises(RuleBroken, match="已经撤销"):
        actions.join(person.pk, unit.pk, on=DAY, by=unit_clerk)


def test_a_stranger_joins_nobody(unit, stranger):
    with pytest.raises(PermissionDenied):
        actions.join(RetireeFactory().pk, unit.pk, on=DAY, by=stranger)


@pytest.mark.django_db(transaction=True)
def test_two_units_that_take_somebody_at_once_do_not_both_get_them(unit, other, bureau_clerk):
    person = RetireeFactory()
    units = [unit, other]

    answers = race(2, lambda number: actions.join(person.pk, units[number].pk, on=DAY, by=bureau_clerk))

    assert UnitMembership.objects.count() == 1
    assert [type(answer) for answer in answers].count(RuleBroken) == 1


def test_a_transfer_keeps_both_ends_of_the_history(member, unit, other, unit_clerk):
    actions.transfer(member.pk, other.pk, on=DAY, document="青编〔2026〕1号", by=unit_clerk)

    old, new = UnitMembership.objects.order_by("valid_from")
    assert (old.unit, old.valid_until) == (unit, DAY)
    assert (new.unit, new.valid_from, new.valid_until, new.cause) == (other, DAY, None, "transferred")
    assert new.document == "青编〔2026〕1号"


def test_transferring_twice_is_once(member, other, unit_clerk, bureau_clerk):
    actions.transfer(member.pk, other.pk, on=DAY, by=unit_clerk)
    actions.transfer(member.pk, other.pk, on=DAY, by=bureau_clerk)

    assert UnitMembership.objects.count() == 2


@pytest.mark.parametrize("day", [date(2010, 4, 1), timezone.localdate() + timedelta(days=2)])
def test_a_transfer_is_after_the_last_one_and_not_in_the_future(member, other, unit_clerk, day):
    with pytest.raises(RuleBroken, match="转入日期"):
        actions.transfer(member.pk, other.pk, on=day, by=unit_clerk)


def test_who_has_no_unit_is_not_transferred(other, bureau_clerk):
    with pytest.raises(RuleBroken, match="没有现管单位"):
        actions.transfer(RetireeFactory().pk, other.pk, on=DAY, by=bureau_clerk)


def test_the_receiver_does_not_fetch_people(member, other):
    with pytest.raises(PermissionDenied):
        actions.transfer(member.pk, other.pk, on=DAY, by=make_staff(other))


@pytest.mark.django_db(transaction=True)
def test_who_is_being_transferred_is_not_transferred_by_the_old_unit_again(city, member, other, unit_clerk):
    third = make_unit(place=city.districts[0].division)

    answer = meanwhile(
        lambda: actions.transfer(member.pk, other.pk, on=DAY, by=unit_clerk),
        lambda: actions.transfer(member.pk, third.pk, on=DAY, by=unit_clerk),
    )

    assert isinstance(answer, PermissionDenied)
    assert actions.unit_of(member) == other


@pytest.mark.django_db(transaction=True)
def test_a_transfer_waits_for_the_unit_that_is_being_closed(city, member, unit, other, bureau_clerk):
    third = make_unit(place=city.districts[0].division)

    answer = meanwhile(
        lambda: close_unit(unit.pk, successor_id=other.pk, on=DAY, by=bureau_clerk),
        lambda: actions.transfer(member.pk, third.pk, on=DAY, by=bureau_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert actions.unit_of(member) == other


# reorganisation


def test_people_follow_to_the_successor(city, unit, other, bureau_clerk):
    people = [make_member(unit) for _ in range(3)]
    bystander = make_member(other)

    close_unit(unit.pk, successor_id=other.pk, on=DAY, document="青编〔2026〕9号", by=bureau_clerk)

    for person in people:
        assert actions.unit_of(person) == other
    old, new = people[0].memberships.order_by("valid_from")
    assert old.valid_until == new.valid_from == DAY + timedelta(days=1)
    assert (new.cause, new.document) == ("reorganised", "青编〔2026〕9号")
    assert bystander.memberships.count() == 1
    assert AuditEntry.objects.get(action="memberships.reorganised").after["people"] == 3


def test_without_a_successor_people_belong_to_the_bureau_above(city, unit, bureau_clerk):
    person = make_member(unit)

    close_unit(unit.pk, successor_id=None, on=DAY, by=bureau_clerk)

    assert actions.unit_of(person) == actions.responsible_organisation(person) == city.districts[0]


def test_who_only_says_to_be_of_the_unit_follows_too(unit, other, bureau_clerk):
    person = RetireeFactory(standing="claimed", claimed_unit=unit)

    close_unit(unit.pk, successor_id=other.pk, on=DAY, by=bureau_clerk)

    person.refresh_from_db()
    assert person.claimed_unit == other


def test_a_membership_that_had_not_begun_moves_as_it_is(unit, other, bureau_clerk):
    person = make_member(unit, since=DAY + timedelta(days=5))

    close_unit(unit.pk, successor_id=other.pk, on=DAY, by=bureau_clerk)

    membership = person.memberships.get()
    assert (membership.unit, membership.valid_from) == (other, DAY + timedelta(days=5))


def test_following_twice_finds_nobody_left(unit, other, bureau_clerk):
    make_member(unit)

    actions.follow_reorganisation(unit, other, DAY, bureau_clerk)
    actions.follow_reorganisation(unit, other, DAY, bureau_clerk)

    assert AuditEntry.objects.filter(action="memberships.reorganised").count() == 1
    assert UnitMembership.objects.count() == 2


def test_a_big_unit_costs_no_more_queries_than_a_small_one(unit, other, bureau_clerk):
    counts = []
    for people in (1, 60):
        for _ in range(people):
            make_member(unit)
        with CaptureQueriesContext(connection) as queries:
            actions.follow_reorganisation(unit, other, DAY, bureau_clerk)
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_nobody_joins_a_unit_that_is_being_closed(unit, other, unit_clerk, bureau_clerk):
    person = RetireeFactory()

    answer = meanwhile(
        lambda: close_unit(unit.pk, successor_id=other.pk, on=DAY, by=bureau_clerk),
        lambda: actions.join(person.pk, unit.pk, on=DAY, by=bureau_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert not UnitMembership.objects.exists()


# who answers


def test_the_unit_answers_for_its_people(member, unit):
    assert actions.responsible_organisation(member) == unit


def test_the_successor_answers_where_a_membership_was_left_behind(member, unit, other):
    unit.closed_on, unit.successor = DAY, other
    unit.save()

    assert actions.responsible_organisation(member) == other


def test_the_bureau_of_the_district_answers_for_who_has_no_unit(city):
    person = RetireeFactory(residence=city.communities[4].division)

    assert actions.responsible_organisation(person) == city.districts[1]


def test_the_city_answers_for_who_has_no_place_either(city):
    assert actions.responsible_organisation(RetireeFactory()) == city.city


def test_the_bureau_of_the_claimed_units_place_answers_for_a_claimed_person(city, unit):
    person = RetireeFactory(standing="claimed", claimed_unit=unit)

    assert actions.responsible_organisation(person) == city.districts[0]


def test_a_unit_outside_answers_for_its_people(city):
    outside = make_external_unit()

    assert actions.responsible_organisation(make_member(outside)) == outside


def test_the_program_itself_may_join_people(unit):
    assert actions.join(RetireeFactory().pk, unit.pk, on=DAY, by=User.objects.system()).unit == unit
