"""Every page, as an auditor and as a person would look at it: axe, measures, keyboard, content policy, weight.

By default pages of retirees at 360 and those of staff at 1366 px, in standard size; TEST_ALL=1 takes all widths, sizes
and contrasts.
TEST_PICTURES=DIR keeps a picture of each.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from checkin.record import actions
from checkin.record.models import Channel
from checkin.record.papers.links import signed_token
from huifeng.accounts.models import User
from members.people import actions as people
from members.people.models import Helper
from tests.checkin.world import World
from tests.communities.factories import NamedPlaceFactory, UserFactory
from tests.e2e.browser import OF_RETIREES, OF_STAFF, Look, audit
from tests.members.factories import make_member

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

PICTURES = os.environ.get("TEST_PICTURES")
FIRST_VISIT = 150 * 1024  # bytes on the wire, for a retiree

Pages = list[tuple[str, User | None]]


class Stage:
    """A world with something on every page."""

    def __init__(self, world: World):
        self.world = world
        NamedPlaceFactory(community=world.here.division, name="云霄花园")
        self.fresh = world.member(name="王建国")
        self.draft = world.draft(world.member(name="刘玉兰"), address="云霄花园 3 号楼")
        self.waiting = world.submitted(world.member(name="赵德胜"))
        self.returned = world.returned(world.member(name="孙秀英"))
        self.confirmed = world.confirmed(world.member(name="周兆祥"))
        self.for_unit = world.waiting_for_unit(world.member(name="吴素珍"))
        self.unplaced = world.submitted(
            world.member(name="郑继先"), community_id=None, area_id=world.city.streets[0].division_id
        )
        self.helper = UserFactory(display_name="王小红")
        Helper.objects.create(
            retiree=self.confirmed.retiree, user=self.helper, name="王小红", relation="daughter", consent="code",
            consent_text="2026-11", consented_at=timezone.now(),
        )  # fmt: skip
        self.stranger = UserFactory(display_name="")
        self.death = people.report_death(
            self.confirmed.retiree_id, died_on=timezone.localdate(), by=world.clerk
        )
        actions.add_seasonal_stay(
            self.fresh.pk, by=self.fresh.user, community_id=world.there.pk, from_month=11, to_month=3
        )
        newcomer = make_member(world.unit, name="冯守业", retired_on=f"{timezone.localdate():%Y-%m}")
        self.ceremony = actions.hold_ceremony(
            world.unit.pk,
            by=world.unit_clerk,
            held_on=timezone.localdate(),
            people=[(newcomer.pk, world.here.pk, "云霄路 5 号")],
            place="机关礼堂",
        )
        actions.register(
            make_member(world.unit, name="陈桂英").pk,
            by=world.clerk,
            channel=Channel.HOME_VISIT,
            community_id=world.here.pk,
            address="云霄路 9 号",
        )

    def retiree_pages(self) -> Pages:
        fresh, draft, waiting = self.fresh.user, self.draft.retiree.user, self.waiting.retiree.user
        returned, confirmed = self.returned.retiree.user, self.confirmed.retiree.user
        street = self.world.city.streets[0].division_id
        return [
            ("/", None),
            ("/help/", None),
            (f"/help/{street[:6]}000000/", None),
            (f"/help/{street}/", None),
            ("/handbook/", None),
            ("/login/", None),
            ("/login/staff/", None),
            (f"/p/{signed_token(self.waiting)}/", None),
            ("/no-such-page/", None),
            ("/my/who/", self.stranger),
            ("/my/help/", self.stranger),
            *[("/my/", user) for user in (fresh, draft, waiting, returned, confirmed, self.stranger)],
            *[
                (f"/my/checkin/{step}/", draft)
                for step in ("1", "1/family", "2", "2/elsewhere", "3", "3/streets", "4")
            ],
            (f"/my/checkin/3/streets/{street}/", draft),
            *[
                (f"/my/{page}/", waiting)
                for page in ("receipt", "progress", "withdraw", "info", "info/contact")
            ],
            *[
                (f"/my/{page}/", confirmed)
                for page in ("receipt", "progress", "move", "end", "info", "info/seen")
            ],
            ("/my/progress/", returned),
            ("/my/season/", draft),
            ("/my/season/", fresh),
            (f"/my/for/{self.confirmed.retiree_id}/", self.helper),
            (f"/my/for/{self.confirmed.retiree_id}/progress/", self.helper),
        ]

    def other_staff_pages(self) -> Pages:
        """What tests/e2e/test_staff_pages.py does not open."""
        clerk, bureau = self.world.clerk, self.world.bureau_clerk
        community = self.world.here.division_id
        return [
            ("/community/", self.world.clerk_there),
            (f"/community/checkins/{self.returned.pk}/", clerk),
            (f"/unit/ceremonies/{self.ceremony.pk}/", self.world.unit_clerk),
            ("/bureau/places/", bureau),
            ("/bureau/places/?q=云霄", bureau),
            (f"/bureau/places/{community}/", bureau),
            ("/bureau/calendar/", bureau),
            ("/login/password/", clerk),
            ("/community/", bureau),
        ]


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


def look(address: str, page: Page, kind: str, look_name: str) -> list[str]:
    found = [f"{address} [{look_name}] {finding}" for finding in audit(page, kind)]
    if PICTURES:
        name = address.strip("/").replace("/", "_").replace("?", "_")[:60] or "front"
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.glob(f"{name}*{look_name}*")))
        page.screenshot(path=folder / f"{name}.{look_name}.{number}.png", full_page=True)
    return found


def walk(
    pages: Pages,
    kind: str,
    address: str,
    seen_as: Look,
    open_page: Callable[..., Page],
    logged_in: Callable[..., Page],
) -> list[str]:
    """Every finding on every page, in one look."""
    width, size, contrast = seen_as
    found: list[str] = []
    for path, user in pages:
        options: dict[str, Any] = {"width": width, "size": size, "contrast": contrast}
        page = logged_in(user, path, **options) if user else open_page(address + path, **options)
        found += look(path, page, kind, f"{width}-{size}-{contrast}")
        page.context.close()
    return found


@pytest.mark.parametrize("seen_as", OF_RETIREES, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_every_retiree_page_is_sound(
    stage: Stage,
    seen_as: Look,
    live_server: Any,
    open_page: Callable[..., Page],
    logged_in: Callable[..., Page],
) -> None:
    found = walk(stage.retiree_pages(), "retiree", live_server.url, seen_as, open_page, logged_in)

    assert found == [], "\n".join(found)


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_every_other_staff_page_is_sound(
    stage: Stage,
    seen_as: Look,
    live_server: Any,
    open_page: Callable[..., Page],
    logged_in: Callable[..., Page],
) -> None:
    found = walk(stage.other_staff_pages(), "staff", live_server.url, seen_as, open_page, logged_in)

    assert found == [], "\n".join(found)


def test_a_first_visit_weighs_little(stage: Stage, live_server: Any, open_page: Callable[..., Page]) -> None:
    page = open_page("", width=360)
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    page.goto(f"{live_server.url}/")
    page.wait_for_load_state("networkidle")

    assert 0 < sum(sizes) <= FIRST_VISIT
