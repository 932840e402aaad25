"""What an organisation's own system says wrongly that it holds."""

from typing import Any

from checkin.reconciliation import actions
from checkin.record.models import CheckIn
from members.people.models import Retiree
from tests.checkin.world import World
from tests.communities.factories import make_unit

from .sound import Damage, enrolled


def entry(retiree: Retiree, **said: Any) -> dict[str, Any]:
    version = Retiree.objects.values_list("version", flat=True).get(pk=retiree.pk)
    return {"version": version, "checkin": "", "community": ""} | said


def posted(world: World, entries: dict[int, dict[str, Any]]) -> None:
    """The unit's own system says so in two parts; what is older than it has settled."""
    some = sorted(entries)
    for part in (some[:1], some[1:]):
        actions.keep_digest(world.unit, {pk: entries[pk] for pk in part}, run="run", by=world.unit_clerk)


def holding(world: World) -> tuple[Retiree, CheckIn, dict[int, dict[str, Any]]]:
    """Somebody without and somebody with a check-in, and what the unit's system should say of both."""
    alone, checkin = enrolled(world.unit), world.confirmed(enrolled(world.unit))
    right = {
        alone.pk: entry(alone),
        checkin.retiree_id: entry(checkin.retiree, checkin="confirmed", community=world.here.code),
    }
    return alone, checkin, right


def outside_lacks_somebody(world: World) -> Damage:
    alone, _, right = holding(world)

    def damage() -> int:
        del right[alone.pk]
        posted(world, right)
        return alone.pk

    return damage


def outside_has_somebody_else(world: World) -> Damage:
    _, _, right = holding(world)
    stranger = enrolled(make_unit())

    def damage() -> int:
        posted(world, right | {stranger.pk: entry(stranger)})
        return stranger.pk

    return damage


def outside_is_older(world: World) -> Damage:
    alone, _, right = holding(world)

    def damage() -> int:
        right[alone.pk]["version"] -= 1
        posted(world, right)
        return alone.pk

    return damage


def outside_has_another_state(world: World) -> Damage:
    _, checkin, right = holding(world)

    def damage() -> int:
        right[checkin.retiree_id]["checkin"] = "verified"
        posted(world, right)
        return checkin.retiree_id

    return damage
