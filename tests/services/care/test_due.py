"""Which visits are due, on a fixed clock."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection

from checkin.record.actions import end
from checkin.record.models import CheckIn
from huifeng.accounts.models import User
from members.units.models import UnitMembership
from services.care import actions
from services.care.actions import Seat
from services.care.making import make_due
from services.care.models import CareNote, CarePreset, CareSeat, CareTeam, Obligation, Visit
from tests.communities.factories import make_staff
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db
NOW = time_machine.travel("2026-11-25 10:00+08:00", tick=False)
TODAY = date(2026, 11, 25)


def lines(person, key):
    return Obligation.objects.filter(retiree=person, preset__key=key).order_by("due_on", "pk")


def visit(line, by, **more):
    values = {"visited_on": date(2026, 11, 25), "condition": "good", **more}
    return actions.record_visit(line.pk, by=by, **values)


@NOW
def test_a_pair_is_due_once_a_quarter_and_late_after_its_end(world, person) -> None:
    actions.seat_team(person.pk, "pair", [Seat("张主任")], by=world.unit_clerk)

    line = lines(person, "pair_visit").get()
    assert (line.opened_on, line.due_on) == (date(2026, 10, 1), date(2026, 12, 31))
    assert line.organisation == world.unit
    assert make_due(date(2026, 12, 31)) == 0
    assert make_due(date(2027, 1, 1)) == 1
    assert list(Obligation.objects.late(date(2026, 12, 31))) == []
    assert list(Obligation.objects.late(date(2027, 1, 1))) == [line]


@NOW
def test_1200_pairs_make_4800_visits_a_year(world) -> None:
    pair = CarePreset.objects.get(key="pair")
    people = [
        make_member(world.unit, phone="", id_number="", name=f"老同志{n}") for n in range(3)
    ]  # three by hand, the rest as copies in the database
    make_many(world.unit, 1197, people[0])
    CareTeam.objects.bulk_create(
        CareTeam(retiree_id=pk, preset=pair, formed_on=TODAY)
        for pk in UnitMembership.objects.filter(unit=world.unit).values_list("retiree_id", flat=True)
    )

    for day in (date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1), TODAY):
        make_due(day)

    assert Obligation.objects.filter(preset__key="pair_visit").count() == 4800


def make_many(unit, count, like):
    names = [
        f.column
        for f in like._meta.concrete_fields
        if f.column not in ("id", "id_number", "id_index", "user_id")
    ]
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH made AS (INSERT INTO members_people_retiree ({columns}) SELECT {columns}"
            " FROM members_people_retiree, generate_series(1, %s) WHERE id = %s RETURNING id)"
            " INSERT INTO members_units_unitmembership (retiree_id, unit_id, valid_from, cause, document)"
            " SELECT id, %s, '2010-04-01', 'roster', '' FROM made",
            [count, like.pk, unit.pk],
        )


@NOW
@pytest.mark.parametrize(("attention", "days"), [("focus", 7), ("regular", 30), ("daily", 90)])
def test_a_class_has_its_interval_and_a_visit_begins_it_anew(world, person, attention, days) -> None:
    actions.set_class(person.pk, attention, by=world.clerk, why="独居", office=world.here.pk)

    first = lines(person, attention).get()
    assert first.due_on == TODAY + timedelta(days=days)
    with time_machine.travel(f"{first.due_on + timedelta(days=3)} 10:00+08:00"):
        late = first.due_on + timedelta(days=3)
        assert list(Obligation.objects.late(late)) == [first]
        visit(first, world.clerk, visited_on=late)
        assert lines(person, attention).last().due_on == late + timedelta(days=days)


@NOW
def test_the_interval_is_a_setting_of_the_preset(world, person) -> None:
    CarePreset.objects.filter(key="focus").update(days=10)

    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)

    assert lines(person, "focus").get().due_on == date(2026, 12, 5)


@NOW
def test_everybody_resettled_is_visited_once_a_year(world) -> None:
    people = [make_member(world.unit, resettled_on="1988-05") for _ in range(3)]
    make_member(world.unit)

    make_due(date(2026, 3, 1))
    make_due(TODAY)

    found = Obligation.objects.filter(preset__key="resettled")
    assert sorted(found.values_list("retiree_id", flat=True)) == sorted(p.pk for p in people)
    assert {row.due_on for row in found} == {date(2026, 12, 31)}


@NOW
def test_a_lixiu_cadre_is_owed_doctor_and_reading_every_month(world) -> None:
    person = make_member(world.unit, kind="lixiu")

    make_due(date(2026, 10, 31))
    make_due(TODAY)

    for key in ("family_doctor", "reading"):
        assert [row.due_on for row in lines(person, key)] == [date(2026, 10, 31), date(2026, 11, 30)]


@NOW
def test_the_night_run_twice_adds_nothing(world, person) -> None:
    make_member(world.unit, kind="lixiu")

    assert actions.make_all_due()["made"] == 2
    assert actions.make_all_due() == {"made": 0, "ended": 0, "moved": 0}


@NOW
def test_a_switched_off_mechanism_makes_nothing(world) -> None:
    make_member(world.unit, kind="lixiu")
    CarePreset.objects.update(is_active=False)

    assert make_due() == 0


@NOW
def test_nothing_is_owed_to_the_dead_or_the_merged(world) -> None:
    make_member(world.unit, kind="lixiu", died_on=date(2026, 1, 1))
    kept = make_member(world.unit)
    make_member(world.unit, kind="lixiu", merged_into=kept)

    assert make_due() == 0


@NOW
def test_who_visits_the_community_else_the_unit_else_the_bureau(world, person) -> None:
    at_home = make_member(world.unit)
    alone = make_member(world.unit, residence=world.here.division)
    UnitMembership.objects.filter(retiree=alone).update(valid_until=TODAY)
    hidden = make_member(world.unit, is_restricted=True, residence=world.here.division)

    found = {
        who.pk: actions.note_occasion(
            who.pk, "hospital", by=User.objects.system(), on=TODAY, office=0
        ).organisation
        for who in (person, at_home, alone, hidden)
    }

    assert list(found.values()) == [world.here, world.unit, world.city.districts[0], world.city.districts[0]]


@NOW
def test_an_occasion_is_due_within_its_working_days(world, person) -> None:
    line = actions.note_occasion(
        person.pk, "hospital", by=world.clerk, on=date(2026, 11, 24), words="市立医院", office=world.here.pk
    )
    again = actions.note_occasion(
        person.pk, "hospital", by=world.clerk, on=date(2026, 11, 24), office=world.here.pk
    )

    assert again == line
    assert line.due_on == date(2026, 11, 30)  # Wednesday and three working days
    assert line.note.words == "市立医院"


@NOW
def test_what_another_side_says_of_health_does_not_travel(world, person) -> None:
    line = actions.note_occasion(
        person.pk, "hospital", by=world.unit_clerk, on=TODAY, words="胃病住院", office=world.unit.pk
    )

    assert line.organisation == world.here
    assert not CareNote.objects.exists()


@NOW
def test_lines_follow_the_check_in_at_night(world, person) -> None:
    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)
    checkin = CheckIn.objects.get(retiree=person)
    end(checkin.pk, by=person.user, reason="withdrawn")

    assert actions.make_all_due()["moved"] == 1
    assert lines(person, "focus").get().organisation == world.unit


@NOW
def test_2155_people_are_on_the_festival_list(world) -> None:
    like = make_member(world.unit)
    make_many(world.unit, 2154, like)

    campaign = actions.start_campaign(
        world.unit.pk, "spring", by=world.unit_clerk, title="2027年春节慰问", due_on=date(2027, 2, 5)
    )

    assert campaign.people == campaign.obligations.count() == 2155
    assert campaign.budget == 2155 * 500


@NOW
def test_a_campaign_of_a_street_lists_whom_its_communities_answer_for(world, person) -> None:
    make_member(world.unit)

    campaign = actions.start_campaign(
        world.city.streets[0].pk, "spring", by=world.street_clerk, title="", due_on=date(2027, 2, 5)
    )

    assert [row.retiree for row in campaign.obligations.all()] == [person]


@NOW
def test_ticking_is_a_visit_and_twice_is_once(world, person) -> None:
    campaign = actions.start_campaign(
        world.here.pk, "spring", by=world.clerk, title="", due_on=date(2027, 2, 5)
    )
    keys = list(campaign.obligations.values_list("pk", flat=True))

    assert actions.tick_delivered(keys, by=world.clerk, on=TODAY) == 1
    assert actions.tick_delivered(keys, by=world.clerk, on=TODAY) == 0
    assert Visit.objects.get().worth == 500


@NOW
def test_a_campaign_is_once_a_day_and_nobody_elses(world, person) -> None:
    values = {"title": "", "due_on": date(2027, 2, 5)}
    first = actions.start_campaign(world.here.pk, "spring", by=world.clerk, **values)

    assert actions.start_campaign(world.here.pk, "spring", by=world.clerk, **values) == first
    with pytest.raises(PermissionDenied):
        actions.start_campaign(world.here.pk, "spring", by=world.clerk_there, **values)
    with pytest.raises(PermissionDenied):
        actions.tick_delivered(
            list(first.obligations.values_list("pk", flat=True)), by=world.clerk_there, on=TODAY
        )


@NOW
def test_a_team_of_five_seats_is_complete_when_all_are_taken(world) -> None:
    person = make_member(world.unit, kind="lixiu")
    clerk = make_staff(world.unit)
    actions.seat_team(person.pk, "lixiu_team", [Seat("甲"), Seat("乙"), Seat("丙")], by=clerk)

    assert list(CareSeat.objects.filter(name="").values_list("title", flat=True)) == ["医保局", "县医院"]
    actions.seat_team(person.pk, "lixiu_team", [Seat(name) for name in "甲乙丙丁戊"], by=clerk)
    assert CareSeat.objects.filter(team__retiree=person).count() == 5
    assert not CareSeat.objects.filter(name="").exists()
