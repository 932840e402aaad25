"""An import is its organisation's own business, and of the bureau above."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.jobs.models import Job
from members.roster import actions
from members.roster.models import ImportBatch
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_linked_member
from tests.members.roster.rosters import (
    AT,
    book,
    everything,
    imported,
    planned,
    row,
    worked_off,
)

pytestmark = pytest.mark.django_db

State = ImportBatch.State


# who --------------------------------------------------------------------------------------------------------


def neighbour(city: Any, unit: Organisation) -> User:
    return make_staff(make_unit("青岛市第二中学", place=unit.division))


def community(city: Any, unit: Organisation) -> User:
    return make_staff(city.communities[0])


def street(city: Any, unit: Organisation) -> User:
    return make_staff(city.streets[0])


def other_bureau(city: Any, unit: Organisation) -> User:
    return make_staff(city.districts[1])


def retiree(city: Any, unit: Organisation) -> User:
    return make_linked_member(unit).user


def former_clerk(city: Any, unit: Organisation) -> User:
    return make_staff(unit, valid_until=timezone.localdate() - timedelta(days=1))


STRANGERS = [neighbour, community, street, other_bureau, retiree, former_clerk]
ACTS = {
    "plan_now": State.RECEIVED,
    "keep_error_book": State.PLANNED,
    "open_error_book": State.PLANNED,
    "open_upload": State.PLANNED,
    "approve": State.PLANNED,
    "write_now": State.PLANNED,
    "check_again": State.PLANNED,
    "discard": State.PLANNED,
    "ask_undo": State.APPLIED,
    "undo_now": State.APPLIED,
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_stranger_does_nothing_with_a_units_import(city, unit, unit_clerk, stranger):
    who = stranger(city, unit)
    batches = {state: AT[state](unit, unit_clerk) for state in (State.RECEIVED, State.PLANNED, State.APPLIED)}
    before = everything()

    for act, state in ACTS.items():
        with pytest.raises(PermissionDenied):
            getattr(actions, act)(batches[state].pk, by=who)
    with pytest.raises(PermissionDenied):
        actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=who)

    assert everything() == before
    assert not ImportBatch.objects.visible_to(who).exists()


def test_a_bureaus_own_import_is_its_own(city, unit_clerk, bureau_clerk):
    unit = make_unit("青岛市第二中学", place=city.districts[0].division)
    batch = imported(city.districts[0], bureau_clerk, row(1, 单位全称=unit.name))

    assert batch.written == 1
    for who in (unit_clerk, make_staff(city.districts[1]), make_staff(unit)):
        assert not ImportBatch.objects.visible_to(who).exists()
        with pytest.raises(PermissionDenied):
            actions.undo_now(batch.pk, by=who)


def test_a_bureau_imports_for_nobody_outside_its_area(city, bureau_clerk):
    unit = make_unit("青岛市第九中学", place=city.districts[1].division)

    batch = planned(city.districts[0], bureau_clerk, row(1, 单位全称=unit.name))

    assert (batch.counts["rejected"], batch.written) == (1, 0)


def test_who_lost_the_post_before_the_job_ran_writes_nothing(unit, unit_clerk):
    batch = actions.approve(planned(unit, unit_clerk, row(1)).pk, by=unit_clerk)
    unit_clerk.assignments.update(valid_until=timezone.localdate() - timedelta(days=1))

    batch = worked_off(batch)

    assert (batch.state, batch.job.state) == (State.PLANNED, Job.State.FAILED)
    assert "权限" in batch.job.error
