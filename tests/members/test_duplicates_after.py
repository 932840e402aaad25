"""After a merge: nothing is written of the merged row, the way back, and two who merge or undo at the same moment."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.duplicates.actions import merge, undo_merge
from members.duplicates.models import PersonMerge
from members.party.models import PartyAffiliation
from members.people import actions as people
from members.people.models import Death, HelperRequest, Retiree
from members.units.models import UnitMembership
from tests.communities.factories import TinyCity, UserFactory, make_staff, make_unit
from tests.members.factories import (
    make_account,
    make_branch,
    make_helper,
    make_id_number,
    make_linked_member,
    make_member,
)
from tests.members.merging import every_row, fresh, kept, other
from tests.members.racing import meanwhile, race

__all__ = ["kept", "other"]

pytestmark = pytest.mark.django_db


# Who is told ----------------------------------------------------------------------------


def test_the_bureau_tells_the_unit_and_the_unit_tells_nobody(
    unit: Organisation, kept: Retiree, other: Retiree, unit_clerk: User, bureau_clerk: User
) -> None:
    undo_merge(merge(kept.pk, other.pk, by=unit_clerk).pk, by=unit_clerk)
    assert not Notice.objects.exists()

    merge(kept.pk, other.pk, by=bureau_clerk)

    told = Notice.objects.get()
    assert (told.receiver, told.kind, told.person) == (unit, "people.merged", kept.pk)


# A merged row is nobody ----------------------------------------------------------------


def test_the_old_id_number_leads_to_the_kept_row(
    unit: Organisation, kept: Retiree, other: Retiree, unit_clerk: User, community_clerk: User
) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)
    number = other.id_number

    enrolled = people.enrol({"name": other.name, "id_number": number}, unit.pk, by=unit_clerk)
    found = people.register_at_counter(
        name=other.name, id_number=number, kind_of_person="tuixiu", by=community_clerk
    )

    assert enrolled == found == kept
    assert Retiree.objects.with_id_number(make_id_number(499)).first() is None


def test_a_merged_row_is_in_no_list(
    kept: Retiree, other: Retiree, unit_clerk: User, bureau_clerk: User
) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)

    found = [
        Retiree.objects.alive(),
        Retiree.objects.visible_to(unit_clerk),
        Retiree.objects.visible_to(bureau_clerk),
        Retiree.objects.visible_to(User.objects.system()),
        Retiree.objects.with_phone(other.phone),
    ]
    assert not any(other in rows for rows in found)


def test_login_with_the_old_phone_links_nobody(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)
    account = make_account(other.phone)

    assert people.link_by_phone(account) is None
    assert people.choose_among(account, other.name, "1950-03") is None
    assert not people.needs_choice(account)


def test_nothing_is_written_of_a_merged_row(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="已并入"):
        people.update_unit_fields(other.pk, {"original_post": "主任"}, by=unit_clerk)


# And back -------------------------------------------------------------------------------


def full(unit: Organisation, city: TinyCity) -> tuple[Retiree, Retiree]:
    """Two rows with something of everything."""
    kept = make_member(unit, since=date(2012, 1, 1), id_number="", phone="", birth_date=date(1950, 3, 1))
    other = make_linked_member(unit, since=date(2011, 1, 1), skills="书法", interests=["calligraphy"])
    both = make_helper(kept)
    make_helper(other, user=both.user)
    make_helper(other)
    branch = make_branch(unit)
    for row in (kept, other):
        PartyAffiliation.objects.create(
            retiree=row, organisation=branch, kind="formal", valid_from=date(2020, 1, 1)
        )
    UnitMembership.objects.create(
        retiree=other, unit=make_unit(), valid_from=date(2005, 1, 1), valid_until=date(2008, 1, 1)
    )
    Death.objects.create(
        retiree=other, died_on=date(2020, 1, 1), state="dismissed", reported_by=UserFactory(),
        reported_at=timezone.now(), words="还健在",
    )  # fmt: skip
    HelperRequest.objects.create(
        user=UserFactory(), retiree=other, name="王小军", relation="son", elder_name=other.name,
        elder_birth_month="1950-03", elder_phone=other.phone, code_hash=b"", expires_at=timezone.now(),
    )  # fmt: skip
    older = make_member(unit)
    merge(other.pk, older.pk, by=make_staff(unit))
    other.refresh_from_db()
    other.emergency_name, other.emergency_phone = "王小明", "13900000077"
    other.residence, other.residence_address = city.communities[0].division, "云霄路 1 号"
    other.save()
    return kept, other


@pytest.mark.parametrize("way", ["kept", "other"])
def test_an_undo_leaves_every_row_as_it_was(
    unit: Organisation, city: TinyCity, unit_clerk: User, way: str
) -> None:
    kept, other = full(unit, city)
    if way == "other":
        kept, other = other, kept
    Retiree.objects.filter(pk=kept.pk).update(original_post="处长")
    Retiree.objects.filter(pk=other.pk).update(original_post="科长")
    before = every_row()

    done = merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["original_post"])
    between = every_row()
    undone = undo_merge(done.pk, by=unit_clerk)

    assert every_row() == before != between
    assert undone.undone_by == unit_clerk
    assert AuditEntry.objects.filter(action="retiree.unmerged").count() == 2


def test_exchanged_id_numbers_come_back(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    before = every_row()
    done = merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["id_number"])

    undo_merge(done.pk, by=unit_clerk)

    assert every_row() == before


def test_undoing_twice_is_once(kept: Retiree, other: Retiree, unit_clerk: User, bureau_clerk: User) -> None:
    done = merge(kept.pk, other.pk, by=unit_clerk)
    undo_merge(done.pk, by=unit_clerk)

    assert undo_merge(done.pk, by=bureau_clerk).undone_by == unit_clerk
    assert AuditEntry.objects.filter(action="retiree.unmerged").count() == 2


def test_after_an_undo_they_can_be_merged_again(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    undo_merge(merge(kept.pk, other.pk, by=unit_clerk).pk, by=unit_clerk)

    merge(other.pk, kept.pk, by=unit_clerk)

    assert fresh(kept).merged_into == other


def test_a_stranger_does_not_undo(kept: Retiree, other: Retiree, unit_clerk: User, stranger: User) -> None:
    done = merge(kept.pk, other.pk, by=unit_clerk)

    with pytest.raises(PermissionDenied):
        undo_merge(done.pk, by=stranger)


def test_who_lost_the_account_does_not_undo(unit: Organisation, unit_clerk: User) -> None:
    kept, linked = make_linked_member(unit), make_linked_member(unit)
    done = merge(kept.pk, linked.pk, by=unit_clerk)
    assert linked.user is not None
    linked.user.assignments.create(organisation=unit, valid_from=date(2020, 1, 1))

    with pytest.raises(PermissionDenied):
        undo_merge(done.pk, by=linked.user)


def test_what_changed_since_is_named(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    helper = make_helper(other)
    done = merge(kept.pk, other.pk, by=unit_clerk)
    people.stop_helper(helper.pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="家人帮办又有变动"):
        undo_merge(done.pk, by=unit_clerk)


def test_a_request_that_only_ran_out_does_not_stand_in_the_way(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    asked = people.ask_to_help(
        name="王小军", relation="son", elder_name=other.name, birth_month="1950-03", phone=other.phone,
        by=UserFactory(), by_call=True,
    )  # fmt: skip
    done = merge(kept.pk, other.pk, by=unit_clerk)
    with time_machine.travel(asked.expires_at):
        assert people.expire_requests() == 1

    undo_merge(done.pk, by=unit_clerk)

    assert (fresh(asked).retiree, fresh(asked).state) == (other, HelperRequest.State.EXPIRED)


def test_a_taken_value_that_changed_since_stands_in_the_way(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    done = merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["original_post"])
    people.update_unit_fields(kept.pk, {"original_post": "主任"}, by=unit_clerk)

    with pytest.raises(RuleBroken, match="本人资料"):
        undo_merge(done.pk, by=unit_clerk)


def test_another_value_that_changed_since_does_not(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    done = merge(kept.pk, other.pk, by=unit_clerk)
    people.update_unit_fields(kept.pk, {"original_post": "主任"}, by=unit_clerk)

    undo_merge(done.pk, by=unit_clerk)

    assert fresh(kept).original_post == "主任"
    assert fresh(other).merged_into is None


def test_an_account_that_is_somebody_elses_now_stands_in_the_way(
    unit: Organisation, unit_clerk: User
) -> None:
    kept, linked = make_linked_member(unit), make_linked_member(unit)
    done = merge(kept.pk, linked.pk, by=unit_clerk)
    make_member(unit, user=linked.user)

    with pytest.raises(RuleBroken, match="又有变动"):
        undo_merge(done.pk, by=unit_clerk)
    assert fresh(linked).merged_into == kept


def test_the_later_merge_is_undone_first(unit: Organisation, unit_clerk: User, bureau_clerk: User) -> None:
    first, second, third = (make_member(unit) for _ in range(3))
    early = merge(second.pk, third.pk, by=unit_clerk)
    late = merge(first.pk, second.pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="先撤销那一次"):
        undo_merge(early.pk, by=bureau_clerk)
    undo_merge(late.pk, by=unit_clerk)
    undo_merge(early.pk, by=unit_clerk)

    assert not Retiree.objects.exclude(merged_into=None).exists()


# At once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_merge_the_same_pair_in_opposite_directions(
    unit: Organisation, kept: Retiree, other: Retiree
) -> None:
    clerks = [make_staff(unit), make_staff(unit)]
    order = [(kept.pk, other.pk), (other.pk, kept.pk)]

    answers = race(2, lambda number: merge(*order[number], by=clerks[number]))

    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyDone", "PersonMerge"]
    assert Retiree.objects.filter(merged_into=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_other_direction_waits_for_the_first(unit: Organisation, kept: Retiree, other: Retiree) -> None:
    clerks = [make_staff(unit), make_staff(unit)]

    answer = meanwhile(
        lambda: merge(kept.pk, other.pk, by=clerks[0]), lambda: merge(other.pk, kept.pk, by=clerks[1])
    )

    assert isinstance(answer, AlreadyDone)
    assert PersonMerge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_act_on_the_row_that_is_being_merged_waits_and_is_refused(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    answer = meanwhile(
        lambda: merge(kept.pk, other.pk, by=unit_clerk),
        lambda: people.update_unit_fields(other.pk, {"original_post": "主任"}, by=unit_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert answer.code == "merged"


@pytest.mark.django_db(transaction=True)
def test_an_act_on_what_goes_back_waits_and_is_refused(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    helper = make_helper(other)
    done = merge(kept.pk, other.pk, by=unit_clerk)

    answer = meanwhile(
        lambda: undo_merge(done.pk, by=unit_clerk), lambda: people.stop_helper(helper.pk, by=unit_clerk)
    )

    assert isinstance(answer, RuleBroken)
    assert fresh(helper).retiree == other
    assert fresh(helper).ended_at is None


def test_a_merge_with_the_day_of_tomorrow_in_a_membership(
    unit: Organisation, kept: Retiree, unit_clerk: User
) -> None:
    late = make_member(unit, since=timezone.localdate() + timedelta(days=3))

    merge(kept.pk, late.pk, by=unit_clerk)

    assert late.memberships.get().valid_until is None
