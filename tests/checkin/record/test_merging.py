"""What becomes of check-ins when two rows turn out to be one person, and when that is undone."""

import pytest

from checkin.record import actions
from checkin.record.models import CheckIn, CheckInEvent, SeasonalStay, State
from communities.notices.models import Notice
from huifeng.errors import RuleBroken
from members.duplicates.actions import merge, undo_merge
from members.people.models import Retiree
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, again, moves
from tests.communities.factories import UserFactory, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_member
from tests.members.merging import every_row
from tests.members.racing import meanwhile

KEPT, OTHER = "kept", "other"


@pytest.fixture
def kept(world: World) -> Retiree:
    return world.member(name="孙德胜")


@pytest.fixture
def other(world: World) -> Retiree:
    return world.member(name="孙德胜")


def joined(world: World, kept: Retiree, other: Retiree) -> None:
    merge(kept.pk, other.pk, by=world.unit_clerk)


def states(retiree: Retiree) -> list[tuple[str, int | None]]:
    rows = CheckIn.objects.filter(retiree=retiree).order_by("pk")
    return [(row.state, row.community_id) for row in rows]


def test_the_check_in_in_force_goes_over_with_its_home(world: World, kept: Retiree, other: Retiree) -> None:
    checkin = world.confirmed(other)

    joined(world, kept, other)

    assert again(checkin).retiree == kept
    assert moves(checkin)[-1] == "merged"
    assert CheckInEvent.objects.filter(checkin=checkin).last().after == {"retiree": kept.pk}
    kept.refresh_from_db()
    assert kept.residence_id == world.here.division_id


def test_a_request_goes_over_and_stays_on_its_desk(world: World, kept: Retiree, other: Retiree) -> None:
    checkin = world.submitted(other)

    joined(world, kept, other)

    now = again(checkin)
    assert (now.retiree, now.state, now.desk) == (kept, State.VERIFIED, world.here)
    assert now.due_on == checkin.due_on


def test_two_in_force_are_settled_first(world: World, kept: Retiree, other: Retiree) -> None:
    first, second = world.confirmed(kept), world.confirmed(other, community_id=world.here.pk)

    with pytest.raises(RuleBroken, match=f"{first.number}.*{second.number}"):
        joined(world, kept, other)


def test_two_requests_on_desks_are_settled_first(world: World, kept: Retiree, other: Retiree) -> None:
    world.submitted(kept)
    second = world.submitted(other)

    with pytest.raises(RuleBroken, match="正在办理的报到"):
        joined(world, kept, other)
    actions.withdraw(second.pk, by=other.user)
    joined(world, kept, other)

    assert [state for state, _ in states(kept)] == [State.VERIFIED, State.WITHDRAWN]


@pytest.mark.parametrize("whose", [KEPT, OTHER])
def test_a_draft_gives_way_to_a_request(world: World, kept: Retiree, other: Retiree, whose: str) -> None:
    drafting, waiting = (kept, other) if whose == KEPT else (other, kept)
    draft, request = world.draft(drafting), world.submitted(waiting)

    joined(world, kept, other)

    assert (again(draft).state, again(request).state) == (State.WITHDRAWN, State.VERIFIED)
    assert moves(draft)[-1] == "withdrawn"
    assert {again(draft).retiree, again(request).retiree} == {kept}


def test_of_two_drafts_the_kept_ones_stays(world: World, kept: Retiree, other: Retiree) -> None:
    mine, theirs = world.draft(kept), world.draft(other)

    joined(world, kept, other)

    assert (again(mine).state, again(theirs).state) == (State.DRAFT, State.WITHDRAWN)


@pytest.mark.parametrize("whose", [KEPT, OTHER])
def test_a_request_for_where_the_person_is_checked_in_is_withdrawn(
    world: World, kept: Retiree, other: Retiree, whose: str
) -> None:
    confirmed = world.confirmed(kept if whose == KEPT else other)
    request = world.submitted(other if whose == KEPT else kept)

    joined(world, kept, other)

    assert (again(confirmed).state, again(request).state) == (State.CONFIRMED, State.WITHDRAWN)
    assert "撤回" in request.events.last().words
    assert Notice.objects.filter(kind="checkin.withdrawn", receiver=world.here).exists()


