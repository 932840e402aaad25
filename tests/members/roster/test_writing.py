"""Writing a plan: who is new, who is changed, whose field it is, and that anything in the way stops all of it."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from checkin.record import actions as checkins
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people import actions as people
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch, TransferProposal
from members.units import actions as units
from members.units.models import UnitMembership
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import (
    RetireeFactory,
    make_account,
    make_helper,
    make_id_number,
    make_linked_member,
    make_member,
    make_phone,
)
from tests.members.roster.rosters import book, imported, planned, row, row_of, with_number

pytestmark = pytest.mark.django_db

State = ImportBatch.State


def notes_of(batch: ImportBatch) -> list[str]:
    return [note["code"] for notes in batch.rows.values_list("notes", flat=True) for note in notes or []]


def verdict(batch: ImportBatch) -> str:
    return batch.rows.get().verdict


# new people -------------------------------------------------------------------------------------------------


def test_new_people_are_found_by_id_number_and_by_phone(unit, unit_clerk):
    imported(unit, unit_clerk, row(1, 手机号码=make_phone(1)), row(2))

    person = with_number(1)
    assert person.id_number == row(1)["身份证号"]
    assert (person.phone, person.phone_tail) == (make_phone(1), make_phone(1)[-4:])
    assert Retiree.objects.with_phone(make_phone(1)).get() == person


def test_a_new_person_is_as_one_entered_by_hand(unit, unit_clerk):
    values = {"name": "李淑华", "kind": "tuixiu", "retired_on": "2008-08", "original_unit": unit.name}
    by_hand = people.enrol(
        {**values, "id_number": make_id_number(900, born=date(1948, 7, 1))}, unit.pk, by=unit_clerk
    )
    imported(unit, unit_clerk, row(0))

    own = {"id", "id_number", "id_index", "audit_secret", "created_at", "updated_at"}
    names = [field.attname for field in Retiree._meta.concrete_fields if field.attname not in own]
    by_hand.refresh_from_db()
    brought = with_number(0)
    assert brought.audit_secret is not None
    assert {name: getattr(brought, name) for name in names} == {
        name: getattr(by_hand, name) for name in names
    }


def test_a_new_person_is_a_member_from_today_because_of_the_roster(unit, unit_clerk):
    imported(unit, unit_clerk, row(1))

    membership = UnitMembership.objects.get(retiree=with_number(1))
    assert (membership.unit, membership.valid_from) == (unit, timezone.localdate())
    assert (membership.valid_until, membership.cause) == (None, UnitMembership.Cause.ROSTER)


def test_each_new_person_has_an_audit_entry_with_the_number_of_the_batch(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1, 手机号码=make_phone(1)), row(2))

    entry = AuditEntry.objects.get(action="retiree.enrolled", target_id=str(with_number(1).pk))
    assert (entry.actor_id, entry.organisation_id) == (unit_clerk.pk, unit.pk)
    assert entry.after == {"batch": batch.number}
    assert AuditEntry.objects.filter(action="retiree.enrolled").count() == 2


# changed people ---------------------------------------------------------------------------------------------


def test_of_a_member_exactly_the_planned_fields_change(unit, unit_clerk, member):
    before = Retiree.objects.filter(pk=member.pk).values().get()
    imported(unit, unit_clerk, row_of(member, 职级="副处级", 手机号码=make_phone(77)))

    after = Retiree.objects.filter(pk=member.pk).values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"rank", "phone", "phone_index", "phone_tail", "version", "updated_at"}
    assert (after["rank"], after["version"]) == ("county_2", before["version"] + 1)
    assert Retiree.objects.with_phone(make_phone(77)).get() == member


def test_a_change_is_audited_without_full_numbers(unit, unit_clerk, member):
    batch = imported(
        unit, unit_clerk, row_of(member, 职级="副处级", 手机号码=make_phone(77), 紧急联系电话=make_phone(78))
    )

    entry = AuditEntry.objects.get(action="retiree.corrected", target_id=str(member.pk))
    assert entry.before == {"rank": "county_1"}
    assert entry.after == {"rank": "county_2", "phone": "…0077", "batch": batch.number}


def test_no_full_number_is_in_the_audit_of_an_import(unit, unit_clerk, member):
    imported(
        unit,
        unit_clerk,
        row(1, 手机号码=make_phone(1)),
        row_of(member, 手机号码=make_phone(77), 紧急联系电话=make_phone(78)),
    )

    said = str(list(AuditEntry.objects.values_list("before", "after", "note")))
    numbers = [str(row(1)["身份证号"]), member.id_number, make_phone(1), make_phone(77), make_phone(78)]
    assert [number for number in numbers if number in said] == []


def test_a_file_sent_again_changes_nothing(unit, unit_clerk, member):
    rows = [row(1), row_of(member, 职级="副处级")]
    imported(unit, unit_clerk, *rows)

    batch = planned(unit, unit_clerk, *rows)

    assert (batch.counts["unchanged"], batch.written) == (2, 0)


def test_empty_cells_take_nothing_away(unit, unit_clerk, member):
    batch = planned(unit, unit_clerk, row_of(member, 职级="", 手机号码=""))

    assert verdict(batch) == "unchanged"


# whose field it is ------------------------------------------------------------------------------------------

CONTACT = {"手机号码": make_phone(77), "详细地址": "云霄路 99 号", "兴趣爱好": "书法"}


def held_by_account(unit: Any) -> Retiree:
    return make_linked_member(unit)


def settled(unit: Any) -> Retiree:
    return make_member(unit, residence_id="370202001001")


def checking_in(unit: Any) -> Retiree:
    person = make_member(unit, user=make_account(make_phone(5)))
    draft = checkins.start(person.pk, by=person.user)
    community = first_community()
    checkins.write_down(
        draft.pk, by=person.user, address="云霄路 12 号", community_id=community.pk, data_correct=True
    )
    checkins.submit(draft.pk, by=person.user, consented=True)
    Retiree.objects.filter(pk=person.pk).update(user=None)  # only the check-in holds the person now
    return Retiree.objects.get(pk=person.pk)


def first_community() -> Organisation:
    return Organisation.objects.filter(kind=Organisation.Kind.COMMUNITY).earliest("pk")


@pytest.mark.parametrize("held", [held_by_account, settled, checking_in])
def test_what_the_other_side_keeps_is_left_and_said(unit, unit_clerk, held):
    person = held(unit)
    before = Retiree.objects.filter(pk=person.pk).values().get()

    batch = imported(unit, unit_clerk, row_of(person, **CONTACT, 职级="副处级"))

    after = Retiree.objects.filter(pk=person.pk).values().get()
    assert {name for name in before if before[name] != after[name]} == {"rank", "version", "updated_at"}
    assert notes_of(batch).count("other_side") == 3


def test_while_nobody_else_keeps_them_the_roster_brings_phone_and_address(unit, unit_clerk, member):
    imported(unit, unit_clerk, row_of(member, **CONTACT))

    member.refresh_from_db()
    assert (member.phone, member.residence_address) == (make_phone(77), "云霄路 99 号")
    assert len(member.interests) == 1


# people who are not simply members --------------------------------------------------------------------------


def claimed(**more: Any) -> Retiree:
    born = date(1948, 7, 1)
    return RetireeFactory(
        standing="claimed", name="李淑华", birth_date=born, id_number=str(row(0)["身份证号"]), **more
    )


def test_who_registered_alone_is_taken_over(unit, unit_clerk):
    person = claimed(claimed_unit=unit, user=make_account(make_phone(5)))
    phone = person.phone

    imported(unit, unit_clerk, row(0, 职级="副处级", 手机号码=make_phone(77)))

    person.refresh_from_db()
    assert (person.standing, person.claimed_unit, person.rank) == ("roster", None, "county_2")
    assert person.phone == phone
    assert units.unit_of(person) == unit
    assert AuditEntry.objects.filter(action="retiree.vouched", target_id=str(person.pk)).count() == 1


def test_the_open_check_in_of_who_is_taken_over_stays(unit, unit_clerk):
    person = claimed(claimed_unit=unit, user=make_account(make_phone(5)))
    draft = checkins.start(person.pk, by=person.user)
    before = type(draft).objects.filter(pk=draft.pk).values().get()

    imported(unit, unit_clerk, row(0))

    assert type(draft).objects.filter(pk=draft.pk).values().get() == before


def test_a_contradiction_of_who_registered_alone_keeps_only_that_row_out(unit, unit_clerk):
    claimed(joined_work_on="1960-01")

    batch = imported(unit, unit_clerk, row(0, 离退休类别="离休"), row(1))

    assert list(batch.rows.order_by("row").values_list("verdict", flat=True)) == ["rejected", "new"]
    assert units.unit_of(with_number(1)) == unit


def test_a_restricted_person_is_left_to_the_bureau(unit, unit_clerk):
    person = make_member(unit, is_restricted=True)

    batch = planned(unit, unit_clerk, row_of(person, 职级="副处级"))

    assert (verdict(batch), notes_of(batch)) == ("unchanged", ["restricted"])


def test_nothing_is_told_of_a_restricted_person_of_another_unit(city, unit, unit_clerk):
    theirs = make_unit("青岛市第二中学", place=city.districts[0].division)
    batch = planned(unit, unit_clerk, row_of(make_member(theirs, is_restricted=True)))

    assert (verdict(batch), notes_of(batch)) == ("rejected", ["restricted"])
    assert theirs.name not in str(list(batch.rows.values_list("notes", flat=True)))
    assert batch.counts["transfers"] == 0


def test_the_dead_of_another_unit_are_not_asked_for(city, unit, unit_clerk):
    theirs = make_unit("青岛市第二中学", place=city.districts[0].division)
    batch = planned(unit, unit_clerk, row_of(make_member(theirs, died_on=date(2024, 1, 1))))

    assert (verdict(batch), notes_of(batch)) == ("rejected", ["dead"])
    assert batch.counts["transfers"] == 0


def test_the_dead_are_left_and_it_is_said(unit, unit_clerk):
    person = make_member(unit, died_on=date(2024, 1, 1))

    batch = planned(unit, unit_clerk, row_of(person, 职级="副处级"))

    assert (verdict(batch), notes_of(batch)) == ("unchanged", ["dead"])


def test_who_was_merged_is_changed_as_who_stayed(unit, unit_clerk, member):
    double = RetireeFactory(merged_into=member)

    imported(unit, unit_clerk, row_of(double, 职级="副处级"))

    member.refresh_from_db()
    double.refresh_from_db()
    assert (member.rank, double.rank) == ("county_2", "county_1")


def test_both_numbers_of_a_merged_person_in_one_file_are_one_person(unit, unit_clerk, member):
    double = RetireeFactory(merged_into=member)

    batch = planned(unit, unit_clerk, row_of(member, 职级="副处级"), row_of(double, 职级="正科级"))

    assert list(batch.rows.order_by("row").values_list("verdict", flat=True)) == ["changed", "duplicate"]


def test_a_number_in_two_sheets_at_the_same_row_is_one_person(unit, unit_clerk):
    workbook = load_workbook(BytesIO(book(row(1))))
    workbook.copy_worksheet(workbook.active).title = "第二页"
    content = BytesIO()
    workbook.save(content)
    batch = actions.receive(content.getvalue(), "名册.xlsx", unit.pk, by=unit_clerk, in_background=False)

    batch = actions.plan_now(batch.pk, by=unit_clerk)

    assert list(batch.rows.order_by("pk").values_list("verdict", flat=True)) == ["new", "duplicate"]


def test_nobody_changes_oneself_by_a_roster(unit, unit_clerk):
    person = make_member(unit, user=unit_clerk)

    batch = planned(unit, unit_clerk, row_of(person, 职级="副处级"))

    assert (verdict(batch), notes_of(batch)) == ("rejected", ["oneself"])


def test_nobody_approves_what_a_colleague_planned_about_oneself(unit, unit_clerk):
    colleague = make_staff(unit)
    person = make_member(unit, user=unit_clerk)
    batch = planned(unit, colleague, row_of(person, 职级="副处级"))

    with pytest.raises(RuleBroken, match="您本人"):
        actions.write_now(batch.pk, by=unit_clerk)
    actions.write_now(batch.pk, by=colleague)

    person.refresh_from_db()
    assert person.rank == "county_2"


def test_a_helper_vouches_for_nobody_by_a_roster(unit, unit_clerk):
    make_helper(claimed(), user=unit_clerk)

    assert notes_of(planned(unit, unit_clerk, row(0))) == ["oneself"]


def test_a_helper_does_not_approve_what_a_colleague_vouches_for(unit, unit_clerk):
    make_helper(claimed(), user=unit_clerk)
    batch = planned(unit, make_staff(unit), row(0))

    with pytest.raises(RuleBroken, match="帮办"):
        actions.write_now(batch.pk, by=unit_clerk)


# people of another unit -------------------------------------------------------------------------------------


@pytest.fixture
def other(city):
    return make_unit("青岛市第二中学", place=city.districts[0].division)


def test_people_of_another_unit_are_asked_for_and_left(unit, unit_clerk, other):
    theirs = [make_member(other), make_member(other, name="周平")]
    before = list(Retiree.objects.order_by("pk").values())

    batch = imported(unit, unit_clerk, *(row_of(person, 职级="副处级") for person in theirs))

    assert list(Retiree.objects.order_by("pk").values()) == before
    asked = TransferProposal.objects.open().filter(batch=batch, from_unit=other, to_unit=unit)
    assert set(asked.values_list("retiree_id", flat=True)) == {person.pk for person in theirs}
    assert "2 位" in Notice.objects.get(receiver=other).words


def test_who_was_asked_for_already_is_not_asked_for_again(unit, unit_clerk, other):
    theirs = make_member(other)
    imported(unit, unit_clerk, row_of(theirs))
    imported(unit, unit_clerk, row_of(theirs))

    assert TransferProposal.objects.count() == 1
    assert Notice.objects.filter(receiver=other).count() == 1


def test_a_number_under_another_name_tells_nothing_of_its_owner(unit, unit_clerk, other):
    theirs = make_member(other, name="周平")

    batch = planned(unit, unit_clerk, row_of(theirs) | {"姓名": "李淑华"})

    found = batch.rows.get()
    assert (found.verdict, found.other_unit_id, batch.counts["transfers"]) == ("rejected", None, 0)
    assert "周平" not in str(found.notes)
    assert other.name not in str(found.notes)
