"""People whom only a bureau may see."""

from checkin.record import actions
from checkin.record.models import State
from checkin.record.permissions import visible_to
from huifeng.accounts.models import User
from members.people import actions as people
from tests.checkin.world import World, again


def test_the_bureau_of_the_area_is_the_desk(world: World) -> None:
    checkin = world.submitted(world.member(is_restricted=True))

    assert checkin.desk == world.city.districts[0]
    assert checkin not in visible_to(world.clerk)
    assert checkin not in visible_to(world.street_clerk)
    assert checkin not in visible_to(world.unit_clerk)
    assert checkin in visible_to(world.bureau_clerk)
    assert checkin in visible_to(checkin.retiree.user)


def test_the_bureau_confirms(world: World) -> None:
    checkin = world.submitted(world.member(is_restricted=True))

    confirmed = actions.confirm(checkin.pk, by=world.bureau_clerk)

    assert (confirmed.state, confirmed.community) == (State.CONFIRMED, world.here)


def test_a_request_under_way_moves_when_somebody_becomes_restricted_and_back(world: World) -> None:
    checkin = world.submitted()

    people.set_flags(checkin.retiree_id, by=User.objects.system(), is_restricted=True)
    hidden = again(checkin).desk
    people.set_flags(checkin.retiree_id, by=User.objects.system(), is_restricted=False)

    assert hidden == world.city.districts[0]
    assert again(checkin).desk == world.here
