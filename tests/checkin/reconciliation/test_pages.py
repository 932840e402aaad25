"""The page 对账: who comes in, what is listed to whom, and what its buttons do."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin.reconciliation.models import Drift
from huifeng.accounts.models import User
from huifeng.jobs.models import Job
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit

from . import planting

PATH = "/bureau/reconciliation/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(user: User, path: str = PATH, status: int = 200) -> str:
    answer = client_of(user).get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_before_the_first_run_it_says_so(world: World) -> None:
    words = body(world.bureau_clerk)

    assert "还没有对过账" in words
    assert "现在对账" in words
    assert "再对一次" not in words


def test_a_clean_run_says_that_nothing_differs(world: World) -> None:
    planting.run()

    assert "没有差异" in body(world.bureau_clerk)


def test_a_drift_is_listed_by_person_and_field_with_a_link(world: World) -> None:
    person = planting.people.residence_edited(world)()
    planting.settle()
    planting.run()

    page = body(world.bureau_clerk)

    assert f'href="/bureau/people/{person}/"' in page
    assert "王建国" in page
    assert "云霄路社区" in page
    assert "浮山所社区" in page
    assert "补发通知" not in page


def test_the_list_of_one_check(world: World) -> None:
    planting.people.residence_edited(world)()
    planting.people.membership_edited(world)()
    planting.settle()
    planting.run()

    page = body(make_staff(world.city.city), f"{PATH}?check=memberships")

    assert "每人的现管单位应与最近一次留痕一致" in page
    assert Drift.objects.count() == 2
    assert page.count('data-label="哪一项"') == 1


def test_a_district_lists_its_own_and_the_city_everything(world: World) -> None:
    planting.people.residence_edited(world)()
    planting.settle()
    planting.run()
    other_district = make_staff(world.city.districts[1])

    assert 'data-label="哪一项"' not in body(other_district)
    assert 'data-label="哪一项"' in body(world.bureau_clerk)
    assert 'data-label="哪一项"' in body(make_staff(world.city.city))


def test_an_earlier_run_can_be_read(world: World) -> None:
    planting.people.residence_edited(world)()
    planting.settle()
    first = planting.run()
    Drift.objects.filter(run=first).update(expected="原来应为的")
    planting.run()

    assert "原来应为的" in body(world.bureau_clerk, f"{PATH}?run={first.pk}")
    assert "原来应为的" not in body(world.bureau_clerk)
    body(world.bureau_clerk, f"{PATH}?run=999999", status=404)


@pytest.mark.parametrize(("field", "repair"), [({}, False), ({"repair": "1"}, True)])
def test_the_buttons_start_a_job(world: World, field: dict[str, str], repair: bool) -> None:
    planting.notices.outbox_row_stuck(world)()
    planting.run()
    assert "补发通知" in body(make_staff(world.city.city))

    answer = client_of(world.bureau_clerk).post(f"{PATH}start/", field)

    assert (answer.status_code, answer["Location"]) == (302, PATH)
    assert Job.objects.get().args == {"repair": repair}
    assert "排队中" in body(world.bureau_clerk)


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk"])
def test_nobody_else_comes_in(world: World, who: str) -> None:
    user = getattr(world, who)

    assert client_of(user).get(PATH).status_code == 403
    assert client_of(user).post(f"{PATH}start/").status_code == 403
    assert not Job.objects.exists()


def test_the_page_asks_as_much_for_many_as_for_one(world: World) -> None:
    boss = make_staff(world.city.city)
    planting.people.membership_edited(world)()
    planting.run()
    with CaptureQueriesContext(connection) as one:
        body(boss)
    for _ in range(5):
        planting.people.membership_edited(world)()
    make_unit()
    planting.run()

    with CaptureQueriesContext(connection) as many:
        body(boss)

    assert len(many) == len(one)
