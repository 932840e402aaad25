"""A correction counts the one organisation and says what a run over everybody would say."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from checkin.feedback import actions
from checkin.feedback.models import FeedbackReport
from checkin.record import actions as record
from checkin.record.models import EndReason
from checkin.statistics import actions as statistics
from communities.divisions import actions as divisions
from members.people import actions as people
from members.people.models import Retiree
from members.units import actions as units
from tests.checkin.statistics.conftest import on
from tests.communities.factories import OrganisationFactory, make_unit

from .conftest import MADE_ON, OCTOBER, Fed

pytestmark = pytest.mark.django_db
OF_THE_VERSION = {"number", "version", "corrects", "reason", "generated_on"}


def said(report: FeedbackReport) -> dict[str, Any]:
    """Everything a report says, but which version it is."""
    return {
        "content": {key: value for key, value in report.content.items() if key not in OF_THE_VERSION},
        "counterpart": report.counterpart_id,
        "lines": list(
            report.lines.order_by("position").values_list("position", "retiree", "counterpart", "cells")
        ),
        "matters": list(
            report.matters.order_by("line__position", "pk").values_list("kind", "title", "words")
        ),
    }


@pytest.fixture
def busy(fed: Fed) -> Fed:
    """October with every kind of movement, and what has happened since."""
    world = fed.world
    with on("2026-09-10"):
        moves, dies, leaves, joins = (world.confirmed(world.member(name=name)) for name in "迁亡撤转")
        far = OrganisationFactory(
            kind="external_community", code="W1", name="天涯区海坡社区", division=None, region="海南省三亚市"
        )
        away = world.submitted(world.member(name="远方"), community_id=far.pk)
        record.confirm(away.pk, by=world.unit_clerk)
    with on("2026-10-10"):
        there = world.submitted(moves.retiree, community_id=world.there.pk)
        record.confirm(there.pk, by=world.clerk_there)
        death = people.report_death(dies.retiree_id, date(2026, 10, 9), by=world.unit_clerk)
        people.confirm_death(death.pk, by=world.unit_clerk)
        record.end(leaves.pk, by=leaves.retiree.user, reason=EndReason.WITHDRAWN)
        heir = make_unit("承接单位")
        units.transfer(joins.retiree_id, heir.pk, on=date(2026, 10, 5), by=world.unit_clerk)
    with on("2026-10-28"):
        later = world.submitted(world.member(name="后来确认"))
        withdrawn = world.submitted(world.member(name="后来撤回"), community_id=world.there.pk)
        forwarded = world.submitted(world.member(name="转错"), community_id=world.there.pk)
        world.waiting_for_unit(world.member(name="等单位"))
    with on("2026-11-02"):
        record.confirm(later.pk, by=world.clerk)
        record.withdraw(withdrawn.pk, by=withdrawn.retiree.user)
        record.forward(forwarded.pk, by=world.clerk_there, community_id=world.here.pk)
        back = world.submitted(moves.retiree)
        record.confirm(back.pk, by=world.clerk)
    return fed


def close_october(fed: Fed) -> None:
    with on("2026-11-04"):
        statistics.close(OCTOBER, by=fed.boss, explanation="测试")


def merge_communities(fed: Fed) -> None:
    codes = (fed.world.there.division_id, fed.world.here.division_id)
    with on("2026-11-03"):
        divisions.merge(codes[0], into=codes[1], by=fed.boss)


@pytest.mark.parametrize(
    "before", [(), (close_october,), (close_october, merge_communities), (merge_communities,)]
)
def test_a_corrected_report_says_what_the_whole_run_says(busy: Fed, before: tuple[Any, ...]) -> None:
    for act in before:
        act(busy)
    busy.make()
    made = list(FeedbackReport.objects.order_by("pk"))
    assert len(made) >= 5

    with on(MADE_ON):
        for old in made:
            new = actions.correct(old.pk, reason="核对", by=busy.boss)
            assert said(new) == said(old), old.organisation.name


def test_after_a_closed_month_too(fed: Fed) -> None:
    """What people were at the start is what closing the month before froze, whatever was written since."""
    with on("2026-10-02"):
        statistics.close(OCTOBER.previous, by=fed.boss, explanation="测试")
    with on("2026-10-20"):
        Retiree.objects.filter(pk=fed.old.pk).update(statistics_flag=False)
    fed.make()
    made = list(FeedbackReport.objects.order_by("pk"))

    with on(MADE_ON):
        for old in made:
            assert said(actions.correct(old.pk, reason="核对", by=fed.boss)) == said(old)
    assert fed.of_unit().content["movement"]["withdrawn"] == 1


def test_a_correction_counts_nobody_else(fed: Fed) -> None:
    fed.make()

    with on(MADE_ON):
        actions.correct(fed.of_outside().pk, reason="核对", by=fed.boss)

    with connection.cursor() as cursor:
        cursor.execute("SELECT retiree_id FROM feedback_fact")
        assert cursor.fetchall() == [(fed.outer.pk,)]
