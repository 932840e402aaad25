"""更正建议 as unit, community and bureau see it: the list, one proposal, the answer, and proposing."""

from typing import Any

import pytest
from django.test import Client

from checkin.proposals.models import ChangeProposal
from huifeng.audit.models import AuditEntry
from members.people import actions as people
from tests.checkin.proposals.said import again, of_community, of_person, of_unit, overdue
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.members.factories import make_id_number

State = ChangeProposal.State


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.unit_clerk)


@pytest.mark.parametrize("show", ["", "open", "decided", "mine", "nonsense"])
def test_an_empty_list_says_so(desk: Client, show: str) -> None:
    assert "更正建议。" in text_of(desk.get(f"/unit/proposals/?show={show}"))


def test_the_queue_shows_old_new_and_who(world: World, desk: Client) -> None:
    proposal = of_person(world, retired_on="2009-12")

    page = text_of(desk.get("/unit/proposals/"))

    assert "2010年4月" in page
    assert "2009年12月" in page
    assert "本人" in page
    assert f"/unit/proposals/{proposal.pk}/" in page


def test_each_side_has_its_own_queue(world: World, desk: Client) -> None:
    of_community(world, world.confirmed().retiree, name="王健国")

    community = browser_of(world.clerk)
    assert "王健国" in text_of(desk.get("/unit/proposals/"))
    assert "王健国" not in text_of(community.get("/community/proposals/"))
    assert "王健国" in text_of(community.get("/community/proposals/?show=mine"))
    assert "王健国" not in text_of(browser_of(world.clerk_there).get("/community/proposals/?show=mine"))


def test_a_bureau_sees_what_is_late_in_its_area(world: World) -> None:
    overdue(of_person(world), 3)
    bureau = browser_of(make_staff(world.city.city))

    assert "逾期 3 天" in text_of(bureau.get("/bureau/proposals/?show=late"))
    assert "逾期 3 天" not in text_of(bureau.get("/bureau/proposals/"))


def test_accepting_on_the_page(world: World, desk: Client) -> None:
    proposal = of_person(world)
    version = proposal.retiree.version

    answer = desk.post(f"/unit/proposals/{proposal.pk}/accept/", {"version": version}, follow=True)

    assert "已采纳" in text_of(answer)
    assert again(proposal).state == State.ACCEPTED
    assert "已采纳" in text_of(desk.get("/unit/proposals/?show=decided"))


def test_a_page_that_is_old_is_a_conflict(world: World, desk: Client) -> None:
    proposal = of_person(world)
    people.update_unit_fields(proposal.retiree_id, {"original_post": "科长"}, by=world.unit_clerk)

    answer = desk.post(f"/unit/proposals/{proposal.pk}/accept/", {"version": proposal.person_version})

    assert answer.status_code == 409
    assert "提出以后改过" in text_of(desk.get(f"/unit/proposals/{proposal.pk}/"))


def test_refusing_on_the_page_needs_a_reason(world: World, desk: Client) -> None:
    proposal = of_person(world)

    assert desk.post(f"/unit/proposals/{proposal.pk}/refuse/", {"reason": ""}).status_code == 409
    desk.post(f"/unit/proposals/{proposal.pk}/refuse/", {"reason": "档案里不是"})

    assert "档案里不是" in text_of(desk.get(f"/unit/proposals/{proposal.pk}/"))


def test_a_proposal_of_others_is_not_found(world: World) -> None:
    proposal = of_person(world)
    stranger = browser_of(world.clerk_there)

    for act in ("", "accept/", "refuse/", "withdraw/", "reveal/"):
        ask = stranger.post if act else stranger.get
        assert ask(f"/community/proposals/{proposal.pk}/{act}").status_code == 404


def test_who_does_not_own_the_field_is_refused(world: World) -> None:
    proposal = of_community(world, world.confirmed().retiree, name="王健国")

    answer = browser_of(world.clerk).post(f"/community/proposals/{proposal.pk}/accept/")

    assert answer.status_code == 403


def test_numbers_are_masked_until_asked_for(world: World, desk: Client) -> None:
    number = make_id_number(77)
    proposal = of_person(world, id_number=number)

    assert number not in text_of(desk.get("/unit/proposals/"))
    assert number not in text_of(desk.get(f"/unit/proposals/{proposal.pk}/"))
    assert number in text_of(desk.post(f"/unit/proposals/{proposal.pk}/reveal/"))
    assert AuditEntry.objects.filter(action="proposal.revealed").count() == 1


def test_others_of_the_person_can_be_accepted_with_it(world: World, desk: Client) -> None:
    first = of_person(world)
    second = of_person(world, first.retiree, retired_on="2009")
    page = text_of(desk.get(f"/unit/proposals/{first.pk}/"))
    assert f'name="also" value="{second.pk}"' in page

    desk.post(f"/unit/proposals/{first.pk}/accept/", {"also": [second.pk]})

    assert again(second).state == State.ACCEPTED