@pytest.mark.parametrize("whose", [KEPT, OTHER])
def test_a_request_for_another_community_is_a_move(
    world: World, kept: Retiree, other: Retiree, whose: str
) -> None:
    confirmed = world.confirmed(kept if whose == KEPT else other)
    request = world.submitted(other if whose == KEPT else kept, community_id=world.there.pk)

    joined(world, kept, other)
    assert again(request).previous == confirmed
    actions.confirm(request.pk, by=world.clerk_there)

    assert (again(confirmed).state, again(confirmed).end_reason) == (State.ENDED, "moved")


def test_what_is_over_goes_over_as_it_is(world: World, kept: Retiree, other: Retiree) -> None:
    ended = actions.end(world.confirmed(other).pk, by=other.user, reason="withdrawn")

    joined(world, kept, other)

    assert (again(ended).retiree, again(ended).state, again(ended).ended_at) == (
        kept,
        State.ENDED,
        ended.ended_at,
    )


def test_a_claimed_persons_request_goes_to_the_unit_that_vouches(world: World) -> None:
    """The person named one unit and is on the roster of another: its clerk decides, and after an undo the first."""
    claimed = RetireeFactory(standing="claimed", claimed_unit=world.unit, user=UserFactory())
    checkin = world.submitted(claimed)
    managing = make_unit(place=world.city.districts[0].division)
    other = make_member(managing)
    bureau = make_staff(world.city.city)
    before = every_row()

    done = merge(claimed.pk, other.pk, by=bureau)
    now = again(checkin)
    undo_merge(done.pk, by=bureau)

    assert (now.state, now.desk, now.unit) == (State.SUBMITTED, managing, managing)
    assert moves(checkin)[-2:] == ["redirected", "unmerged"]
    assert every_row() == before


def test_one_seasonal_stay_is_left(world: World, kept: Retiree, other: Retiree) -> None:
    for retiree in (kept, other):
        actions.add_seasonal_stay(
            retiree.pk, by=world.clerk, community_id=world.here.pk, from_month=11, to_month=3
        )

    joined(world, kept, other)

    stays = SeasonalStay.objects.filter(retiree=kept)
    assert (stays.count(), stays.filter(ended_at=None).count()) == (2, 1)


def test_the_community_is_told_and_the_person_gets_no_text(
    world: World, kept: Retiree, other: Retiree
) -> None:
    world.confirmed(other)
    Notice.objects.all().delete()

    joined(world, kept, other)

    told = {(n.receiver, n.kind) for n in Notice.objects.all()}
    assert told == {(world.here, "people.merged"), (world.here, "people.changed")}


# And back -------------------------------------------------------------------------------


def case(world: World, kept: Retiree, other: Retiree, name: str) -> None:
    match name:
        case "in force":
            world.confirmed(other)
            world.draft(kept, community_id=world.there.pk)
        case "draft of the kept row":
            world.draft(kept)
            world.submitted(other)
        case "draft of the other row":
            world.draft(other)
            world.submitted(kept)
        case "same place":
            world.confirmed(other)
            world.submitted(kept)
        case "returned":
            world.confirmed(kept)
            world.returned(other, community_id=world.here.pk)
        case _:
            world.confirmed(kept)
            world.waiting_for_unit(other, community_id=world.there.pk)
            actions.add_seasonal_stay(
                other.pk, by=world.clerk, community_id=world.here.pk, from_month=11, to_month=3
            )


CASES = ("in force", "draft of the kept row", "draft of the other row", "same place", "returned", "move")


