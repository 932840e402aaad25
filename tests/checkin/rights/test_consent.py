"""Consent is taken back: what ends, what stays, who is told, and that it can be given again."""

import pytest
from django.core.exceptions import PermissionDenied

from checkin.record import actions as record
from checkin.record.models import CheckIn
from checkin.rights import actions, consents
from checkin.rights.models import ConsentWithdrawal
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from members.units.actions import unit_of
from tests.checkin.world import World, again
from tests.communities.factories import UserFactory, make_staff
from tests.members.factories import make_helper
from tests.members.racing import race

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "becomes"), [("submitted", "withdrawn"), ("returned", "withdrawn"), ("confirmed", "ended")]
)
def test_what_runs_ends_and_the_unit_keeps_its_roster(world: World, state: str, becomes: str) -> None:
    checkin = getattr(world, state)()
    person = checkin.retiree

    made = actions.withdraw_consent(person.pk, by=person.user)

    assert again(checkin).state == becomes
    assert (made.on_paper, made.consent_text) == (False, checkin.consent_text)
    assert unit_of(person) == world.unit
    assert AuditEntry.objects.filter(action="consent.withdrawn", actor_id=person.user.pk).count() == 1


def test_unit_and_community_are_told(world: World) -> None:
    checkin = world.confirmed()

    actions.withdraw_consent(checkin.retiree_id, by=checkin.retiree.user)

    told = Notice.objects.filter(kind="checkin.ended", person=checkin.retiree_id)
    assert set(told.values_list("receiver", flat=True)) == {world.unit.pk, world.here.pk}


def test_taking_back_twice_is_once(world: World) -> None:
    person = world.confirmed().retiree
    first = actions.withdraw_consent(person.pk, by=person.user)

    assert actions.withdraw_consent(person.pk, by=person.user) == first
    assert ConsentWithdrawal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(world: World) -> None:
    person = world.confirmed().retiree

    answers = race(
        2, lambda number: actions.withdraw_consent(person.pk, by=(person.user, world.clerk)[number])
    )

    assert answers[0] == answers[1]
    assert ConsentWithdrawal.objects.count() == 1


def test_agreeing_again_is_a_new_checkin_and_both_stand_in_the_story(world: World) -> None:
    person = world.confirmed().retiree
    actions.withdraw_consent(person.pk, by=person.user)
    assert consents.given_at(person)[0] is None

    world.confirmed(person)

    assert [one.until is None for one in consents.story(person)] == [True, False]
    assert consents.given_at(person)[0] is not None
    assert CheckIn.objects.filter(retiree=person).count() == 2


def test_a_stay_for_the_season_stops_too(world: World) -> None:
    person = world.confirmed().retiree
    stay = record.add_seasonal_stay(
        person.pk, by=person.user, community_id=world.there.pk, from_month=1, to_month=3
    )

    actions.withdraw_consent(person.pk, by=person.user)

    stay.refresh_from_db()
    assert stay.ended_at is not None


def test_who_never_agreed_has_nothing_to_take_back(world: World) -> None:
    person = world.member()

    with pytest.raises(RuleBroken, match="没有可以撤回"):
        actions.withdraw_consent(person.pk, by=person.user)


def test_staff_do_it_on_a_paper_and_a_helper_for_the_person(world: World) -> None:
    one, other = world.confirmed().retiree, world.confirmed().retiree
    helper = make_helper(other)

    assert actions.withdraw_consent(one.pk, by=world.clerk).on_paper
    assert not actions.withdraw_consent(other.pk, by=helper.user).on_paper


@pytest.mark.parametrize("who", ["stranger", "clerk_there"])
def test_others_may_not(world: World, who: str) -> None:
    person = world.confirmed().retiree
    by = UserFactory() if who == "stranger" else world.clerk_there

    with pytest.raises(PermissionDenied):
        actions.withdraw_consent(person.pk, by=by)
    assert not ConsentWithdrawal.objects.exists()


def test_a_restricted_person_is_the_bureau_s_business(world: World) -> None:
    person = world.confirmed().retiree
    Retiree.objects.filter(pk=person.pk).update(is_restricted=True)

    with pytest.raises(PermissionDenied):
        actions.withdraw_consent(person.pk, by=world.clerk)
    assert actions.withdraw_consent(person.pk, by=make_staff(world.city.city)).on_paper
