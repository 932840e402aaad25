"""Several people, or jobs, at the same moment."""

from datetime import date

import pytest
from django.db import connection

from huifeng.errors import AlreadyDone
from services.care import actions
from services.care.making import make_due
from services.care.models import CareClass, Obligation, Visit
from tests.communities.factories import make_staff
from tests.members.factories import make_member
from tests.members.racing import meanwhile, race

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()


def test_of_two_records_of_one_line_the_second_is_told_who_was_first(world, person) -> None:
    line = actions.note_occasion(person.pk, "family", by=world.clerk, on=TODAY, office=world.here.pk)
    clerks = (world.clerk, make_staff(world.here, display_name="王芳"))

    def record(number: int) -> Visit:
        return actions.record_visit(line.pk, by=clerks[number], visited_on=TODAY, condition="good")

    answers = race(2, record)

    refused = [answer for answer in answers if isinstance(answer, AlreadyDone)]
    assert len(refused) == 1
    first = Visit.objects.get()
    assert first.by.display_name in refused[0].message


def test_a_second_night_at_once_adds_nothing(world) -> None:
    make_member(world.unit, kind="lixiu")

    assert meanwhile(make_due, make_due) == 0

    assert Obligation.objects.count() == 2


def test_a_class_changed_while_the_night_runs_leaves_one_line(world, person) -> None:
    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)
    Obligation.objects.update(state="ended", ended_reason="class", period="before")

    def change() -> CareClass:
        return actions.set_class(person.pk, "daily", by=world.clerk, why="好转", office=world.here.pk)

    meanwhile(make_due, change)

    assert [row.preset.key for row in Obligation.objects.open()] == ["daily"]


def test_a_night_waits_for_a_class_that_is_being_changed(world, person) -> None:
    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)
    Obligation.objects.update(state="ended", ended_reason="class", period="before")

    meanwhile(
        lambda: actions.set_class(person.pk, "daily", by=world.clerk, why="好转", office=world.here.pk),
        make_due,
    )

    assert [row.preset.key for row in Obligation.objects.open()] == ["daily"]


def test_two_streets_of_ticks_at_once_are_one_visit_each(world, person) -> None:
    campaign = actions.start_campaign(world.here.pk, "spring", by=world.clerk, title="", due_on=TODAY)
    keys = list(campaign.obligations.values_list("pk", flat=True))

    done = race(2, lambda _: actions.tick_delivered(keys, by=world.clerk, on=TODAY))

    assert sorted(done) == [0, 1]
    assert Visit.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM services_care_obligation WHERE visit_id IS NOT NULL")
        assert cursor.fetchone() == (1,)
