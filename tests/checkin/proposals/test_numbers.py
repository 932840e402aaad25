"""Numbers in proposals and comparisons are masked, a landline as every phone."""

from checkin.api.serializers.others import Proposal
from checkin.proposals import values, wording
from members.duplicates.comparison import in_words
from tests.checkin.proposals import said
from tests.checkin.world import World

LANDLINE = "0532-85881234"


def test_a_landline_is_masked_until_somebody_looks(world: World) -> None:
    retiree = world.member(landline=LANDLINE)

    assert LANDLINE not in values.say("landline", retiree.landline)
    assert values.say("landline", retiree.landline, in_full=True) == LANDLINE
    assert LANDLINE not in in_words(retiree, "landline")


def test_a_proposed_landline_is_masked_for_systems_and_may_be_looked_at(world: World) -> None:
    retiree = world.confirmed(world.member()).retiree
    proposal = said.of_unit(world, retiree, landline=LANDLINE)

    assert LANDLINE not in str(Proposal(proposal).data["new"])
    assert wording.numbers(proposal)
