"""The life of an import: each act works once, in the right state, for the right person."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import files
from huifeng.jobs.models import Job, StoredFile
from members.roster import actions, error_book
from members.roster.models import ImportBatch
from tests.communities.factories import make_external_unit, make_staff
from tests.members.roster.rosters import (
    AT,
    BAD,
    again,
    book,
    everything,
    imported,
    planned,
    received,
    row,
    row_of,
    worked_off,
)

pytestmark = pytest.mark.django_db

State = ImportBatch.State


def audited(batch: ImportBatch, action: str) -> int:
    return AuditEntry.objects.filter(action=action, target_id=str(batch.pk)).count()


@pytest.mark.parametrize("state", AT)
def test_each_state_is_reached(unit, unit_clerk, state):
    assert AT[state](unit, unit_clerk).state == state


# receiving --------------------------------------------------------------------------------------------------


def test_a_file_is_taken_in_sealed_and_a_job_is_asked_for(unit, unit_clerk):
    content = book(row(1))

    batch = actions.receive(content, "名册.xlsx", unit.pk, by=unit_clerk)

    assert batch.state == State.RECEIVED
    assert (batch.job.kind, batch.job.args) == (actions.PLAN, {"batch": batch.pk})
    assert files.content_of(batch.file) == content
    assert content not in bytes(batch.file.content)
    assert audited(batch, "roster.received") == 1


def test_a_file_sent_twice_is_two_imports_of_which_the_second_finds_nothing_to_do(unit, unit_clerk):
    first, second = received(unit, unit_clerk, row(1)), received(unit, unit_clerk, row(1))
    actions.plan_now(first.pk, by=unit_clerk)
    actions.write_now(first.pk, by=unit_clerk)

    second = actions.plan_now(second.pk, by=unit_clerk)

    assert (second.written, second.counts["unchanged"]) == (0, 1)


def test_an_empty_file_is_refused(unit, unit_clerk):
    with pytest.raises(RuleBroken, match="空"):
        actions.receive(b"", "名册.xlsx", unit.pk, by=unit_clerk)


def test_nothing_is_received_for_a_closed_unit(city, unit):
    unit.closed_on = timezone.localdate()
    unit.save()

    with pytest.raises(RuleBroken, match="已经撤销"):
        actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=make_staff(city.districts[0]))


def test_the_bureau_above_imports_for_a_unit_and_comes_back_to_its_own_pages(unit, bureau_clerk):
    batch = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=bureau_clerk)

    assert batch.job.page == f"/bureau/roster/{batch.pk}/"


def test_a_units_clerk_comes_back_to_the_units_pages(unit, unit_clerk):
    batch = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=unit_clerk)

    assert batch.job.page == f"/unit/roster/{batch.pk}/"


def test_any_bureau_imports_for_a_unit_outside_and_sees_it(city, bureau_clerk):
    batch = imported(make_external_unit(), bureau_clerk, row(1))

    assert ImportBatch.objects.visible_to(make_staff(city.districts[1])).get() == batch


# planning ---------------------------------------------------------------------------------------------------


def test_a_plan_counts_and_writes_nothing(unit, unit_clerk, member):
    batch = received(unit, unit_clerk, row(1), row(1), BAD, row_of(member, 职级="副处级"))
    before = everything()["members_people.Retiree"]

    batch = actions.plan_now(batch.pk, by=unit_clerk)

    counts = {name: batch.counts[name] for name in ("rows", "new", "duplicate", "rejected", "changed")}
    assert counts == {"rows": 4, "new": 1, "duplicate": 1, "rejected": 1, "changed": 1}
    assert everything()["members_people.Retiree"] == before


def test_planning_twice_keeps_the_first_plan(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))
    before = everything()

    actions.plan_now(batch.pk, by=unit_clerk)

    assert everything() == before


def test_a_file_that_is_no_roster_is_refused_with_what_was_read(unit, unit_clerk):
    batch = AT[State.REFUSED](unit, unit_clerk)

    assert (batch.state, batch.refused_code) == (State.REFUSED, "no_heading")
    assert "读到的是：科室、事由" in batch.refused
    assert audited(batch, "roster.refused") == 1


def test_a_file_that_has_expired_is_refused(unit, unit_clerk):
    batch = received(unit, unit_clerk, row(1))
    StoredFile.objects.all().delete()

    assert actions.plan_now(batch.pk, by=unit_clerk).refused_code == "expired"


@pytest.mark.parametrize("state", [State.REFUSED, State.APPLIED, State.UNDONE, State.DISCARDED])
def test_planning_leaves_what_is_over(unit, unit_clerk, state):
    batch = AT[state](unit, unit_clerk)
    before = everything()

    actions.plan_now(batch.pk, by=unit_clerk)

    assert everything() == before


# the workbook of errors -------------------------------------------------------------------------------------


def test_the_workbook_of_errors_holds_the_refused_rows_with_their_trouble(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1), BAD)
    actions.keep_error_book(batch.pk, by=unit_clerk)

    file, content = actions.open_error_book(batch.pk, by=unit_clerk)

    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert [cells[1] for cells in rows] == ["姓名", "郑和平"]
    assert "身份证号" in rows[1][0]
    assert file.name == "名册_错误说明.xlsx"
    assert audited(batch, "roster.errors_downloaded") == 1


def test_the_workbook_of_errors_made_twice_is_one(unit, unit_clerk):
    batch = planned(unit, unit_clerk, BAD)
    actions.keep_error_book(batch.pk, by=unit_clerk)
    actions.keep_error_book(batch.pk, by=unit_clerk)

    assert StoredFile.objects.filter(name__contains="错误").count() == 1


def test_without_refused_rows_there_is_no_workbook_of_errors(unit, unit_clerk):
    batch = actions.keep_error_book(planned(unit, unit_clerk, row(1)).pk, by=unit_clerk)

    assert batch.error_file is None
    with pytest.raises(RuleBroken) as refused:
        actions.open_error_book(batch.pk, by=unit_clerk)
    assert refused.value.code == "no_errors"


def test_an_expired_workbook_of_errors_says_so(unit, unit_clerk):
    batch = actions.keep_error_book(planned(unit, unit_clerk, BAD).pk, by=unit_clerk)
    StoredFile.objects.all().delete()

    with pytest.raises(RuleBroken, match="过期"):
        actions.open_error_book(batch.pk, by=unit_clerk)


def test_a_new_plan_takes_the_old_workbook_of_errors_away(unit, unit_clerk):
    batch = actions.keep_error_book(planned(unit, unit_clerk, BAD).pk, by=unit_clerk)

    actions.check_again(batch.pk, by=unit_clerk)

    assert again(batch).error_file is None
    assert not StoredFile.objects.filter(name__contains="错误").exists()


# approving and writing --------------------------------------------------------------------------------------


def test_approving_asks_for_one_job_however_often(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))
    actions.approve(batch.pk, by=unit_clerk)
    actions.approve(batch.pk, by=unit_clerk)

    assert Job.objects.filter(kind=actions.WRITE).count() == 1
    assert again(batch).state == State.PLANNED


def test_the_job_writes_and_says_how_many(unit, unit_clerk):
    batch = worked_off(actions.approve(planned(unit, unit_clerk, row(1), row(2)).pk, by=unit_clerk))

    assert (batch.state, batch.applied_by) == (State.APPLIED, unit_clerk)
    assert (batch.job.state, batch.job.result["written"]) == (Job.State.DONE, 2)


def test_writing_twice_is_once(unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1))
    before = everything()

    actions.write_now(batch.pk, by=unit_clerk)

    assert everything() == before
    assert audited(batch, "roster.imported") == 1


@pytest.mark.parametrize("act", [actions.approve, actions.write_now])
def test_where_nothing_is_to_be_written_nothing_is_approved(unit, unit_clerk, member, act):
    batch = planned(unit, unit_clerk, row_of(member), BAD)

    with pytest.raises(RuleBroken) as refused:
        act(batch.pk, by=unit_clerk)
    assert refused.value.code == "nothing_to_write"


@pytest.mark.parametrize("act", [actions.approve, actions.write_now])
@pytest.mark.parametrize("state", [State.RECEIVED, State.REFUSED, State.UNDONE, State.DISCARDED])
def test_only_a_plan_is_written(unit, unit_clerk, act, state):
    refuses(act, AT[state](unit, unit_clerk), unit_clerk)


def refuses(act: Any, batch: ImportBatch, by: User) -> None:
    before = everything()
    with pytest.raises(RuleBroken) as refused:
        act(batch.pk, by=by)
    assert refused.value.code == "wrong_state"
    assert everything() == before


def test_nothing_is_approved_while_a_check_still_runs(unit, unit_clerk):
    batch = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=unit_clerk)
    actions.plan_now(batch.pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="还在检查"):
        actions.approve(batch.pk, by=unit_clerk)


# checking again, giving up ----------------------------------------------------------------------------------


def test_checking_again_makes_a_new_plan_once(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))
    old = set(batch.rows.values_list("pk", flat=True))
    actions.check_again(batch.pk, by=unit_clerk)
    actions.check_again(batch.pk, by=unit_clerk)

    assert Job.objects.filter(kind=actions.PLAN).count() == 1
    batch = worked_off(batch)
    assert batch.state == State.PLANNED
    assert old.isdisjoint(batch.rows.values_list("pk", flat=True))


@pytest.mark.parametrize("state", [State.REFUSED, State.APPLIED, State.UNDONE, State.DISCARDED])
def test_only_a_plan_is_checked_again(unit, unit_clerk, state):
    refuses(actions.check_again, AT[state](unit, unit_clerk), unit_clerk)


@pytest.mark.parametrize("state", [State.RECEIVED, State.PLANNED])
def test_what_is_given_up_forgets_its_rows_and_is_audited_once(unit, unit_clerk, state):
    batch = AT[state](unit, unit_clerk)
    actions.discard(batch.pk, by=unit_clerk)
    batch = actions.discard(batch.pk, by=unit_clerk)

    assert (batch.state, batch.rows.count()) == (State.DISCARDED, 0)
    assert audited(batch, "roster.discarded") == 1


def test_what_is_given_up_forgets_its_files(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1), BAD)
    actions.keep_error_book(batch.pk, by=unit_clerk)

    actions.discard(batch.pk, by=unit_clerk)

    assert not StoredFile.objects.exists()
    assert again(batch).file_name == "名册.xlsx"


def test_what_cannot_be_read_is_not_kept(unit, unit_clerk):
    batch = AT[State.REFUSED](unit, unit_clerk)

    assert (batch.file_id, StoredFile.objects.count()) == (None, 0)


def test_the_file_that_was_sent_can_be_fetched_and_each_time_is_audited(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))
    for _ in range(2):
        file, content = actions.open_upload(batch.pk, by=unit_clerk)

        assert (file.name, content) == ("名册.xlsx", files.content_of(batch.file))
    assert audited(batch, "roster.upload_downloaded") == 2


def test_a_file_that_is_forgotten_is_not_there_to_fetch(unit, unit_clerk):
    with pytest.raises(RuleBroken, match="过期"):
        actions.open_upload(AT[State.DISCARDED](unit, unit_clerk).pk, by=unit_clerk)


def test_an_error_book_made_for_an_older_plan_is_dropped(unit, unit_clerk, monkeypatch):
    batch = planned(unit, unit_clerk, row(1), BAD)
    make = error_book.make

    def meanwhile_checked_again(of: ImportBatch) -> bytes:
        actions.check_again(batch.pk, by=unit_clerk)
        actions.plan_now(batch.pk, by=unit_clerk)
        return make(of)

    monkeypatch.setattr(error_book, "make", meanwhile_checked_again)
    actions.keep_error_book(batch.pk, by=unit_clerk)

    assert again(batch).error_file is None


@pytest.mark.parametrize("state", [State.REFUSED, State.APPLIED, State.UNDONE])
def test_what_is_over_is_not_given_up(unit, unit_clerk, state):
    refuses(actions.discard, AT[state](unit, unit_clerk), unit_clerk)


@pytest.mark.parametrize("act", [actions.discard, actions.check_again])
def test_what_is_being_written_is_left_alone(unit, unit_clerk, act):
    batch = actions.approve(planned(unit, unit_clerk, row(1)).pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="正在写入"):
        act(batch.pk, by=unit_clerk)


# taking back: see test_undo ---------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [actions.ask_undo, actions.undo_now])
@pytest.mark.parametrize("state", [State.RECEIVED, State.REFUSED, State.PLANNED, State.DISCARDED])
def test_only_what_was_written_is_taken_back(unit, unit_clerk, act, state):
    refuses(act, AT[state](unit, unit_clerk), unit_clerk)


# keeping ----------------------------------------------------------------------------------------------------


def test_plans_are_forgotten_after_a_month(unit, unit_clerk):
    old, young = imported(unit, unit_clerk, row(1)), planned(unit, unit_clerk, row(2))
    ImportBatch.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=30, minutes=1))
    ImportBatch.objects.filter(pk=young.pk).update(created_at=timezone.now() - timedelta(days=29))

    assert actions.forget_old() == 1

    assert (old.rows.count(), young.rows.count()) == (0, 1)
    assert ImportBatch.objects.count() == 2


def test_a_plan_that_was_forgotten_is_not_written(unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(2))
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=31))
    actions.forget_old()

    with pytest.raises(RuleBroken, match="过期"):
        actions.approve(batch.pk, by=unit_clerk)
    with pytest.raises(RuleBroken, match="过期"):
        actions.write_now(batch.pk, by=unit_clerk)
    assert again(batch).state == State.PLANNED


def test_forgetting_twice_forgets_once(unit, unit_clerk):
    planned(unit, unit_clerk, row(1), row(2))
    ImportBatch.objects.update(created_at=timezone.now() - timedelta(days=31))

    assert (actions.forget_old(), actions.forget_old()) == (2, 0)