@pytest.mark.parametrize("name", CASES)
def test_an_undo_leaves_every_row_as_it_was(world: World, kept: Retiree, other: Retiree, name: str) -> None:
    case(world, kept, other, name)
    before = every_row()
    events = CheckInEvent.objects.count()

    done = merge(kept.pk, other.pk, by=world.unit_clerk)
    undo_merge(done.pk, by=world.unit_clerk)

    assert every_row() == before
    assert CheckInEvent.objects.filter(move="unmerged").count() == (CheckInEvent.objects.count() - events) / 2


def test_a_step_on_a_moved_request_stands_in_the_way(world: World, kept: Retiree, other: Retiree) -> None:
    checkin = world.submitted(other)
    done = merge(kept.pk, other.pk, by=world.unit_clerk)
    actions.confirm(checkin.pk, by=world.clerk)

    with pytest.raises(RuleBroken, match="报到"):
        undo_merge(done.pk, by=world.unit_clerk)


# A merged row is nobody ----------------------------------------------------------------


@pytest.fixture
def merged(world: World, kept: Retiree, other: Retiree) -> Retiree:
    world.confirmed(other)
    joined(world, kept, other)
    return other


def test_lists_figures_and_search_hold_one(world: World, kept: Retiree, merged: Retiree) -> None:
    unit, bureau = browser_of(world.unit_clerk), browser_of(world.bureau_clerk)

    home = unit.get("/unit/")
    found = unit.get("/search/", {"q": "孙德胜"})
    by_number = unit.get("/search/", {"q": merged.id_number})
    people = bureau.get("/bureau/people/")

    assert home.context["counts"]["all"] == 1
    for answer in (home, people):
        assert [str(kept.pk) in text_of(answer), f"/people/{merged.pk}/" in text_of(answer)] == [True, False]
    for answer in (found, by_number):
        assert [row.retiree for row, _ in answer.context["people"]] == [kept]
    assert bureau.get("/bureau/").context["people"] == 1


def test_the_old_address_shows_the_kept_person(world: World, kept: Retiree, merged: Retiree) -> None:
    for user, area in ((world.unit_clerk, "unit"), (world.bureau_clerk, "bureau")):
        answer = browser_of(user).get(f"/{area}/people/{merged.pk}/")

        assert answer.context["retiree"] == kept


def test_somebody_elses_merged_row_is_not_there(world: World, merged: Retiree) -> None:
    assert browser_of(world.clerk_there).get(f"/community/people/{merged.pk}/").status_code == 404


def test_the_counter_finds_the_kept_person(world: World, kept: Retiree, merged: Retiree) -> None:
    desk = browser_of(world.clerk)

    by_number = desk.post("/community/register/", {"id_number": merged.id_number})
    by_name = desk.post(
        "/community/register/", {"name": "孙德胜", "born_0": "1950", "born_1": "3", "born_2": "8"}
    )

    for answer in (by_number, by_name):
        assert [row.retiree for row, _ in answer.context["people"]] == [kept]


def test_no_check_in_begins_for_a_merged_row(world: World, merged: Retiree) -> None:
    with pytest.raises(RuleBroken, match="已并入"):
        actions.start(merged.pk, by=world.clerk, channel="counter")


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_waits_for_a_merge_and_is_refused(world: World, kept: Retiree, other: Retiree) -> None:
    checkin = world.submitted(other)

    answer = meanwhile(
        lambda: merge(kept.pk, other.pk, by=world.unit_clerk),
        lambda: actions.confirm(checkin.pk, by=world.clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert again(checkin).state == State.VERIFIED


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_waits_for_an_undo_and_is_refused(world: World, kept: Retiree, other: Retiree) -> None:
    checkin = world.submitted(other)
    done = merge(kept.pk, other.pk, by=world.unit_clerk)

    answer = meanwhile(
        lambda: undo_merge(done.pk, by=world.unit_clerk),
        lambda: actions.confirm(checkin.pk, by=world.clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert (again(checkin).retiree, again(checkin).state) == (other, State.VERIFIED)
