"""What is counted: the figures of the seeds (domain.md §4), the monthly columns and the reports of both sides."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from checkin.feedback import registry as feedback
from checkin.statistics import registry as statistics
from checkin.statistics.months import Month
from huifeng.codes import labels
from members.people.models import Retiree
from services.requests import actions, figures
from services.requests.models import Request
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.services.requests.asked import SECRET, answered, at_desk, of_person, overdue, preset

State = Request.State


def many(world: World, key: str, count: int, **more: Any) -> list[Request]:
    """So many of strangers, written down by the community today."""
    today = timezone.localdate()
    made = [
        Request(
            preset=preset(key),
            caller_name="来电人",
            channel="phone",
            desk=world.here,
            area_id=world.here.division_id,
            raised_by=world.clerk,
            taken_for=world.here,
            received_at=timezone.now(),
            due_on=today,
            bureau_on=today,
            **more,
        )
        for _ in range(count)
    ]
    return Request.objects.bulk_create(made)


def given(world: World, outcome: str = "solved", **more: Any) -> dict[str, Any]:
    """The columns of an answer of now."""
    return {"answered_at": timezone.now(), "answered_by": world.clerk, "outcome": outcome, **more}


def test_890_calls_are_all_answered_and_98_of_100_are_satisfied(world: World) -> None:
    many(world, "hotline", 872, state=State.RATED, rating="good", rated_at=timezone.now(), **given(world))
    many(world, "hotline", 18, state=State.RATED, rating="fair", rated_at=timezone.now(), **given(world))

    (line,) = figures.lines(Request.objects.all(), "preset__key")

    assert (line.key, line.received, line.answered_share, line.good_share) == ("hotline", 890, 100.0, 97.98)
    assert round(line.good_share) == 98


def test_of_320_opinions_260_are_solved(world: World) -> None:
    many(world, "opinion", 260, state=State.ANSWERED, **given(world))
    many(world, "opinion", 50, state=State.ANSWERED, **given(world, "explained"))
    many(world, "opinion", 10)

    (line,) = figures.lines(Request.objects.all(), "preset__key")

    assert (line.received, line.solved, line.solved_share) == (320, 260, 81.25)


def test_the_needs_are_6_classes_of_28_and_the_window_has_8_items(world: World) -> None:
    needs = dict(labels.choices("need"))

    assert len(needs) == 28
    assert {labels.roll_up("need", code) for code in needs} == set(dict(labels.choices("need_class")))
    assert len(labels.choices("need_class")) == 6
    assert len(labels.choices("window_item")) == 8


def test_what_was_withdrawn_does_not_count_against_the_desk(world: World, person: Retiree) -> None:
    answered(of_person(person), world)
    actions.withdraw(of_person(person).pk, by=person.user)

    (line,) = figures.lines(Request.objects.all(), "area", digits=6)

    assert (line.received, line.counted, line.answered_share) == (2, 1, 100.0)


def test_the_columns_of_the_month_and_the_pages_behind_them(world: World, person: Retiree) -> None:
    month, here = Month.current(), str(world.here.division_id)
    request = answered(of_person(person), world)
    of_person(person, at=month.start - timedelta(days=3))
    at_desk(world, None, caller="老王")
    actions.rate(request.pk, rating="good", by=person.user)

    counted = {key: statistics.count(f"requests_{key}", month) for key in ("received", "answered", "good")}
    client = browser_of(make_staff(world.city.city))
    pages = [text_of(client.get(statistics.address(f"requests_{key}", month, here[:6]))) for key in counted]

    assert counted == {"received": {here: 2}, "answered": {here: 1}, "good": {here: 1}}
    assert ["共 2 件" in pages[0], "共 1 件" in pages[1], "共 1 件" in pages[2]] == [True] * 3


def test_both_sides_read_how_many_and_the_unit_what_needs_an_answer(world: World, person: Retiree) -> None:
    month = Month.of(timezone.localdate())
    answered(of_person(person), world)
    overdue(of_person(person, "heart", SECRET), 1)
    at_desk(world, person, wanted_desk="unit")

    cells = feedback.sections["requests"].collect(month)
    late = [*feedback.matters["requests_late"].find(month)]
    passed = [*feedback.matters["requests_passed"].find(month)]

    assert cells[person.pk] == {"requests_asked": 3, "requests_done": 1}
    assert next(words for pk, words in late if pk == person.pk).startswith("心里话，应在")
    assert passed[0][1].startswith("银龄热线，已转到单位")
    assert SECRET not in str(late)


@pytest.mark.parametrize("who", ["bureau_clerk", "street_clerk"])
def test_the_page_of_figures_adds_up(world: World, person: Retiree, who: str) -> None:
    answered(of_person(person), world)
    of_person(person)

    page = text_of(browser_of(getattr(world, who)).get("/bureau/requests/figures/"))

    assert "50.0%" in page
    assert "按地方" in page
