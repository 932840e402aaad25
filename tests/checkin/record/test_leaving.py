"""Who leaves has nothing any more at the next request: pages, papers, files, fragments, acts."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from communities.organisations import actions as organisations
from huifeng.accounts.models import Session, User
from huifeng.jobs import actions as jobs
from huifeng.jobs import running
from huifeng.jobs.models import Job
from tests.checkin.api.systems import system_of
from tests.checkin.world import World
from tests.communities.factories import PASSWORD, UserFactory, make_city, make_staff
from tests.communities.threads import at_the_same_time
from tests.huifeng.job_kinds import kind
from tests.members.factories import make_helper, make_linked_member

__all__ = ["kind"]


def entered(user: User) -> Client:
    client = Client()
    assert client.post("/login/staff/", {"login": user.username, "password": PASSWORD}).status_code == 302
    return client


def leave(user: User) -> None:
    for assignment in user.assignments.all():
        organisations.end_assignment(assignment.pk, by=User.objects.system())


def switch_off(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def file_of(user: User, organisation_id: int, kind: Callable[..., str]) -> Job:
    def make(work) -> dict:
        work.keep_file("名单.xlsx", b"content", "application/vnd.ms-excel")
        return {}

    job = running.run(
        jobs.start(kind(make), title="导出", by=user, args={}, organisation_id=organisation_id).pk
    )
    assert job is not None
    return job


@pytest.mark.parametrize("how", [leave, switch_off])
@pytest.mark.parametrize("side", ["clerk", "unit_clerk", "street_clerk", "bureau_clerk"])
def test_staff_who_left_have_nothing_at_the_next_request(world: World, kind, side: str, how) -> None:
    user: User = getattr(world, side)
    area = {"clerk": "community", "unit_clerk": "unit"}.get(side, "bureau")
    checkin = world.confirmed()
    job = file_of(user, user.assignments.get().organisation_id, kind)
    pages = [
        f"/{area}/",
        f"/{area}/people/" if area != "community" else f"/{area}/register/",
        f"/{area}/checkins/{checkin.pk}/",
        f"/papers/{checkin.pk}/receipt.pdf",
        "/search/?q=1",
        "/files/",
        f"/files/{job.pk}/download/",
        f"/{area}/export/",
        f"/{area}/notices/",
    ]
    client = entered(user)
    before = [client.get(page).status_code for page in pages]
    assert before.count(200) >= 5, before

    how(user)

    for page in pages:
        for asked in (client.get(page), client.post(page), client.get(page, headers={"HX-Request": "true"})):
            gone = asked.status_code in (403, 404, 405) or "/login/" in asked.headers.get(
                "Location", asked.headers.get("HX-Redirect", "")
            )
            assert gone, (page, asked.status_code)
    assert entered_again(user) in (None, "/my/")


def entered_again(user: User) -> str | None:
    """Where a new login leads; None when it does not let in."""
    client = Client()
    answer = client.post("/login/staff/", {"login": user.username, "password": PASSWORD})
    return answer["Location"] if "_auth_user_id" in client.session else None


def test_the_last_assignment_takes_the_sessions_along(world: World) -> None:
    client = entered(world.clerk)
    leave(world.clerk)

    assert not Session.objects.of(world.clerk.pk).exists()
    assert client.get("/login/devices/").status_code == 302


def test_who_keeps_another_assignment_stays_logged_in_without_the_files_of_the_first(
    world: World, kind
) -> None:
    user = world.clerk
    system = User.objects.system()
    organisations.assign(user.pk, world.there.pk, role="clerk", by=system)
    left, kept = file_of(user, world.here.pk, kind), file_of(user, world.there.pk, kind)
    client = entered(user)
    organisations.end_assignment(user.assignments.get(organisation=world.here).pk, by=system)

    assert client.get("/community/").context["organisation"] == world.there
    assert client.get(f"/files/{left.pk}/download/").status_code == 404
    assert client.get(f"/files/{kept.pk}/download/").status_code == 200


def test_an_assignment_that_ends_today_by_plan_holds_until_tonight(world: World) -> None:
    client = entered(world.clerk)
    assignment = world.clerk.assignments.get()
    organisations.end_assignment(assignment.pk, by=User.objects.system(), on=timezone.localdate())

    assert client.get("/community/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_last_assignments_ended_at_once_take_the_sessions_along() -> None:
    city = make_city()
    user, system = make_staff(city.communities[0]), User.objects.system()
    organisations.assign(user.pk, city.communities[1].pk, role="clerk", by=system)
    entered(user)
    ends = [
        lambda pk=pk: organisations.end_assignment(pk, by=system)
        for pk in user.assignments.values_list("pk", flat=True)
    ]
    at_the_same_time(*ends)

    assert not Session.objects.of(user.pk).exists()


def test_who_becomes_staff_logs_in_anew_as_staff(world: World) -> None:
    user = UserFactory()
    client = entered(user)
    organisations.assign(user.pk, world.here.pk, role="clerk", by=User.objects.system())

    assert client.get("/login/devices/").status_code == 302
    assert entered(user).session["staff"] is True


def test_a_helper_who_was_stopped_has_nothing_at_the_next_request(world: World) -> None:
    person = make_linked_member(world.unit)
    helper = make_helper(person)
    client = Client()
    client.force_login(helper.user)
    pages = [f"/my/for/{person.pk}/", f"/my/info/for/{person.pk}/", f"/my/for/{person.pk}/info/"]
    assert [client.get(page).status_code for page in pages].count(200) >= 2

    own = Client()
    own.force_login(person.user)
    own.post(f"/my/info/helpers/{helper.pk}/stop/")

    for page in pages:
        assert client.get(page).status_code in (403, 404, 405), page
        assert client.post(page).status_code in (403, 404, 405), page


def test_a_token_whose_account_was_switched_off_is_refused(world: World) -> None:
    system = system_of(world.unit)
    header = {"Authorization": f"Bearer {system.words}"}
    address = "/api/v1/people/"
    assert Client().get(address, headers=header).status_code == 200

    switch_off(system.token.account)

    assert Client().get(address, headers=header).status_code == 401


def test_a_token_whose_assignment_ended_sees_nothing(world: World) -> None:
    system = system_of(world.unit)
    world.confirmed()
    leave(system.token.account)
    answer = Client().get("/api/v1/people/", headers={"Authorization": f"Bearer {system.words}"})

    assert answer.json()["items"] == []


def test_tokens_are_not_asked_for_a_second_factor(world: World, settings) -> None:
    settings.SECOND_FACTOR = "staff"
    system = system_of(world.unit)
    answer = Client().get("/api/v1/people/", headers={"Authorization": f"Bearer {system.words}"})

    assert answer.status_code == 200
