"""Whose eyes a statement has: through rollbacks, threads, cursors, the pool, and requests."""

import threading
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from huifeng.celery import app
from huifeng.errors import RuleBroken
from huifeng.rowscope import scope
from huifeng.rowscope.database.base import DatabaseWrapper
from huifeng.rowscope.middleware import RowScope
from members.people.models import Retiree, RetireeQuerySet
from tests.checkin.world import World, make_world
from tests.communities.factories import UserFactory, make_staff
from tests.members.factories import RetireeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def told() -> str:
    """The scope that the server has."""
    with connection.connection.cursor() as raw:
        return raw.execute("SELECT current_setting('huifeng.scope', true)").fetchone()[0] or ""


def count_as_nobody() -> int:
    with scope.as_viewer(scope.NOBODY):
        return Retiree.objects.count()


def test_a_savepoint_rollback_leaves_nobody_elses_eyes():
    RetireeFactory()
    assert count_as_nobody() == 0
    with suppress(RuleBroken), transaction.atomic(), scope.as_program("an act"):
        assert Retiree.objects.count() == 1
        raise RuleBroken("undone")
    assert told() == ""  # PostgreSQL took the setting back

    assert count_as_nobody() == 0
    assert Retiree.objects.count() == 1


def test_a_savepoint_rollback_does_not_take_eyes_away():
    RetireeFactory()
    with suppress(RuleBroken), transaction.atomic():
        assert count_as_nobody() == 0
        raise RuleBroken("undone")

    assert Retiree.objects.count() == 1


def test_an_error_inside_other_eyes_can_be_rolled_back():
    with scope.as_viewer(scope.NOBODY):
        with (
            suppress(Exception),
            transaction.atomic(),
            scope.as_program("an act"),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT 1 / 0")

        assert Retiree.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_nobody_elses_eyes():
    RetireeFactory()
    with scope.as_viewer(scope.NOBODY):
        assert Retiree.objects.count() == 0
        with suppress(RuleBroken), transaction.atomic():
            with scope.as_program("an act"):
                assert Retiree.objects.count() == 1
            raise RuleBroken("undone")
        assert Retiree.objects.count() == 0

    assert Retiree.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_thread_sees_nothing_until_it_is_told():
    RetireeFactory()
    found = []

    def look() -> None:
        found.append(Retiree.objects.count())
        with scope.as_program("a worker"):
            found.append(Retiree.objects.count())
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert found == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_two_users_of_one_pooled_connection_do_not_see_each_others_people():
    RetireeFactory()
    settings_of_pool = connection.settings_dict | {"CONN_MAX_AGE": 0}
    settings_of_pool["OPTIONS"] = {
        **connection.settings_dict["OPTIONS"],
        "pool": {"min_size": 1, "max_size": 1},
    }
    pooled = DatabaseWrapper(settings_of_pool, DEFAULT_DB_ALIAS)
    try:
        with pooled.cursor() as cursor:  # the program's eyes
            cursor.execute("SELECT count(*), pg_backend_pid() FROM members_people_retiree")
            first, process = cursor.fetchone()
        pooled.close()
        with pooled.pool.connection() as raw:  # given back: it sees nothing, whoever takes it
            assert raw.execute(
                "SELECT count(*), pg_backend_pid() FROM members_people_retiree"
            ).fetchone() == (0, process)
        with scope.as_viewer(scope.NOBODY), pooled.cursor() as cursor:
            cursor.execute("SELECT count(*), pg_backend_pid() FROM members_people_retiree")
            second, again = cursor.fetchone()
    finally:
        pooled.close()
        pooled.close_pool()

    assert (first, second) == (1, 0)
    assert process == again


def test_what_an_old_connection_says_is_not_believed():
    RetireeFactory()
    with scope.as_viewer(scope.NOBODY):
        Retiree.objects.count()
        fresh = DatabaseWrapper(connection.settings_dict, DEFAULT_DB_ALIAS)
        try:
            with fresh.cursor() as cursor:
                cursor.execute("SELECT set_config('huifeng.scope', 'program', false)")
            fresh.connect()
            with fresh.cursor() as cursor:
                cursor.execute("SELECT current_setting('huifeng.scope', true)")
                assert cursor.fetchone() == ("",)
        finally:
            fresh.close()


def test_a_server_side_cursor_reads_with_the_eyes_it_was_opened_with():
    people = [RetireeFactory() for _ in range(5)]
    with scope.as_viewer(scope.NOBODY):
        assert list(Retiree.objects.iterator(chunk_size=2)) == []

    rows = Retiree.objects.order_by("pk").iterator(chunk_size=2)
    first = next(rows)
    with scope.as_viewer(scope.NOBODY):
        assert Retiree.objects.count() == 0
        assert [first, *rows] == people


def test_every_statement_is_told_bulk_and_copy_too():
    with scope.as_viewer(scope.NOBODY), connection.cursor() as cursor:
        RetireeFactory.build()
        assert Retiree.objects.count() == 0
    RetireeFactory()
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY (SELECT id FROM members_people_retiree) TO STDOUT") as out,
    ):
        assert len(list(out.rows())) == 1
    with (
        scope.as_viewer(scope.NOBODY),
        connection.cursor() as cursor,
        cursor.copy("COPY (SELECT id FROM members_people_retiree) TO STDOUT") as out,
    ):
        assert list(out.rows()) == []


