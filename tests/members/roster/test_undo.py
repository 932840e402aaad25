"""Taking an import back within a day: all of it, except whoever has been touched since."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from checkin.record import actions as checkins
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs.models import Job
from members.people import actions as people
from members.people.actions.linking import link
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch, TransferProposal
from members.units import actions as units
from members.units.models import UnitMembership
from tests.communities.factories import UserFactory, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_account, make_member, make_phone
from tests.members.roster.rosters import everything, imported, planned, row, row_of, with_number, worked_off

pytestmark = pytest.mark.django_db

State = ImportBatch.State
WIDE = {
    "职级": "副处级", "手机号码": make_phone(77), "紧急联系电话": make_phone(78), "兴趣爱好": "书法",
    "曾用名": "王建", "区市": "市南区", "街道": "香港中路街道", "社区": "云霄路社区", "参加工作时间": "1970-03",
    "政治面貌": "群众", "离退休时间": "2011-05-01", "详细地址": "云霄路 99 号", "健康状况": "良好",
}  # fmt: skip


def values_of(person: Retiree) -> dict[str, Any]:
    """The person's row, without what counts changes."""
    return {
        name: value
        for name, value in Retiree.objects.filter(pk=person.pk).values().get().items()
        if name not in ("version", "updated_at")
    }


def test_new_people_are_gone_with_their_memberships(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1), row(2))
    pks = list(batch.rows.values_list("person", flat=True))

    batch = actions.undo_now(batch.pk, by=unit_clerk)

    assert not Retiree.objects.filter(pk__in=pks).exists()
    assert not UnitMembership.objects.filter(retiree__in=pks).exists()
    assert batch.report["undone"] == {"removed": 2, "restored": 0, "kept": 0}


def test_the_audit_keeps_that_they_were_there(unit, unit_clerk):
    batch = actions.undo_now(imported(unit, unit_clerk, row(1)).pk, by=unit_clerk)

    target = str(batch.rows.get().person)
    assert list(
        AuditEntry.objects.filter(target_id=target).order_by("pk").values_list("action", flat=True)
    ) == [
        "retiree.enrolled",
        "retiree.import_removed",
    ]
    assert AuditEntry.objects.filter(action="roster.undone", target_id=str(batch.pk)).count() == 1


def test_changed_people_are_exactly_as_before(unit, unit_clerk):
    people_before = [
        make_member(unit, interests=["calligraphy"], emergency_phone="13900000001", joined_work_on="1968"),
        make_member(unit, phone="", emergency_phone=""),
    ]
    before = [values_of(person) for person in people_before]
    batch = imported(
        unit,
        unit_clerk,
        row_of(people_before[0], **WIDE) | {"姓名": "王健国"},
        row_of(people_before[1], **WIDE),
    )
    assert [values_of(person) for person in people_before] != before
    assert all(len(fields) > 10 for fields in batch.rows.values_list("fields", flat=True))

    actions.undo_now(batch.pk, by=unit_clerk)

    assert [values_of(person) for person in people_before] == before
    assert AuditEntry.objects.filter(action="retiree.import_undone").count() == 2


def test_a_page_opened_before_the_undo_is_stale_after_it(unit, unit_clerk, member):
    batch = imported(unit, unit_clerk, row_of(member, 职级="副处级"))
    seen = Retiree.objects.get(pk=member.pk).version
    actions.undo_now(batch.pk, by=unit_clerk)

    with pytest.raises(RuleBroken):
        people.update_unit_fields(member.pk, {"title": "工程师"}, by=unit_clerk, version=seen)


# whoever was touched since ----------------------------------------------------------------------------------


def edited(person: Retiree, unit: Any, clerk: User) -> None:
    people.update_unit_fields(person.pk, {"title": "高级工程师"}, by=clerk)


def logged_in(person: Retiree, unit: Any, clerk: User) -> None:
    account = make_account(person.phone)
    link(person, account, by=account)


def checked_in(person: Retiree, unit: Any, clerk: User) -> None:
    person.user = UserFactory()
    person.save(update_fields=["user"])
    checkins.start(person.pk, by=person.user)


def imported_again(person: Retiree, unit: Any, clerk: User) -> None:
    imported(unit, clerk, row_of(person, 职级="正科级"))


def asked_for_elsewhere(person: Retiree, unit: Any, clerk: User) -> None:
    other = make_unit("第四所")
    imported(other, make_staff(other), row_of(person))


def died(person: Retiree, unit: Any, clerk: User) -> None:
    people.report_death(person.pk, timezone.localdate(), by=clerk)


TOUCHES = [edited, logged_in, checked_in, imported_again, asked_for_elsewhere, died]


@pytest.mark.parametrize("touch", TOUCHES)
def test_who_is_new_and_was_touched_since_stays_and_is_counted(unit, unit_clerk, touch):
    batch = imported(unit, unit_clerk, row(1, 手机号码=make_phone(1)), row(2))
    person = with_number(1)
    touch(person, unit, unit_clerk)
    before = values_of(person)

    batch = actions.undo_now(batch.pk, by=unit_clerk)

    assert values_of(person) == before
    assert units.unit_of(person) == unit
    assert batch.report["undone"] == {"removed": 1, "restored": 0, "kept": 1}
    assert batch.report["kept"] == [person.pk]


