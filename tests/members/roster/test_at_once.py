"""Two things at the same moment: one result, nothing half written, nobody waits for ever.

Each test was seen to fail without the lock or the order it is about (named in the test).
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from communities.organisations import actions as organisations
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs.models import Job
from members.duplicates import actions as duplicates
from members.people import actions as people
from members.people.models import Retiree
from members.roster import actions, transfers, writing
from members.roster.models import ImportBatch, ImportRow, TransferProposal
from members.units import actions as units
from members.units.models import UnitMembership
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_member
from tests.members.racing import meanwhile, race
from tests.members.roster.rosters import again, imported, planned, received, row, row_of, with_number

pytestmark = pytest.mark.django_db(transaction=True)

State = ImportBatch.State


def is_whole(batch: ImportBatch) -> bool:
    """Everybody of the plan is there with one membership and one audit entry, or nobody is."""
    people = set(batch.rows.filter(verdict="new", version=None).values_list("person", flat=True))
    there = set(Retiree.objects.filter(pk__in=people).values_list("pk", flat=True))
    members = list(UnitMembership.objects.filter(retiree__in=people).values_list("retiree_id", flat=True))
    entered = AuditEntry.objects.filter(action="retiree.enrolled", target_id__in=map(str, people)).count()
    written = people if again(batch).state == State.APPLIED else set()
    return there == written and sorted(members) == sorted(written) and entered == len(written)


def test_two_who_approve_at_once_ask_for_one_job(unit, unit_clerk):
    """_locked of the batch."""
    batch = planned(unit, unit_clerk, row(1))
    clerks = [unit_clerk, make_staff(unit)]

    race(2, lambda n: actions.approve(batch.pk, by=clerks[n]))

    assert Job.objects.filter(kind=actions.WRITE).count() == 1


def test_who_approves_second_waits_and_finds_it_done(unit, unit_clerk):
    """_locked of the batch."""
    batch = planned(unit, unit_clerk, row(1))

    answer = meanwhile(
        lambda: actions.approve(batch.pk, by=unit_clerk),
        lambda: actions.approve(batch.pk, by=make_staff(unit)),
    )

    assert isinstance(answer, ImportBatch)
    assert Job.objects.filter(kind=actions.WRITE).count() == 1


def test_two_who_write_at_once_write_once(unit, unit_clerk):
    """_locked of the batch."""
    batch = planned(unit, unit_clerk, row(1), row(2))

    answers = race(2, lambda _: actions.write_now(batch.pk, by=unit_clerk).state)

    assert answers == [State.APPLIED, State.APPLIED]
    assert is_whole(batch)


def test_given_up_while_it_is_written_it_is_written(unit, unit_clerk):
    """_locked of the batch."""
    batch = planned(unit, unit_clerk, row(1))

    answer = meanwhile(
        lambda: actions.write_now(batch.pk, by=unit_clerk), lambda: actions.discard(batch.pk, by=unit_clerk)
    )

    assert isinstance(answer, RuleBroken)
    assert again(batch).state == State.APPLIED
    assert is_whole(batch)


def test_written_while_it_is_given_up_nothing_is_written(unit, unit_clerk):
    """_locked of the batch."""
    batch = planned(unit, unit_clerk, row(1))

    answer = meanwhile(
        lambda: actions.discard(batch.pk, by=unit_clerk), lambda: actions.write_now(batch.pk, by=unit_clerk)
    )

    assert isinstance(answer, RuleBroken)
    assert (again(batch).state, Retiree.objects.count()) == (State.DISCARDED, 0)


@pytest.mark.parametrize("second", [actions.write_now, actions.check_again])
def test_of_two_acts_on_a_plan_at_once_one_holds(unit, unit_clerk, second):
    """_locked of the batch."""
    batch = planned(unit, unit_clerk, row(1))
    acts = [actions.discard, second]

    answers = race(2, lambda n: acts[n](batch.pk, by=unit_clerk))

    assert sum(isinstance(answer, ImportBatch) for answer in answers) in (1, 2)
    assert not any(isinstance(a, Exception) and not isinstance(a, RuleBroken) for a in answers)
    assert is_whole(batch)


def test_two_plans_at_once_leave_one(unit, unit_clerk):
    """The second look at the state in _planned."""
    batch = received(unit, unit_clerk, row(1), row(2))

    answers = race(2, lambda _: actions.plan_now(batch.pk, by=unit_clerk).state)

    assert answers == [State.PLANNED, State.PLANNED]
    assert list(batch.rows.order_by("row").values_list("row", flat=True)) == [2, 3]


def test_a_plan_for_what_is_given_up_meanwhile_is_dropped(unit, unit_clerk):
    """The second look at the state in _planned."""
    batch = received(unit, unit_clerk, row(1))

    def give_up(_: int) -> None:
        in_a_thread(lambda: actions.discard(batch.pk, by=unit_clerk))

    actions.plan_now(batch.pk, by=unit_clerk, tell=give_up)

    assert (again(batch).state, ImportRow.objects.count()) == (State.DISCARDED, 0)


def in_a_thread(act: Callable[[], Any]) -> None:
    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    thread = threading.Thread(target=copy_context().run, args=(run,))
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_imports_with_the_same_new_people_enter_them_once(unit, unit_clerk):
    """ORDER BY p.id_index in _insert_new: in the order of the files they lock each other out."""
    with connections["owner"].cursor() as cursor:  # so slow that the two do meet
        cursor.execute(
            "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER slowly BEFORE INSERT ON {writing.PEOPLE} FOR EACH ROW EXECUTE FUNCTION slowly()"
        )
    rows = [row(serial) for serial in range(100)]
    batches = [planned(unit, unit_clerk, *rows), planned(unit, unit_clerk, *reversed(rows))]

    answers = race(2, lambda n: actions.write_now(batches[n].pk, by=unit_clerk))

    assert sorted(type(answer).__name__ for answer in answers) == ["ImportBatch", "RuleBroken"]
    assert [a.code for a in answers if isinstance(a, RuleBroken)] == ["stale"]
    assert Retiree.objects.count() == 100
    assert all(is_whole(batch) for batch in batches)


def test_a_clerk_who_enters_one_of_the_new_people_and_an_import_do_not_lock_each_other_out(
    unit, unit_clerk, monkeypatch
):
    """_lock_units after _insert_new: a unit locked first waits for the person, who waits for the unit."""
    batch = planned(unit, unit_clerk, row(1), row(2))
    entered, going = threading.Event(), threading.Event()
    begin, join = writing._insert_new, units.join

    def slowly_join(*args: Any, **kwargs: Any) -> Any:
        entered.set()
        going.wait(5)  # the import has done what it does before the people
        return join(*args, **kwargs)

    def then_insert(*args: Any) -> None:
        going.set()
        begin(*args)

    monkeypatch.setattr(units, "join", slowly_join)
    monkeypatch.setattr("members.people.registry.units", units)
    monkeypatch.setattr(writing, "_insert_new", then_insert)

    def act(number: int) -> Any:
        if number:
            values = {"name": "周桂兰", "id_number": row(1)["身份证号"]}
            return people.enrol(values, unit.pk, by=unit_clerk)
        entered.wait(5)
        return actions.write_now(batch.pk, by=unit_clerk)

    answers = race(2, act)

    assert isinstance(answers[1], Retiree), answers
    assert isinstance(answers[0], RuleBroken), answers
    assert answers[0].code == "stale"
    assert is_whole(batch)


def test_edited_while_it_is_written_the_page_of_the_clerk_is_stale(unit, unit_clerk, member):
    """FOR NO KEY UPDATE in _lock_people, and the version."""
    batch = planned(unit, unit_clerk, row_of(member, 职级="副处级"))
    seen = Retiree.objects.get(pk=member.pk).version

    answer = meanwhile(
        lambda: actions.write_now(batch.pk, by=unit_clerk),
        lambda: people.update_unit_fields(member.pk, {"rank": "section_1"}, by=unit_clerk, version=seen),
    )

    assert isinstance(answer, RuleBroken)
    member.refresh_from_db()
    assert member.rank == "county_2"


def test_written_while_one_of_its_people_is_edited_it_is_stale(unit, unit_clerk, member):
    """FOR NO KEY UPDATE in _lock_people: without it the edit is overwritten unseen."""
    batch = planned(unit, unit_clerk, row_of(member, 职级="副处级"), row(1))

    answer = meanwhile(
        lambda: people.update_unit_fields(member.pk, {"rank": "section_1"}, by=unit_clerk),
        lambda: actions.write_now(batch.pk, by=unit_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert answer.code == "stale"
    member.refresh_from_db()
    assert member.rank == "section_1"
    assert is_whole(batch)


def test_written_while_the_unit_is_closed_nothing_is_written(city, unit, unit_clerk):
    """_lock_units: without it the new people join a unit that is gone."""
    batch = planned(unit, unit_clerk, row(1))
    bureau = make_staff(city.city)

    answer = meanwhile(
        lambda: organisations.close_unit(
            unit.pk, on=timezone.localdate(), document="青编办〔2026〕1号", successor_id=None, by=bureau
        ),
        lambda: actions.write_now(batch.pk, by=bureau),
    )

    assert isinstance(answer, RuleBroken)
    assert Retiree.objects.count() == 0


def test_who_checks_in_while_the_import_is_taken_back_stays_or_is_gone_but_whole(unit, unit_clerk):
    """FOR UPDATE in undoing.LOCKED: the edit waits, and finds nobody."""
    batch = imported(unit, unit_clerk, row(1))
    person = with_number(1)

    answer = meanwhile(
        lambda: actions.undo_now(batch.pk, by=unit_clerk),
        lambda: people.update_unit_fields(person.pk, {"rank": "section_1"}, by=unit_clerk),
    )

    assert isinstance(answer, Retiree.DoesNotExist)
    assert not UnitMembership.objects.exists()


def test_who_is_edited_while_the_import_is_taken_back_is_kept(unit, unit_clerk):
    """FOR UPDATE in undoing.LOCKED: without it the edit is lost with the person."""
    batch = imported(unit, unit_clerk, row(1), row(2))
    person = with_number(1)

    answer = meanwhile(
        lambda: people.update_unit_fields(person.pk, {"rank": "section_1"}, by=unit_clerk),
        lambda: actions.undo_now(batch.pk, by=unit_clerk),
    )

    assert answer.report["kept"] == [person.pk]
    assert with_number(1).rank == "section_1"


def test_two_who_take_back_at_once_take_back_once(unit, unit_clerk):
    """_locked of the batch."""
    batch = imported(unit, unit_clerk, row(1), row(2))

    answers = race(2, lambda _: actions.undo_now(batch.pk, by=unit_clerk).state)

    assert answers == [State.UNDONE, State.UNDONE]
    assert AuditEntry.objects.filter(action="retiree.import_removed").count() == 2


def test_yes_and_no_to_a_transfer_at_once_is_one_answer(city, unit, unit_clerk):
    """_locked of the person and the proposal."""
    theirs = make_unit("青岛市第二中学", place=city.districts[0].division)
    imported(unit, unit_clerk, row_of(make_member(theirs)))
    proposal = TransferProposal.objects.get()
    clerk = make_staff(theirs)

    answer = meanwhile(
        lambda: transfers.accept(proposal.pk, by=clerk),
        lambda: transfers.refuse(proposal.pk, by=clerk, reason="还在本单位"),
    )

    assert isinstance(answer, RuleBroken)
    proposal.refresh_from_db()
    assert proposal.state == "accepted"
    assert units.unit_of(proposal.retiree) == unit


def test_handed_over_while_a_merge_is_undone_it_is_nobody_else(city, unit, unit_clerk):
    """The look after the lock in transfers._locked: who waited for the row that stayed must not hand that one over."""
    theirs = make_unit("青岛市第二中学", place=city.districts[0].division)
    clerk = make_staff(theirs)
    imported(unit, unit_clerk, row_of(make_member(theirs, name="周平")))
    proposal = TransferProposal.objects.get()
    stays = make_member(theirs, name="周平")
    merged = duplicates.merge(stays.pk, proposal.retiree_id, by=clerk)

    answer = meanwhile(
        lambda: duplicates.undo_merge(merged.pk, by=clerk),
        lambda: transfers.accept(proposal.pk, by=clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert units.unit_of(stays) == theirs
    assert TransferProposal.objects.get().retiree_id == merged.other_id


def test_what_is_being_written_is_not_forgotten_that_night(unit, unit_clerk):
    """skip_locked in forget_old: without it the rows would go while they are written."""
    batch = planned(unit, unit_clerk, row(1))
    ImportBatch.objects.update(created_at=timezone.now() - actions.KEPT_FOR * 2)

    answer = meanwhile(lambda: actions.write_now(batch.pk, by=unit_clerk), actions.forget_old)

    assert answer == 0
    assert is_whole(batch)
    assert connection.is_usable()
