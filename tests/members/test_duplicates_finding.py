"""Which pairs are suggested, to whom, and what a dismissal does."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.duplicates import actions
from members.duplicates.finding import search
from members.duplicates.models import DuplicatePair
from members.people.models import Retiree
from tests.communities.factories import TinyCity, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_linked_member, make_member
from tests.members.racing import meanwhile

pytestmark = pytest.mark.django_db


def pairs() -> set[tuple[int, int]]:
    search()
    return set(DuplicatePair.objects.open().values_list("first_id", "second_id"))


def two(unit: Organisation, **second: object) -> tuple[Retiree, Retiree]:
    """The same name and birth date twice in `unit`, ID numbers and phones differing."""
    return make_member(unit), make_member(unit, **second)


def test_same_name_birth_and_unit_is_suggested(unit: Organisation) -> None:
    first, second = two(unit)

    assert pairs() == {(first.pk, second.pk)}


def test_a_missing_id_number_is_suggested_too(unit: Organisation) -> None:
    first, second = two(unit, id_number="")

    assert pairs() == {(first.pk, second.pk)}


def test_who_claims_the_unit_is_compared_with_its_members(unit: Organisation) -> None:
    member = make_member(unit)
    claimed = RetireeFactory(standing="claimed", claimed_unit=unit)

    assert pairs() == {(member.pk, claimed.pk)}


@pytest.mark.parametrize(
    "other",
    [{"name": "王建军"}, {"birth_date": date(1950, 3, 9)}, {"birth_date": None, "id_number": ""}],
)
def test_another_name_or_birth_is_nobody(unit: Organisation, other: dict[str, object]) -> None:
    two(unit, **other)

    assert pairs() == set()


def test_the_first_of_a_month_without_id_number_may_be_any_day_of_it(unit: Organisation) -> None:
    old = make_member(unit, birth_date=date(1950, 3, 1), id_number="")
    known = make_member(unit)
    make_member(unit, birth_date=date(1950, 4, 8))

    assert pairs() == {(old.pk, known.pk)}


def test_another_unit_is_another_person(unit: Organisation) -> None:
    make_member(unit)
    make_member(make_unit())

    assert pairs() == set()


def test_same_name_and_phone_is_suggested_whatever_the_unit(unit: Organisation) -> None:
    first = make_member(unit, birth_date=date(1951, 1, 2), phone="13900000001")
    second = make_member(make_unit(), phone="13900000001")

    assert pairs() == {(first.pk, second.pk)}


def test_same_phone_and_another_name_is_a_couple(unit: Organisation) -> None:
    two(unit, name="李玉珍", phone=make_member(unit, name="孙德胜").phone)

    assert pairs() == set()


@pytest.mark.parametrize("gone", ["died", "merged"])
def test_the_dead_and_the_merged_are_not_suggested(unit: Organisation, gone: str) -> None:
    first, second = two(unit)
    change = {"died_on": date(2020, 1, 1)} if gone == "died" else {"merged_into": first}
    Retiree.objects.filter(pk=second.pk).update(**change)

    assert pairs() == set()


def test_a_pair_that_is_no_longer_found_is_not_shown(unit: Organisation) -> None:
    _, second = two(unit)
    search()
    Retiree.objects.filter(pk=second.pk).update(name="王建军")

    assert pairs() == set()
    assert DuplicatePair.objects.count() == 1


def test_searching_again_adds_nothing(unit: Organisation) -> None:
    two(unit)

    assert search() == search() == 1
    assert DuplicatePair.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_searches_at_once_wait_for_each_other(unit: Organisation) -> None:
    two(unit)

    assert meanwhile(search, search) == 1
    assert DuplicatePair.objects.count() == 1


def test_a_unit_sees_its_own_pairs_only(unit: Organisation) -> None:
    two(unit)
    other = make_unit()
    for _ in range(2):
        make_member(other)
    search()

    assert DuplicatePair.objects.open().of(unit).count() == 1
    assert DuplicatePair.objects.count() == 2


def test_a_pair_across_units_is_the_bureaus(unit: Organisation, city: TinyCity) -> None:
    make_member(unit, phone="13900000001")
    make_member(make_unit(place=city.districts[1].division), phone="13900000001")
    search()

    shown = [DuplicatePair.objects.open().of(o).count() for o in (unit, *city.districts, city.city)]
    assert shown == [0, 0, 0, 1]


def test_a_bureau_sees_the_pairs_of_its_area(unit: Organisation, city: TinyCity) -> None:
    two(unit)
    search()

    shown = [DuplicatePair.objects.open().of(o).count() for o in (*city.districts, city.city)]
    assert shown == [1, 0, 1]


def test_who_went_to_another_unit_today_is_not_shown_to_the_old_one(unit: Organisation) -> None:
    _, second = two(unit)
    search()
    second.memberships.update(unit=make_unit())

    assert not DuplicatePair.objects.of(unit).exists()


def test_a_restricted_person_is_the_bureaus_business(unit: Organisation, city: TinyCity) -> None:
    two(unit, is_restricted=True)
    search()

    assert not DuplicatePair.objects.of(unit).exists()
    assert DuplicatePair.objects.of(city.districts[0]).exists()


def test_a_street_and_a_community_see_none(unit: Organisation, city: TinyCity) -> None:
    two(unit)
    search()

    assert not any(DuplicatePair.objects.of(o).exists() for o in (city.streets[0], city.communities[0]))


def test_a_unit_looks_at_its_own_people_at_once(unit: Organisation, unit_clerk: User) -> None:
    two(unit)
    other = make_unit()
    for _ in range(2):
        make_member(other)

    assert actions.look_again(unit.pk, by=unit_clerk) == 1
    assert DuplicatePair.objects.get().unit == unit


def test_looking_at_one_unit_leaves_the_pairs_of_others(unit: Organisation, unit_clerk: User) -> None:
    two(unit)
    other = make_unit()
    for _ in range(2):
        make_member(other)
    search()
    actions.look_again(unit.pk, by=unit_clerk)

    assert DuplicatePair.objects.open().count() == 2


def test_a_stranger_does_not_look(unit: Organisation, stranger: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.look_again(unit.pk, by=stranger)


# 不是同一个人 --------------------------------------------------------------------------


@pytest.fixture
def pair(unit: Organisation) -> DuplicatePair:
    two(unit)
    search()
    return DuplicatePair.objects.get()


def test_a_dismissed_pair_is_not_shown_again(pair: DuplicatePair, unit_clerk: User) -> None:
    actions.dismiss(pair.pk, by=unit_clerk, words="双胞胎兄弟")

    assert pairs() == set()
    entry = AuditEntry.objects.get(action="duplicate.dismissed")
    assert entry.actor_id == unit_clerk.pk
    pair.refresh_from_db()
    assert pair.dismissed_words == "双胞胎兄弟"


def test_dismissing_twice_records_once(pair: DuplicatePair, unit_clerk: User) -> None:
    first = actions.dismiss(pair.pk, by=unit_clerk)
    second = actions.dismiss(pair.pk, by=make_staff(unit_clerk.assignments.get().organisation))

    assert second.dismissed_by == first.dismissed_by
    assert AuditEntry.objects.filter(action="duplicate.dismissed").count() == 1


def test_a_dismissal_is_taken_back(pair: DuplicatePair, unit_clerk: User) -> None:
    actions.dismiss(pair.pk, by=unit_clerk, words="双胞胎")
    actions.take_back(pair.pk, by=unit_clerk)
    actions.take_back(pair.pk, by=unit_clerk)

    assert pairs() == {(pair.first_id, pair.second_id)}
    assert AuditEntry.objects.filter(action="duplicate.taken_back").count() == 1


@pytest.mark.parametrize("act", [actions.dismiss, actions.take_back])
def test_strangers_do_not_decide(pair: DuplicatePair, stranger: User, community_clerk: User, act) -> None:
    for user in (stranger, community_clerk):
        with pytest.raises(PermissionDenied):
            act(pair.pk, by=user)


def test_nobody_decides_about_oneself(unit: Organisation) -> None:
    mine = make_linked_member(unit)
    make_member(unit)
    search()
    assert mine.user is not None
    mine.user.assignments.create(organisation=unit, valid_from=timezone.localdate())

    with pytest.raises(PermissionDenied):
        actions.dismiss(DuplicatePair.objects.get().pk, by=mine.user)


def test_a_merged_pair_is_not_dismissed(pair: DuplicatePair, unit_clerk: User) -> None:
    actions.merge(pair.first_id, pair.second_id, by=unit_clerk)

    with pytest.raises(RuleBroken, match="已经合并"):
        actions.dismiss(pair.pk, by=unit_clerk)


@pytest.mark.django_db(transaction=True)
def test_a_dismissal_waits_for_a_merge(pair: DuplicatePair, unit_clerk: User) -> None:
    answer = meanwhile(
        lambda: actions.merge(pair.first_id, pair.second_id, by=unit_clerk),
        lambda: actions.dismiss(pair.pk, by=unit_clerk),
    )

    assert isinstance(answer, RuleBroken)
