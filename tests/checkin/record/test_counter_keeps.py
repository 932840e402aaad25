"""What is typed at the counter is kept until it is sent."""

from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from redis.exceptions import ConnectionError as NoRedis

from checkin.record import kept
from checkin.record.models import CheckIn
from checkin.record.views.counter import SALT
from members.people.models import Retiree
from tests.checkin.record.photographs import upload
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


@pytest.fixture
def visitor(world: World) -> Retiree:
    return world.member(name="孙德胜", residence_address="登州路 1 号")


def address_for(retiree: Retiree) -> str:
    return f"/community/register/{signing.dumps(retiree.pk, salt=SALT)}/"


def keep(desk: Client, retiree: Retiree, **typed: object) -> Any:
    return desk.post(f"{address_for(retiree)}keep/", typed, headers={"HX-Request": "true"})


def initial(page: HttpResponse) -> dict[str, Any]:
    return page.context["form"].initial  # type: ignore[attr-defined]


@time_machine.travel("2026-11-23 09:12:00+08:00", tick=False)
def test_the_answer_says_when_it_was_kept(desk: Client, visitor: Retiree) -> None:
    assert text_of(keep(desk, visitor, address="云霄路 12 号")).strip() == "已保存 9:12"


def test_what_was_typed_is_there_when_the_page_is_opened_again(desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="云霄路 12 号", remarks="左耳听不清", channel="phone")

    page = desk.get(address_for(visitor))

    assert "云霄路 12 号" in text_of(page)
    assert "左耳听不清" in text_of(page)
    assert initial(page)["channel"] == "phone"
    assert "填过的内容已经放回来了" in text_of(page)


def test_a_field_that_was_emptied_stays_empty(desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="")

    assert initial(desk.get(address_for(visitor)))["address"] == ""


def test_the_choice_of_a_recommended_community_is_kept(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address=f"{world.there.name} 3 号", community_id=world.there.pk)

    page = desk.get(address_for(visitor))

    checked = [w.data["value"] for w in page.context["form"]["community_id"] if w.data["selected"]]
    assert checked == [str(world.there.pk)]


def test_only_the_fields_of_the_form_are_kept(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="云霄路 12 号", name="孙德胜", csrfmiddlewaretoken="x", paper=upload())

    found = kept.recall(world.clerk.pk, visitor.pk)
    assert found is not None
    assert found.fields == {"address": "云霄路 12 号"}


def test_one_value_cannot_fill_the_cache(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, remarks="啊" * 9000)

    found = kept.recall(world.clerk.pk, visitor.pk)
    assert found is not None
    assert len(found.fields["remarks"]) == kept.LONGEST


def test_a_colleague_does_not_see_it(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="云霄路 12 号")

    assert "云霄路 12 号" not in text_of(browser_of(world.clerk_there).get(address_for(visitor)))


def test_it_is_kept_for_a_day(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="云霄路 12 号")

    key = cache.make_key(kept._key(world.clerk.pk, visitor.pk))
    assert 0 < cache._cache.get_client(key).ttl(key) <= 24 * 3600


def test_registering_deletes_it(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="云霄路 12 号")

    desk.post(
        address_for(visitor),
        {"channel": "counter", "address": "云霄路 12 号", "community_id": world.here.pk, "consented": "on"},
    )

    assert CheckIn.objects.exists()
    assert kept.recall(world.clerk.pk, visitor.pk) is None


def test_what_arrives_just_after_the_registration_is_not_kept(world: World, visitor: Retiree) -> None:
    kept.forget(world.clerk.pk, visitor.pk)

    kept.keep(world.clerk.pk, visitor.pk, {"address": "云霄路 12 号"})

    assert kept.recall(world.clerk.pk, visitor.pk) is None


def test_a_refused_registration_leaves_it(world: World, desk: Client, visitor: Retiree) -> None:
    keep(desk, visitor, address="云霄路 12 号")

    desk.post(address_for(visitor), {"channel": "counter", "address": "云霄路 12 号"})

    assert kept.recall(world.clerk.pk, visitor.pk) is not None


def test_without_the_cache_the_clerk_is_not_told_that_it_was_kept(
    desk: Client, visitor: Retiree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise NoRedis

    monkeypatch.setattr(kept.cache, "set", away)

    assert keep(desk, visitor, address="云霄路 12 号").status_code == 503


def test_an_address_that_was_not_found_first_keeps_nothing(desk: Client) -> None:
    assert desk.post("/community/register/1/keep/", {"address": "云霄路"}).status_code == 404


def test_keeping_is_never_a_link(desk: Client, visitor: Retiree) -> None:
    assert desk.get(f"{address_for(visitor)}keep/").status_code == 405


def test_the_counter_of_a_community_keeps_for_its_clerks_only(world: World, visitor: Retiree) -> None:
    assert keep(browser_of(world.unit_clerk), visitor, address="云霄路").status_code == 403
