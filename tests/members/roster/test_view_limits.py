"""Who may not see an import, what other units are asked, and what the pages cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.roster import actions
from members.roster.models import ImportBatch, TransferProposal
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_linked_member, make_member
from tests.members.roster.rosters import again, imported, planned, received, row, row_of

pytestmark = pytest.mark.django_db

State = ImportBatch.State
BAD = {"姓名": "郑和平", "身份证号": "123", "离退休类别": "退休"}
KINDS = ("rejected", "duplicate", "warnings", "changed", "new", "missing", "transfers", "unchanged")


@pytest.fixture
def at_unit(client: Client, unit_clerk) -> Client:
    client.force_login(unit_clerk)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


# transfers --------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(unit, unit_clerk):
    theirs = make_unit("青岛市第二中学", place=unit.division)
    imported(unit, unit_clerk, row_of(make_member(theirs, name="周平")))
    return TransferProposal.objects.get()


@pytest.fixture
def at_theirs(asked):
    client = Client()
    client.force_login(make_staff(asked.from_unit))
    return client


def test_both_sides_see_what_is_asked(asked, at_unit, at_theirs):
    assert "周平" in text_of(at_unit.get("/unit/roster/transfers/"))
    assert "同意转出" in text_of(at_theirs.get("/unit/roster/transfers/"))
    assert "1 件待答复" in text_of(at_theirs.get("/unit/roster/"))


def test_the_frame_of_the_transfers_page_shows_numbers_only(asked, at_theirs):
    assert "TransferProposal" not in text_of(at_theirs.get("/unit/roster/transfers/"))


def test_a_yes_hands_over(asked, at_theirs):
    answer = at_theirs.post(f"/unit/roster/transfers/{asked.pk}/", {"accept": "1"}, follow=True)

    assert "已把周平转出" in text_of(answer)
    asked.refresh_from_db()
    assert asked.state == "accepted"


def test_a_no_tells_the_reason(asked, at_theirs, at_unit):
    at_theirs.post(f"/unit/roster/transfers/{asked.pk}/", {"refuse": "1", "reason": "还在本单位"})

    assert "还在本单位" in text_of(at_unit.get("/unit/roster/transfers/"))


def test_a_no_without_a_reason_is_refused(asked, at_theirs):
    answer = at_theirs.post(f"/unit/roster/transfers/{asked.pk}/", {"refuse": "1", "reason": ""})

    assert answer.status_code == 409
    assert "理由" in text_of(answer)


def test_who_moved_meanwhile_needs_no_answer(asked, at_theirs):
    asked.retiree.memberships.update(unit=make_unit("第三所"))

    answer = at_theirs.post(f"/unit/roster/transfers/{asked.pk}/", {"accept": "1"}, follow=True)

    assert "不用再答复" in text_of(answer)


def test_the_asking_side_does_not_answer_itself(asked, at_unit):
    assert at_unit.post(f"/unit/roster/transfers/{asked.pk}/", {"accept": "1"}).status_code == 404


# who may not ------------------------------------------------------------------------------------------------

POSTS = ("approve", "check", "discard", "undo")


@pytest.mark.parametrize("area", ["unit", "bureau"])
def test_strangers_find_nothing(city, unit, unit_clerk, area):
    batch = actions.keep_error_book(planned(unit, unit_clerk, row(1), BAD).pk, by=unit_clerk)
    place = make_unit("青岛市第二中学", place=unit.division) if area == "unit" else city.districts[1]
    client = Client()
    client.force_login(make_staff(place))
    page = f"/{area}/roster/{batch.pk}/"

    answers = [
        client.get(page),
        client.get(f"{page}errors/"),
        *(client.post(f"{page}{act}/") for act in POSTS),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert batch.number not in text_of(client.get(f"/{area}/roster/"))
    assert again(batch).state == State.PLANNED


@pytest.mark.parametrize("path", ["", "new/", "transfers/"])
def test_who_works_for_no_unit_is_refused(city, unit, community_clerk, path):
    for who in (community_clerk, make_linked_member(unit).user):
        client = Client()
        client.force_login(who)
        assert client.get(f"/unit/roster/{path}").status_code == 403


@pytest.mark.parametrize("path", ["", "new/", "transfers/"])
def test_a_street_brings_no_rosters(city, path):
    client = Client()
    client.force_login(make_staff(city.streets[0]))

    assert client.get(f"/bureau/roster/{path}").status_code == 403


@pytest.mark.parametrize("act", POSTS)
def test_acts_are_never_links(at_unit, unit, unit_clerk, act):
    batch = planned(unit, unit_clerk, row(1))

    assert at_unit.get(f"/unit/roster/{batch.pk}/{act}/").status_code == 405


# cost -------------------------------------------------------------------------------------------------------


def queries(client: Client, address: str) -> int:
    client.get(address)  # session and caches
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_a_plan_costs_the_same_for_10_and_for_500_people(at_unit, unit, unit_clerk):
    small = planned(unit, unit_clerk, *(row(serial, 性别="女") for serial in range(10)))
    make_members = [make_member(unit, name="周平") for _ in range(60)]
    many = [row_of(person, 职级="副处级", 居住状态="独居") for person in make_members]
    large = planned(unit, unit_clerk, *many, *(row(serial, 性别="女") for serial in range(500)))

    few = queries(at_unit, f"/unit/roster/{small.pk}/?show=new")
    costs = {kind: queries(at_unit, f"/unit/roster/{large.pk}/?show={kind}") for kind in KINDS}

    assert costs["new"] == few
    assert max(costs.values()) <= 15, costs


def test_the_lists_cost_the_same_for_few_and_for_many(at_unit, unit, unit_clerk):
    theirs = make_unit("青岛市第二中学", place=unit.division)
    imported(unit, unit_clerk, row_of(make_member(theirs)), row(1))
    imported(theirs, make_staff(theirs), row_of(make_member(unit)))
    addresses = ["/unit/roster/", "/unit/roster/transfers/"]
    few = [queries(at_unit, address) for address in addresses]
    for serial in range(15):
        received(unit, unit_clerk, row(serial))
    imported(unit, unit_clerk, *(row_of(make_member(theirs)) for _ in range(15)))
    imported(theirs, make_staff(theirs), *(row_of(make_member(unit)) for _ in range(15)))

    assert [queries(at_unit, address) for address in addresses] == few
    assert max(few) <= 15