def test_a_task_is_the_program_under_its_name():
    @app.task(name="rowscope.asked")
    def asked() -> str:
        return scope.current().who

    with scope.as_viewer(scope.NOBODY):
        assert asked() == "task rowscope.asked"


# requests


def answer_with_count(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(Retiree.objects.count()))


def test_a_request_sees_nothing_before_it_has_a_user():
    RetireeFactory()
    request = RequestFactory().get("/")

    assert RowScope(answer_with_count)(request).content == b"0"
    request.user = UserFactory()
    assert RowScope(answer_with_count)(request).content == b"0"
    request.user = RetireeFactory(user=UserFactory()).user
    assert RowScope(answer_with_count)(request).content == b"1"


def test_without_the_middleware_the_web_sees_nothing(world: World):
    """A thread of the web server begins as nobody; only the middleware gives it eyes."""
    found = []

    def serve() -> None:
        request = RequestFactory().get("/")
        request.user = world.bureau_clerk
        found.append(scope.current())

    thread = threading.Thread(target=serve)
    thread.start()
    thread.join()

    assert found == [scope.NOBODY]
    assert settings.MIDDLEWARE.index("huifeng.rowscope.middleware.RowScope") < 3


def test_after_a_request_the_eyes_are_as_before(world: World):
    client = Client()
    client.force_login(world.clerk)
    client.get("/community/")

    assert scope.current().who == "a test's own code"


PAGES = {
    "community": ["/community/", "/community/checkins/", "/community/seasonal/", "/search/?q=孙德胜"],
    "unit": ["/unit/", "/unit/verify/", "/search/?q=孙德胜"],
    "bureau": ["/bureau/", "/bureau/people/", "/bureau/overdue/", "/search/?q=孙德胜"],
}


@pytest.mark.parametrize("area", PAGES)
def test_without_its_filter_a_page_still_shows_a_stranger_nobody(world: World, monkeypatch, area):
    """`visible_to`, `at_desk` and `within` let everything through; row-level security does not."""
    checkin = world.submitted(world.member(name="孙德胜"))
    place = {"community": world.city.communities[4], "unit": None, "bureau": world.city.districts[1]}[area]
    from tests.communities.factories import make_unit

    office = place or make_unit("另一个单位", place=world.city.districts[1].division)
    stranger = make_staff(office)
    monkeypatch.setattr(RetireeQuerySet, "visible_to", lambda self, user: self)
    from checkin.record.models import CheckIn, CheckInQuerySet

    for module in ("desk", "search", "persons", "papers", "community"):
        monkeypatch.setattr(f"checkin.record.views.{module}.visible_to", lambda user: CheckIn.objects.all())
    monkeypatch.setattr(CheckInQuerySet, "at_desk", lambda self, organisation: self.order_by("due_on", "pk"))
    client = Client()
    client.force_login(stranger)

    for address in PAGES[area]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert f"/{checkin.pk}/" not in answer.content.decode(), address
        assert f"/people/{checkin.retiree_id}/" not in answer.content.decode(), address
    assert client.get(f"/{area}/people/{checkin.retiree_id}/").status_code == 404
    assert client.get(f"/{area}/checkins/{checkin.pk}/").status_code == 404