@pytest.mark.parametrize("touch", [edited, logged_in, checked_in, imported_again])
def test_who_was_changed_and_touched_since_stays_and_is_counted(unit, unit_clerk, member, touch):
    batch = imported(unit, unit_clerk, row(2), row_of(member, 职级="副处级", 手机号码=make_phone(77)))
    person = Retiree.objects.get(pk=member.pk)
    touch(person, unit, unit_clerk)
    before = values_of(person)

    batch = actions.undo_now(batch.pk, by=unit_clerk)

    assert values_of(person) == before
    assert batch.report["undone"] == {"removed": 1, "restored": 0, "kept": 1}


def test_who_only_logged_in_gets_the_units_own_fields_back(unit, unit_clerk, member):
    batch = imported(unit, unit_clerk, row_of(member, 职级="副处级"))
    logged_in(Retiree.objects.get(pk=member.pk), unit, unit_clerk)

    actions.undo_now(batch.pk, by=unit_clerk)

    member.refresh_from_db()
    assert member.rank == "county_1"
    assert member.user is not None


def test_who_was_taken_over_stays_with_the_unit(unit, unit_clerk):
    born, number = date(1948, 7, 1), str(row(0)["身份证号"])
    person = RetireeFactory(standing="claimed", name="李淑华", birth_date=born, id_number=number)
    batch = imported(unit, unit_clerk, row(0), row(1))

    batch = actions.undo_now(batch.pk, by=unit_clerk)

    assert units.unit_of(person) == unit
    assert batch.report["kept"] == [person.pk]


def test_where_everybody_was_touched_nothing_is_taken_back(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1))
    edited(with_number(1), unit, unit_clerk)
    before = everything()

    with pytest.raises(RuleBroken, match="这 1 位老同志的资料在导入以后都有变动"):
        actions.undo_now(batch.pk, by=unit_clerk)
    assert everything() == before


# when -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [actions.ask_undo, actions.undo_now])
def test_a_second_after_24_hours_is_too_late(unit, unit_clerk, act):
    batch = imported(unit, unit_clerk, row(1))

    with (
        time_machine.travel(batch.applied_at + timedelta(hours=24, seconds=1), tick=False),
        pytest.raises(RuleBroken, match="24 小时"),
    ):
        act(batch.pk, by=unit_clerk)


def test_after_24_hours_to_the_second_it_is_taken_back(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1))

    with time_machine.travel(batch.applied_at + timedelta(hours=24), tick=False):
        assert actions.undo_now(batch.pk, by=unit_clerk).state == State.UNDONE


# once -------------------------------------------------------------------------------------------------------


def test_taking_back_twice_is_once(unit, unit_clerk):
    batch = actions.undo_now(imported(unit, unit_clerk, row(1)).pk, by=unit_clerk)
    before = everything()

    actions.undo_now(batch.pk, by=unit_clerk)

    assert everything() == before


def test_asked_for_however_often_one_job_takes_it_back(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1))
    actions.ask_undo(batch.pk, by=unit_clerk)
    actions.ask_undo(batch.pk, by=unit_clerk)

    assert Job.objects.filter(kind=actions.UNDO).count() == 1
    assert worked_off(batch).state == State.UNDONE


def test_what_was_taken_back_can_be_imported_again(unit, unit_clerk, member):
    rows = [row(1), row_of(member, 职级="副处级")]
    actions.undo_now(imported(unit, unit_clerk, *rows).pk, by=unit_clerk)

    batch = imported(unit, unit_clerk, *rows)

    assert (batch.counts["new"], batch.counts["changed"]) == (1, 1)
    assert units.unit_of(with_number(1)) == unit


def test_a_plan_made_from_people_who_were_taken_back_is_stale(unit, unit_clerk):
    first = imported(unit, unit_clerk, row(1))
    second = planned(unit, unit_clerk, row(1, 职级="副处级"))
    actions.undo_now(first.pk, by=unit_clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.write_now(second.pk, by=unit_clerk)
    assert refused.value.code == "stale"


# what was asked of other units ------------------------------------------------------------------------------


def test_what_an_import_asked_of_others_is_overtaken(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1), row_of(make_member(make_unit("第三所"))))

    actions.undo_now(batch.pk, by=unit_clerk)

    proposal = TransferProposal.objects.get()
    assert (proposal.state, proposal.decided_by) == ("overtaken", unit_clerk)


def test_an_import_that_only_asked_others_is_taken_back(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row_of(make_member(make_unit("第三所"))))

    batch = actions.undo_now(batch.pk, by=unit_clerk)

    assert (batch.state, TransferProposal.objects.get().state) == (State.UNDONE, "overtaken")
