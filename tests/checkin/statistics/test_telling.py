"""What bureaus are told about a month that is to be submitted and closed: each step once, to whom it concerns."""

import pytest

from checkin.statistics import actions
from checkin.statistics.periodic import tell_due
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from tests.communities.factories import make_staff

from .conftest import JUNE, MAY, on

pytestmark = pytest.mark.django_db
SOUTH, NORTH = "370202", "370203"


def told(bureau: Organisation) -> list[str]:
    return list(bureau.notices.filter(kind=actions.DUE).order_by("pk").values_list("words", flat=True))


@pytest.fixture
def submit_all(world):
    def act(month) -> None:
        actions.submit(SOUTH, month, by=world.bureau_clerk)
        actions.submit(NORTH, month, by=make_staff(world.city.districts[1]))

    return act


# June 2026 begins on a Monday: 3 working days are over on the 3rd, 5 on the 5th.


def test_nothing_is_told_on_the_first_day(world) -> None:
    with on("2026-06-01"):
        assert tell_due() == {"submit": 0, "close": 0}
    assert not Notice.objects.exists()


def test_districts_are_told_before_their_day_and_after_it_once_each(world) -> None:
    for day in ("2026-06-02", "2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05"):
        with on(day):
            tell_due()

    assert told(world.city.districts[0]) == [
        "请在6月3日前上报2026年5月月报。",
        "2026年5月月报应在6月3日前上报，现在还没有收到，请尽快上报。",
    ]
    assert told(world.city.districts[0]) == told(world.city.districts[1])


def test_a_district_that_has_submitted_is_told_nothing(world) -> None:
    with on("2026-06-01"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)
    with on("2026-06-04"):
        assert tell_due() == {"submit": 1, "close": 1}

    assert told(world.city.districts[0]) == []


def test_the_city_is_told_before_its_day_who_is_missing_and_after_it(world) -> None:
    with on("2026-06-02"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)
    for day in ("2026-06-03", "2026-06-04", "2026-06-05", "2026-06-08", "2026-06-09"):
        with on(day):
            tell_due()

    assert told(world.city.city) == [
        "请在6月5日前核对并封存2026年5月月报。还没有上报：市北区。",
        "2026年5月月报应在6月5日前封存，现在还没有封存，请尽快办理。还没有上报：市北区。",
    ]


def test_the_city_is_told_as_soon_as_the_month_waits_to_be_closed(world, submit_all) -> None:
    with on("2026-06-02"):
        submit_all(MAY)
        tell_due()
        tell_due()

    assert told(world.city.city) == ["2026年5月月报2个区市都已上报，请在6月5日前核对并封存。"]
    assert Notice.objects.get().link == "page:statistics/closing/2026-05/"


def test_a_closed_month_is_told_no_more_and_an_open_one_after_it_is(world, boss, close) -> None:
    with on("2026-06-03"):
        close(MAY, boss)
    with on("2026-06-30"):
        assert tell_due() == {"submit": 0, "close": 0}
    with on("2026-07-02"):
        tell_due()

    assert told(world.city.districts[0]) == ["请在7月3日前上报2026年6月月报。"]


def test_every_month_that_waits_is_told(world, boss, close) -> None:
    with on("2026-06-03"):
        close(MAY, boss)
    with on("2026-08-20"):
        tell_due()

    words = " ".join(told(world.city.city))
    assert JUNE.words in words
    assert JUNE.next.words in words
    assert MAY.words not in words


def test_a_month_opened_again_is_asked_for_again(world, boss, deputy, close, submit_all) -> None:
    with on("2026-06-04"):
        tell_due()
        submit_all(MAY)
        close(MAY, boss)
        actions.ask_reopen(MAY, reason="漏报", by=boss)
        actions.reopen(MAY, by=deputy)
        tell_due()
        tell_due()

    assert len(told(world.city.districts[0])) == 2


def test_streets_and_units_are_told_nothing(world) -> None:
    with on("2026-06-10"):
        tell_due()

    assert set(Notice.objects.values_list("receiver__kind", flat=True)) == {Organisation.Kind.BUREAU}


def test_without_a_city_nothing_happens() -> None:
    assert tell_due() == {"submit": 0, "close": 0}
