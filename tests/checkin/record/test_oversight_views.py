"""The pages of bureau and street: figures and the lists behind them, overdue cases, finding a community."""

import pytest
from django.test import Client
from django.utils import timezone

from checkin.record import actions, lists
from checkin.record.models import State
from checkin.record.views import oversight
from communities.notices.models import Notice
from tests.checkin.record.staff import browser_of, overdue_by, text_of
from tests.checkin.world import World, again
from tests.communities.factories import UserFactory, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_member


@pytest.fixture
def bureau(world: World) -> Client:
    """The city's bureau."""
    return browser_of(make_staff(world.city.city))


@pytest.fixture
def street(world: World) -> Client:
    return browser_of(world.street_clerk)


def fill(world: World) -> None:
    """A little of everything, in two communities of one street."""
    world.confirmed()
    world.submitted()
    world.returned()
    world.waiting_for_unit(community_id=world.there.pk)
    overdue_by(world.submitted(community_id=world.there.pk), 5)
    world.submitted(community_id=None, area_id="370202000000")


@pytest.mark.parametrize("place", ["", "370202", "370202001"])
def test_every_figure_is_the_length_of_the_list_behind_it(world: World, bureau: Client, place: str) -> None:
    fill(world)

    page = bureau.get("/bureau/", {"place": place})

    assert page.context["total"]["confirmed"] == 1
    for line in page.context["lines"]:
        for state, figure in line.figures.items():
            listed = bureau.get("/bureau/people/", {"state": state, "place": line.code}).context["people"]
            assert len(listed) == figure, (line.name, state)


def test_the_lines_add_up_to_the_whole(world: World, bureau: Client) -> None:
    fill(world)

    for place in ("", "370202"):
        page = bureau.get("/bureau/", {"place": place})
        assert page.context["total"]["open"] == 5, place


def test_a_street_sees_its_communities_only(world: World, street: Client) -> None:
    fill(world)
    far = world.city.communities[3]
    world.submitted(world.member(name="周桂兰"), community_id=far.pk)

    page = street.get("/bureau/")
    listed = text_of(street.get("/bureau/people/", {"state": "open"}))

    assert {line.code[:9] for line in page.context["lines"]} == {"370202001"}
    assert "周桂兰" not in listed


def test_a_street_cannot_look_beyond_its_area(world: World, street: Client) -> None:
    world.submitted(world.member(name="周桂兰"), community_id=world.city.communities[3].pk)

    page = street.get("/bureau/", {"place": "370203"})
    listed = street.get("/bureau/people/", {"state": "open", "place": "370203"})

    assert page.context["place"] == "370202001"
    assert "周桂兰" not in text_of(listed)


def test_a_person_elsewhere_is_not_there(world: World, street: Client) -> None:
    retiree = RetireeFactory()

    assert street.get(f"/bureau/people/{retiree.pk}/").status_code == 404


def test_who_has_not_checked_in_is_listed(world: World, bureau: Client) -> None:
    world.member(name="孙德胜")
    world.confirmed(world.member(name="周桂兰"))

    page = text_of(bureau.get("/bureau/people/", {"state": "none"}))

    assert "孙德胜" in page
    assert "周桂兰" not in page


def test_the_whole_register_is_listed_page_by_page(world: World, bureau: Client) -> None:
    made = {world.member().pk for _ in range(25)}

    first = bureau.get("/bureau/people/")
    second = bureau.get("/bureau/people/" + first.context["slice"].next_url)

    shown = [row.retiree.pk for page in (first, second) for row in page.context["people"]]
    assert (len(shown), set(shown)) == (25, made)


def test_filters_narrow_by_unit_and_channel(world: World, bureau: Client) -> None:
    world.confirmed()

    def listed(**wanted: str) -> int:
        return len(bureau.get("/bureau/people/", {"state": "confirmed", **wanted}).context["people"])

    assert (listed(unit="海洋"), listed(unit="钢铁")) == (1, 0)
    assert (listed(channel="online"), listed(channel="counter")) == (1, 0)


def test_restricted_people_are_the_bureaus_only(world: World, bureau: Client, street: Client) -> None:
    actions.confirm(
        world.submitted(world.member(name="孙德胜", is_restricted=True)).pk, by=world.bureau_clerk
    )

    assert "孙德胜" in text_of(bureau.get("/bureau/people/", {"state": "confirmed"}))
    assert "孙德胜" not in text_of(street.get("/bureau/people/", {"state": "confirmed"}))


def test_id_numbers_are_masked(world: World, bureau: Client) -> None:
    retiree = world.confirmed().retiree

    assert retiree.id_number not in text_of(bureau.get("/bureau/people/", {"state": "confirmed"}))


def test_overdue_cases_stand_by_organisation_with_their_level(world: World, bureau: Client) -> None:
    for days in (2, 5, 9):
        overdue_by(world.submitted(), days)
    overdue_by(world.submitted(community_id=world.there.pk), 1)

    rows = bureau.get("/bureau/overdue/").context["rows"]

    assert [(row["desk"], row["count"], row["days"], row["level"]) for row in rows] == [
        (world.here, 3, 9, "7 天以上"),
        (world.there, 1, 1, "1–3 天"),
    ]
    assert [rows[0][f"level_{i}"] for i in (1, 2, 3)] == [1, 1, 1]


