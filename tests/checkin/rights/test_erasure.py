"""Asking for erasure, deciding, and when the law says no. What it takes away: test_nowhere.py."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from checkin.rights import actions
from checkin.rights.models import ErasureRequest
from communities.notices.models import Notice
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.people import registry
from members.people.models import Retiree
from members.people.registry import Eraser
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_staff
from tests.members.factories import RetireeFactory, make_helper
from tests.members.racing import race

pytestmark = pytest.mark.django_db
State = ErasureRequest.State


@pytest.fixture
def boss(world: World) -> User:
    return make_staff(world.city.city)


@pytest.fixture
def person(world: World) -> Retiree:
    """In no roster, so nothing keeps the data."""
    return RetireeFactory(
        name="郝自在",
        standing="claimed",
        user=UserFactory(),
        residence=world.here.division,
        claimed_unit=world.unit,
    )


@pytest.fixture
def asked(person: Retiree) -> ErasureRequest:
    return actions.ask(person.pk, by=person.user, words="不想用了")


def test_the_bureau_is_asked_and_has_fifteen_working_days(asked: ErasureRequest, world: World) -> None:
    assert (asked.state, asked.source, asked.desk) == (State.OPEN, "person", world.city.districts[0])
    assert timedelta(19) <= asked.due_on - timezone.localdate() <= timedelta(35)
    assert Notice.objects.filter(receiver=asked.desk, kind="erasure.asked").count() == 1
    assert AuditEntry.objects.filter(action="erasure.asked").count() == 1


def test_asking_twice_is_once(asked: ErasureRequest, person: Retiree) -> None:
    assert actions.ask(person.pk, by=person.user) == asked
    assert ErasureRequest.objects.count() == 1


def test_who_asked_may_take_it_back_and_ask_again(asked: ErasureRequest, person: Retiree) -> None:
    for _ in range(2):
        assert actions.take_back(asked.pk, by=person.user).state == State.TAKEN_BACK

    assert actions.ask(person.pk, by=person.user) != asked
    assert AuditEntry.objects.filter(action="erasure.taken_back").count() == 1


def test_a_helper_and_staff_may_ask_a_stranger_may_not(world: World, person: Retiree) -> None:
    with pytest.raises(PermissionDenied):
        actions.ask(person.pk, by=UserFactory())
    helper = make_helper(person)

    asked = actions.ask(person.pk, by=helper.user)
    actions.take_back(asked.pk, by=helper.user)

    assert asked.source == "helper"
    assert actions.ask(person.pk, by=world.clerk).source == "staff"


def test_a_no_has_a_reason_and_is_said_once(asked: ErasureRequest, boss: User) -> None:
    with pytest.raises(RuleBroken, match="理由"):
        actions.refuse(asked.pk, reason=" ", by=boss)

    for _ in range(2):
        actions.refuse(asked.pk, reason="还在办报到", by=boss)

    assert ErasureRequest.objects.get().reason == "还在办报到"
    assert AuditEntry.objects.filter(action="erasure.refused").count() == 1
    with pytest.raises(AlreadyDone):
        actions.erase(asked.pk, reason="同意", by=boss)
    with pytest.raises(AlreadyDone):
        actions.take_back(asked.pk, by=asked.asked_by)


def test_erased_is_erased_and_nobody_acts_on_it_again(
    asked: ErasureRequest, person: Retiree, boss: User
) -> None:
    actions.erase(asked.pk, reason="本人要求", by=boss)

    person = Retiree.objects.get(pk=person.pk)
    assert (person.name, person.id_number, person.phone, person.user_id) == ("已依法删除", "", "", None)
    assert not Retiree.objects.people().filter(pk=person.pk).exists()
    with pytest.raises(RuleBroken, match="已依法删除"):
        Retiree.objects.locked(person.pk)
    with pytest.raises(RuleBroken, match="已依法删除"):
        actions.refuse(asked.pk, reason="晚了", by=boss)


def test_a_reason_that_names_the_person_is_refused(asked: ErasureRequest, boss: User) -> None:
    with pytest.raises(RuleBroken, match="不要写姓名"):
        actions.erase(asked.pk, reason="郝自在要求", by=boss)


def test_who_is_in_a_roster_and_alive_stays(world: World, boss: User) -> None:
    member = world.confirmed().retiree
    asked = actions.ask(member.pk, by=member.user)

    with pytest.raises(RuleBroken, match="保留名册"):
        actions.erase(asked.pk, reason="本人要求", by=boss)


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk", "oneself"])
def test_only_a_bureau_decides_and_nobody_about_oneself(
    asked: ErasureRequest, person: Retiree, world: World, who: str
) -> None:
    by = getattr(world, who, None)
    if who == "oneself":
        by = make_staff(world.city.city)
        Retiree.objects.filter(pk=person.pk).update(user=by)

    for act in (actions.erase, actions.refuse):
        with pytest.raises(PermissionDenied):
            act(asked.pk, reason="理由", by=by)


def test_killed_in_the_middle_nothing_is_gone(
    asked: ErasureRequest, person: Retiree, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(erased: registry.Erased) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "erasers", [*registry.erasers, Eraser({}, killed)])
    with pytest.raises(KeyboardInterrupt):
        actions.erase(asked.pk, reason="本人要求", by=boss)

    assert Retiree.objects.get(pk=person.pk).name == "郝自在"
    assert ErasureRequest.objects.get().state == State.OPEN


@pytest.mark.django_db(transaction=True)
def test_two_at_once_erase_once(world: World, person: Retiree) -> None:
    asked = actions.ask(person.pk, by=person.user)
    bosses = [make_staff(world.city.city), make_staff(world.city.city)]

    answers = race(2, lambda number: actions.erase(asked.pk, reason="本人要求", by=bosses[number]))

    assert [getattr(answer, "state", answer) for answer in answers] == [State.DONE, State.DONE]
    assert AuditEntry.objects.filter(action="erasure.done").count() == 1


def test_staff_who_are_erased_as_persons_keep_their_account(
    world: World, person: Retiree, boss: User
) -> None:
    Retiree.objects.filter(pk=person.pk).update(user=world.clerk_there)
    asked = actions.ask(person.pk, by=world.clerk)

    actions.erase(asked.pk, reason="本人要求", by=boss)

    world.clerk_there.refresh_from_db()
    assert (world.clerk_there.is_active, world.clerk_there.display_name) == (True, "赵强")
