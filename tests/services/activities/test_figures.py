"""What is counted of activities, and the figures that the seeds give (docs/mechanisms.md)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from checkin.feedback import registry as feedback
from checkin.statistics import registry as statistics
from checkin.statistics.months import Month
from members.party.models import PartyAffiliation, PartyOrganisation
from services.activities import actions, columns, figures
from services.activities.models import Activity, Participation, Series, Venue
from tests.members.factories import make_branch
from tests.services.activities.afternoon import Afternoon, crowd

State = Participation.State


def everywhere() -> tuple[Q, object, object]:
    year = timezone.localdate().year
    begin = timezone.make_aware(datetime(year, 1, 1))
    return Q(), begin, begin + timedelta(days=800)


def arrive(activity: Activity, people: list, by) -> None:
    """Everybody is here, in one statement."""
    now = timezone.now()
    minutes = activity.minutes if activity.preset.counts_hours else None
    Participation.objects.bulk_create(
        Participation(
            activity=activity, retiree=person, state=State.ARRIVED, way="staff", since=now, signed_by=by,
            arrived_at=now, arrival="tick", minutes=minutes,
        )
        for person in people
    )  # fmt: skip


def month_of(here: Afternoon) -> Month:
    return Month.of(here.tomorrow.date())


def counted(key: str, month: Month) -> dict[str, int]:
    return statistics.count(f"activity_{key}", month)


def test_attendance_counts_where_it_is_held_by_the_kind_of_nearness(here: Afternoon):
    people = crowd(3)
    for key, number in (("lecture", 3), ("culture", 2), ("volunteer", 1), ("checkup", 1)):
        arrive(here.activity(key, title=key), people[:number], here.clerk)
    place, month = here.here.division_id, month_of(here)

    found = {
        key: counted(key, month)
        for key in ("learning", "activities", "contribution", "checkup", "hours", "party")
    }

    assert found == {
        "learning": {place: 3}, "activities": {place: 2}, "contribution": {place: 1}, "checkup": {place: 1},
        "hours": {place: 2}, "party": {},
    }  # fmt: skip
    assert counted("learning", month.next) == {}


def test_who_only_signed_up_counts_nowhere(here: Afternoon):
    here.signed(here.activity())

    assert counted("learning", month_of(here)) == {}


def test_the_page_behind_a_figure_has_as_many_lines(here: Afternoon):
    arrive(here.activity(), crowd(4), here.clerk)
    month, client = month_of(here), Client()
    client.force_login(here.world.bureau_clerk)

    address = statistics.address("activity_learning", month, here.world.city.districts[0].area)
    page = client.get(address).content.decode()

    assert "4 人次" in page
    assert page.count('<th scope="row"') == counted("learning", month)[here.here.division_id]
    assert client.get(address.replace("place=370202", "place=370203")).status_code == 403


def test_both_sides_read_what_a_person_took_part_in(here: Afternoon):
    (person,) = crowd(1)
    for number, key in enumerate(("lecture", "culture", "culture", "volunteer")):
        arrive(here.activity(key, title=f"{key}{number}"), [person], here.clerk)

    cells = feedback.sections["participation"].collect(month_of(here))

    assert cells == {person.pk: {"activity": 3, "learning": 1, "hours": 2}}
    assert feedback.sections["participation"].sides == ("unit", "community")


def test_a_member_of_several_branches_belongs_once_and_attends_many_times(here: Afternoon):
    """一方隶属、参加多重组织生活."""
    (person,) = crowd(1)
    branches = [make_branch(here.here, f"第{number}党支部") for number in range(3)]
    for number, branch in enumerate(branches):
        kind = PartyAffiliation.Kind.FORMAL if number == 0 else PartyAffiliation.Kind.PARTICIPATION
        PartyAffiliation.objects.create(
            retiree=person,
            organisation=branch,
            kind=kind,
            valid_from=here.tomorrow.date() - timedelta(days=9),
        )
        meeting = here.activity(
            "party_day", title=f"主题党日{number}", audience="branch", area_code=None, branch_id=branch.pk
        )
        with time_machine.travel(meeting.starts_at):
            actions.tick(meeting.pk, [person.pk], by=here.clerk)
    _, begin, end = everywhere()
    rows = PartyOrganisation.objects.order_by("pk")

    lines = figures.by_branch(rows, begin, end)

    assert figures.formal_members(rows) == 1
    assert [(line.formal, line.guests, line.arrived) for line in lines] == [(1, 0, 1), (0, 1, 1), (0, 1, 1)]
    assert counted("party", month_of(here)) == {here.here.division_id: 3}
    assert feedback.sections["participation"].collect(month_of(here))[person.pk] == {"party": 3}


def held(here: Afternoon, preset: str, number: int, *, series: bool = False, **fields: Any) -> list[Activity]:
    """Many activities of one kind without their acts: figures are counted from rows."""
    rows = []
    for place in range(number):
        course = None
        if series:
            course = Series.objects.create(
                preset=here.presets[preset], organiser=here.here, title=f"第{place}门", rhythm="weekly"
            )
        for lesson in range(2 if series else 1):
            start = here.tomorrow + timedelta(weeks=lesson)
            row = Activity(
                preset=here.presets[preset], title=f"第{place}次", organiser=here.here, division=here.here.division,
                place="会议室", starts_at=start, ends_at=start + timedelta(hours=2), audience="area",
                area=here.here.division, code="123456", token=f"{place}-{lesson}", created_by=here.clerk,
                series=course, number=lesson + 1, **fields,
            )  # fmt: skip
            rows.append(row)
    return Activity.objects.bulk_create(rows)


def test_oracle_28_courses_have_4500_enrolments(here: Afternoon):
    people = crowd(161)
    for place, lesson in enumerate(held(here, "course", 28, series=True)):
        arrive(lesson, people[: 161 if place < 40 else 160], here.clerk)

    (line,) = figures.by_preset(*everywhere())

    assert (line.name, line.courses, line.held, line.enrolled) == ("课程", 28, 56, 4500)


def test_oracle_20_events_have_1800_person_times(here: Afternoon):
    people = crowd(90)
    for event in held(here, "culture", 20):
        arrive(event, people, here.clerk)

    (line,) = figures.by_preset(*everywhere())

    assert (line.held, line.arrived, line.people) == (20, 1800, 90)
    assert counted("activities", month_of(here)) == {here.here.division_id: 1800}


def test_oracle_80_activities_serve_15000(here: Afternoon):
    for number, activity in enumerate(held(here, "volunteer", 80)):
        Activity.objects.filter(pk=activity.pk).update(served=187 + number % 2)

    (line,) = figures.by_preset(*everywhere())

    assert (line.held, line.served) == (80, 15_000)


def test_oracle_60_stations_have_420_people_on_duty(here: Afternoon):
    people, duties = crowd(420), held(here, "duty", 60, places=7)
    for number, duty in enumerate(duties):
        kind = Venue.Kind.STATION
        duty.venue = Venue.objects.create(
            keeper=here.here, kind=kind, name=f"驿站{number}", address="小区门口"
        )
        duty.save(update_fields=["venue"])
        arrive(duty, people[number * 7 : number * 7 + 7], here.clerk)

    (line,) = figures.by_preset(*everywhere())

    assert (line.venues, line.people, line.hours) == (60, 420, 840)


def test_a_report_says_how_many_were_served(here: Afternoon):
    activity = here.activity("preaching")
    with time_machine.travel(activity.ends_at):
        actions.report(activity.pk, served=125, words="讲了三个故事", by=here.clerk)

    (line,) = figures.by_preset(*everywhere())

    assert line.served == 125


@pytest.mark.parametrize("kind", columns.KINDS)
def test_every_column_says_what_it_counts(kind: str):
    assert columns.KINDS[kind].sentence.endswith("。")