def test_an_organisation_is_reminded_once_a_day(world: World, bureau: Client) -> None:
    overdue_by(world.submitted(), 5)

    bureau.post("/bureau/overdue/remind/", {"id": world.here.pk})
    again_today = bureau.post("/bureau/overdue/remind/", {"id": world.here.pk}, follow=True)

    told = Notice.objects.filter(receiver=world.here, kind="checkin.urged")
    assert told.count() == 1
    assert "1 件报到已经逾期，最长 5 天" in told[0].words
    assert "今天已经提醒过" in text_of(again_today)


def test_nobody_outside_the_area_is_reminded(world: World, street: Client) -> None:
    far = world.city.communities[3]
    overdue_by(world.submitted(community_id=far.pk), 5)

    street.post("/bureau/overdue/remind/", {"id": far.pk})

    assert not Notice.objects.filter(kind="checkin.urged").exists()


def test_who_asked_for_a_community_is_given_one(world: World, bureau: Client) -> None:
    client = browser_of(world.bureau_clerk)
    checkin = world.submitted(community_id=None, area_id="370202000000", address=f"{world.there.name} 1 号")
    assert checkin.retiree.name in text_of(client.get("/bureau/place/"))

    page = text_of(client.get(f"/bureau/checkins/{checkin.pk}/send/"))
    client.post(
        f"/bureau/checkins/{checkin.pk}/send/", {"version": checkin.version, "community_id": world.there.pk}
    )

    assert world.there.name in page
    assert again(checkin).desk == world.there


def test_the_bureau_verifies_where_no_unit_is_left(world: World) -> None:
    checkin = world.waiting_for_unit(RetireeFactory(user=UserFactory()))
    assert checkin.desk is not None
    client = browser_of(make_staff(checkin.desk))

    assert f"/bureau/checkins/{checkin.pk}/" in text_of(client.get("/bureau/verify/"))
    client.post(f"/bureau/checkins/{checkin.pk}/verify/", {"version": checkin.version})

    assert again(checkin).state == State.VERIFIED


def test_the_overseer_reads_and_does_not_act(world: World, bureau: Client) -> None:
    checkin = world.submitted()

    page = bureau.get(f"/bureau/checkins/{checkin.pk}/")
    answer = bureau.post(
        f"/bureau/checkins/{checkin.pk}/confirm/", {"version": checkin.version, "contact": "x", "phone": "1"}
    )

    assert not page.context["may"].any
    assert answer.status_code == 403


def test_more_people_cost_no_more_queries(world: World, django_assert_max_num_queries, monkeypatch) -> None:
    monkeypatch.setattr(
        oversight, "SLOW", float("inf")
    )  # figures are counted each time, on a slow machine too
    client = browser_of(make_staff(world.city.city))
    addresses = [
        "/bureau/",
        "/bureau/people/",
        "/bureau/people/?state=open",
        "/bureau/overdue/",
        "/bureau/place/",
    ]

    def queries(address: str) -> int:
        with django_assert_max_num_queries(10) as found:
            client.get(address)
        return len(found.captured_queries)

    def grow() -> None:
        fill(world)
        overdue_by(world.submitted(), 3)

    grow()
    client.get("/bureau/")
    few = [queries(address) for address in addresses]
    for _ in range(4):
        grow()

    assert [queries(address) for address in addresses] == few


@pytest.mark.parametrize(
    ("days", "words"), [(1, "1–3 天"), (3, "1–3 天"), (4, "4–7 天"), (7, "4–7 天"), (8, "7 天以上")]
)
def test_the_level_follows_the_days(days: int, words: str) -> None:
    assert lists.late_level(days) == words


def test_slow_figures_are_kept_for_a_minute(world: World, bureau: Client, monkeypatch) -> None:
    monkeypatch.setattr(oversight, "SLOW", -1.0)
    first = bureau.get("/bureau/").context["counted_at"]
    world.submitted()

    page = bureau.get("/bureau/")

    assert page.context["counted_at"] == first <= timezone.now()
    assert page.context["total"]["open"] == 0


def test_the_figure_of_the_register_is_its_list(world: World, bureau: Client, street: Client) -> None:
    """Living here, a unit here, asking to check in here: three reasons, each person once."""
    far = make_unit(place=world.city.districts[1].division)
    make_member(far, residence_id="370202001001")
    world.submitted(make_member(far, user=UserFactory()))
    make_member(far)
    world.confirmed()
    world.member(is_restricted=True, residence_id="370202001014")
    world.member(statistics_flag=False)

    figures = {}
    for name, client in {
        "city": bureau,
        "district": browser_of(world.bureau_clerk),
        "street": street,
    }.items():
        figures[name] = client.get("/bureau/").context["people"]
        assert len(client.get("/bureau/people/").context["people"]) == figures[name], name

    assert figures == {"city": 5, "district": 4, "street": 3}


def test_the_total_counts_what_the_page_has_no_room_for(
    world: World, bureau: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue_by(world.submitted(), 2)
    overdue_by(world.submitted(community_id=world.there.pk), 1)
    monkeypatch.setattr(lists, "CAP", 1)

    answer = bureau.get("/bureau/overdue/")

    assert (answer.context["total"], answer.context["desks"], len(answer.context["rows"])) == (2, 2, 1)
    assert "下面是最久的 1 个" in text_of(answer)