def test_proposing_on_the_pages(world: World) -> None:
    retiree = world.confirmed().retiree
    community = browser_of(world.clerk)
    chosen = text_of(community.get(f"/community/proposals/new/{retiree.pk}/"))
    assert f"/community/proposals/new/{retiree.pk}/name/" in chosen
    assert f"/community/proposals/new/{retiree.pk}/phone/" not in chosen
    assert f"/community/proposals/new/{retiree.pk}/treatment/" not in chosen

    answer = community.post(
        f"/community/proposals/new/{retiree.pk}/name/", {"value": "王健国", "why": "看过身份证"}, follow=True
    )

    assert "青岛市海洋研究所" in text_of(answer)
    assert ChangeProposal.objects.get().new == "王健国"


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("birth_date", {"value_0": "1950", "value_1": "3", "value_2": "9"}, "1950-03-09"),
        ("sex", {"value": "F"}, "F"),
        ("political_status", {"value": "nonsense"}, None),
        ("original_unit", {"value": "青岛市第二研究所"}, "青岛市第二研究所"),
    ],
)
def test_the_control_fits_the_field(world: World, field: str, sent: dict[str, str], kept: str | None) -> None:
    retiree = world.confirmed().retiree
    community = browser_of(world.clerk)

    answer = community.post(f"/community/proposals/new/{retiree.pk}/{field}/", {**sent, "why": "看过"})

    made = ChangeProposal.objects.first()
    assert answer.status_code == (302 if made else 422)
    assert (made and made.new) == kept


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"value": "王建国", "why": "看过"}, "和现在记的一样"),
        ({"value": "", "why": "看过"}, "请填写姓名应改为"),
        ({"value": "王健国", "why": ""}, "请填写依据"),
    ],
)
def test_what_is_wrong_is_said_and_kept(world: World, sent: dict[str, str], words: str) -> None:
    retiree = world.confirmed().retiree

    answer = browser_of(world.clerk).post(f"/community/proposals/new/{retiree.pk}/name/", sent)

    assert answer.status_code == 422
    assert words in text_of(answer)


@pytest.mark.parametrize("field", ["treatment", "is_restricted", "nonsense"])
def test_a_field_one_may_not_propose_is_not_found(world: World, field: str) -> None:
    retiree = world.confirmed().retiree

    answer = browser_of(world.clerk).get(f"/community/proposals/new/{retiree.pk}/{field}/")

    assert answer.status_code == 404


def test_an_owner_is_told_to_edit(world: World, desk: Client) -> None:
    retiree = world.member(residence=world.here.division)

    answer = desk.post(f"/unit/proposals/new/{retiree.pk}/name/", {"value": "王健国", "why": "档案"})

    assert answer.status_code == 422
    assert "直接改" in text_of(answer)


def test_nobody_proposes_about_people_one_does_not_see(world: World) -> None:
    retiree = world.confirmed().retiree
    stranger = browser_of(world.clerk_there)

    assert stranger.get(f"/community/proposals/new/{retiree.pk}/").status_code == 404
    assert stranger.get(f"/community/proposals/new/{retiree.pk}/name/").status_code == 404


def test_the_person_page_shows_what_is_open(world: World, desk: Client) -> None:
    retiree = world.confirmed().retiree
    proposal = of_unit(world, retiree, residence_address="香港西路 50 号")

    for area, user in (("unit", world.unit_clerk), ("community", world.clerk)):
        page = text_of(browser_of(user).get(f"/{area}/people/{retiree.pk}/"))
        assert "香港西路 50 号" in page
        assert f"/{area}/proposals/{proposal.pk}/" in page
        assert f"/{area}/proposals/new/{retiree.pk}/" in page


def test_a_bureau_is_not_offered_to_propose(world: World) -> None:
    retiree = world.confirmed().retiree

    page = text_of(browser_of(world.bureau_clerk).get(f"/bureau/people/{retiree.pk}/"))

    assert "proposals/new" not in page


def test_the_check_in_page_shows_what_was_proposed_and_its_state(world: World, desk: Client) -> None:
    checkin = world.waiting_for_unit()

    page = text_of(desk.get(f"/unit/checkins/{checkin.pk}/"))

    assert "信息有误（文字说明）" in page
    assert "待答复" in page


def test_a_list_costs_the_same_for_one_and_for_many(
    world: World, desk: Client, django_assert_max_num_queries: Any
) -> None:
    desk.get("/unit/proposals/")
    for number in range(12):
        of_person(world, world.member(name=f"王建{number}"))

    with django_assert_max_num_queries(10):
        page = desk.get("/unit/proposals/")

    assert text_of(page).count("核对<") == 12


def test_pages_are_cut_by_key(world: World, desk: Client) -> None:
    for number in range(22):
        of_person(world, world.member(name=f"王建{number}"))

    first = desk.get("/unit/proposals/")
    address = first.context["slice"].next_url
    second = desk.get(f"/unit/proposals/{address}")

    assert "after=" in address
    assert len(second.context["items"]) == 2
