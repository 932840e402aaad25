"""The retiree's way in a real browser: without script, by browser Back, and as an auditor sees each page."""

import pytest
from django.conf import settings
from django.test import Client

from checkin.record.models import CheckIn, State
from checkin.record.papers import links
from communities.divisions.models import NamedPlace
from communities.divisions.names import sound_of
from tests.checkin.world import World, make_world
from tests.e2e.browser import audit
from tests.members.factories import load_codes

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db) -> World:
    load_codes()
    world = make_world()
    NamedPlace.objects.create(
        community=world.here.division, kind=NamedPlace.Kind.ROAD, name="云霄路", sound=sound_of("云霄路")
    )
    return world


def cookies_of(user, live_server) -> list[dict]:
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]


@pytest.mark.parametrize("javascript", [True, False])
def test_whole_way_with_and_without_script(open_page, live_server, world, javascript):
    person = world.member()
    page = open_page(
        live_server.url + "/my/", cookies=cookies_of(person.user, live_server), javascript=javascript
    )

    page.get_by_role("button", name="开始报到").click()
    page.get_by_label("都对", exact=True).check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("区市").select_option(label="市南区")
    page.get_by_label("小区名，或路名和门牌号").fill("云霄路 12 号 3 单元 502")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()  # the community of 云霄路 is ticked
    page.get_by_label("我同意").check()
    page.get_by_role("button", name="确认提交").click()

    page.get_by_role("heading", name="已经提交成功").wait_for()
    assert CheckIn.objects.get(retiree=person).state == State.VERIFIED


def test_going_back_in_the_browser_and_on_again_is_safe(open_page, live_server, world):
    person = world.member()
    world.draft(person)
    page = open_page(live_server.url + "/my/checkin/2/", cookies=cookies_of(person.user, live_server))
    page.get_by_label("小区名，或路名和门牌号").fill("云霄路 12 号")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="您到哪个社区报到").wait_for()

    page.go_back()
    page.get_by_label("小区名，或路名和门牌号").fill("云霄路 14 号")
    page.get_by_role("button", name="下一步").click()

    page.get_by_role("heading", name="您到哪个社区报到").wait_for()
    assert CheckIn.objects.get(retiree=person).address == "云霄路 14 号"


@pytest.mark.parametrize(("width", "size"), [(320, "xl"), (1366, "standard")])
def test_public_pages_are_sound_at_the_edges(open_page, live_server, world, width, size):
    token = links.signed_token(world.submitted())

    for address in ("/", "/help/", "/help/370202001000/", f"/p/{token}/", "/handbook/", "/handbook/online/"):
        page = open_page(live_server.url + address, width=width, size=size)
        assert audit(page, "retiree") == [], address
