"""What communities hear when a roster was written."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkin.sync import rosters
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from members.people import actions as people
from members.people.models import Retiree
from tests.checkin.world import World
from tests.members.roster.rosters import imported, row, row_of, with_number


def told(receiver: Organisation, kind: str) -> list[Notice]:
    return list(receiver.notices.filter(kind=kind).order_by("pk"))


def checked_in(world: World) -> Retiree:
    return world.confirmed().retiree


def test_a_roster_tells_each_community_which_fields_it_corrected_never_the_values(world: World) -> None:
    person, other = checked_in(world), checked_in(world)

    imported(
        world.unit,
        world.unit_clerk,
        row_of(person, 原职务="研究员", 籍贯="山东莱阳"),
        row_of(other, 原职务="处长"),
    )

    first, second = told(world.here, "people.changed")
    assert first.words == f"{person.name}同志的籍贯、原职务有变化，请打开资料核对。"
    assert first.data == {"fields": ["native_place", "original_post"], "alert": False}
    assert (first.person, first.sender_id) == (person.pk, world.unit.pk)
    assert second.words == f"{other.name}同志的原职务有变化，请打开资料核对。"
    assert not told(world.unit, "people.changed")


def test_a_correction_by_hand_and_by_roster_say_the_same(world: World) -> None:
    by_hand, by_roster = checked_in(world), checked_in(world)

    people.update_unit_fields(by_hand.pk, {"original_post": "研究员"}, by=world.unit_clerk)
    imported(world.unit, world.unit_clerk, row_of(by_roster, 原职务="研究员"))

    one, other = told(world.here, "people.changed")
    assert one.words.removeprefix(by_hand.name) == other.words.removeprefix(by_roster.name)
    assert (one.data, one.kind, one.sender_id) == (other.data, other.kind, other.sender_id)
    assert other.key == f"changed:{by_roster.pk}:{Retiree.objects.get(pk=by_roster.pk).version}"


def test_a_roster_tells_nothing_of_who_is_not_checked_in(world: World) -> None:
    waiting = world.submitted().retiree

    imported(world.unit, world.unit_clerk, row_of(waiting, 原职务="处长"))

    assert not told(world.here, "people.changed")


def test_a_roster_tells_nothing_of_a_restricted_person(world: World) -> None:
    person = checked_in(world)
    batch = imported(world.unit, world.unit_clerk, row_of(person, 原职务="处长"))
    people.set_flags(person.pk, is_restricted=True, by=world.bureau_clerk)
    Notice.objects.all()._raw_delete("default")

    rosters.tell_changes(batch, world.unit_clerk)

    assert not told(world.here, "people.changed")


def test_telling_of_a_roster_takes_the_same_queries_for_one_and_for_many(world: World) -> None:
    one = imported(world.unit, world.unit_clerk, row_of(checked_in(world), 原职务="处长"))
    rows = [row_of(checked_in(world), 原职务="处长") for _ in range(8)]
    many = imported(
        world.unit, world.unit_clerk, *rows, *(row(n, 社区=world.there.name) for n in range(20, 28))
    )
    Notice.objects.all()._raw_delete("default")

    counts = []
    for batch in (one, many):
        with CaptureQueriesContext(connection) as queries:
            rosters.tell_changes(batch, world.unit_clerk)
        counts.append(len(queries))
    with CaptureQueriesContext(connection) as queries:
        rosters.tell_new(many, world.unit_clerk)

    assert counts == [2, 2]
    assert len(queries) == 4
    assert len(told(world.here, "people.changed")) == 9


def test_a_community_hears_how_many_new_people_live_there_and_whom_to_ask_not_who(world: World) -> None:
    world.unit.contact, world.unit.phone = "张伟", "0532-85710000"
    world.unit.save()

    rows = [row(n, 社区=world.here.name) for n in (1, 2)]
    imported(world.unit, world.unit_clerk, *rows, row(3, 社区=world.there.name), row(4))

    (here,), (there,) = told(world.here, "people.joined"), told(world.there, "people.joined")
    assert here.words == (
        "“青岛市海洋研究所”新登记了 2 位住在你们社区的退休干部，还没有报到。"
        "请与该单位联系（张伟 0532-85710000），动员他们来报到。"
    )
    assert (here.person, here.data) == (None, {"unit": world.unit.code, "count": 2})
    assert with_number(1).name not in here.words
    assert there.data["count"] == 1


def test_a_roster_tells_once_of_its_new_people(world: World) -> None:
    batch = imported(world.unit, world.unit_clerk, row(1, 社区=world.here.name))

    rosters.tell_new(batch, world.unit_clerk)

    assert len(told(world.here, "people.joined")) == 1


def claimed(retiree: Retiree, home: Organisation) -> None:
    """Make the person one who registered alone and lives there."""
    retiree.memberships.all().delete()
    Retiree.objects.filter(pk=retiree.pk).update(
        residence_id=home.division_id, standing=Retiree.Standing.CLAIMED
    )


def test_who_registered_alone_and_is_entered_by_a_unit_is_told_of_without_a_name(world: World) -> None:
    alone = world.member()
    claimed(alone, world.here)

    people.enrol({"name": alone.name, "id_number": alone.id_number}, world.unit.pk, by=world.unit_clerk)

    (notice,) = told(world.here, "people.joined")
    assert notice.person == alone.pk
    assert alone.name not in notice.words


def test_who_is_on_the_way_to_a_community_is_told_of_by_the_moves_alone(world: World) -> None:
    retiree = world.submitted().retiree
    claimed(retiree, world.here)

    people.enrol({"name": retiree.name, "id_number": retiree.id_number}, world.unit.pk, by=world.unit_clerk)

    assert not told(world.here, "people.joined")
