"""What a community's pages leave out: restricted people, what only the unit knows, numbers that nobody asked for."""

import pytest
from django.core import signing
from django.test import Client

from checkin.record import actions
from checkin.record.models import SeasonalStay
from checkin.record.papers.sheets import SHEETS, make
from checkin.record.views.counter import SALT
from checkin.sync.relay import relay
from huifeng.accounts.models import User
from members.people import actions as people
from members.people.models import Retiree
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.matrix.marks import text_of as paper_text


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def hidden(retiree: Retiree) -> Retiree:
    people.set_flags(retiree.pk, by=User.objects.system(), is_restricted=True)
    return retiree


def seasonal(world: World, retiree: Retiree) -> SeasonalStay:
    return actions.add_seasonal_stay(
        retiree.pk, by=retiree.user, community_id=world.here.pk, from_month=11, to_month=3
    )


@pytest.mark.parametrize("page", ["people/", "checkins/?state=confirmed"])
def test_who_becomes_restricted_leaves_the_lists(world: World, desk: Client, page: str) -> None:
    seen, gone = world.confirmed(world.member(name="周兆祥")), world.confirmed(world.member(name="保密人"))
    hidden(gone.retiree)

    text = text_of(desk.get(f"/community/{page}"))

    assert seen.retiree.name in text
    assert gone.retiree.name not in text


def test_a_restricted_persons_second_home_is_neither_listed_nor_ended(world: World, desk: Client) -> None:
    stay = seasonal(world, world.member(name="保密人"))
    hidden(stay.retiree)

    text, answer = text_of(desk.get("/community/seasonal/")), desk.post(f"/community/seasonal/{stay.pk}/end/")

    assert "保密人" not in text
    assert answer.status_code == 404
    stay.refresh_from_db()
    assert stay.ended_at is None


def test_the_counter_is_not_told_where_somebody_lives_who_is_not_ours(world: World, desk: Client) -> None:
    ours = world.draft(world.member(residence_address="云霄路 3 号")).retiree
    strangers = world.member(residence_address="登州路 7 号", health="good")

    def form(retiree: Retiree) -> str:
        return text_of(desk.get(f"/community/register/{signing.dumps(retiree.pk, salt=SALT)}/"))

    assert ours.residence_address in form(ours)
    assert strangers.residence_address not in form(strangers)


def test_a_community_prints_the_letter_without_the_post(world: World, desk: Client) -> None:
    checkin = world.confirmed(world.member(original_post="ZhuRen77"))
    address = f"/papers/{checkin.pk}/letter.pdf"

    def printed(by: Client) -> str:
        return paper_text(by.get(address).content, "")

    assert "ZhuRen77" not in printed(desk)
    assert "ZhuRen77" in printed(browser_of(world.unit_clerk))
    assert checkin.retiree.user is not None
    assert "ZhuRen77" in printed(browser_of(checkin.retiree.user))


def test_the_ceremonys_letters_are_whole(world: World) -> None:
    checkin = world.confirmed(world.member(original_post="ZhuRen77"))

    assert "ZhuRen77" in paper_text(make(SHEETS["letter"], [checkin]), "")


def test_notices_about_who_is_restricted_since_say_nothing_of_them(world: World) -> None:
    checkin = world.confirmed(world.member(name="保密人"))
    relay()
    hidden(checkin.retiree)
    unit = browser_of(world.unit_clerk)

    inbox, home = text_of(unit.get("/unit/notices/?show=all")), text_of(unit.get("/unit/notices/"))

    assert "保密人" not in inbox + home
    assert "关于一位限制查看的老同志" in inbox
