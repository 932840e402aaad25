"""What row-level security lets see of people because of their unit. Source: docs/rules.md, P2."""

from huifeng.rowscope import policies
from huifeng.rowscope.policies import ORGANISATIONS

MEMBER = "rowscope_member"

# The open membership is in a unit of the viewer's, or in one seated in an overseen area; somebody restricted is a
# bureau's business. The seat is looked up by key for who oversees any: a join may be planned the wrong way round
_MEMBER = """
SELECT FROM members_units_unitmembership m
 WHERE m.retiree_id = person AND m.valid_until IS NULL
   AND (NOT restricted AND m.unit_id = ANY (ours)
        OR areas IS NOT NULL AND (SELECT u.division_id FROM communities_organisations_organisation u
            WHERE u.id = m.unit_id) ^@ ANY (CASE WHEN restricted THEN bureaus ELSE areas END))
"""


def declare() -> None:
    """Add the unit's reasons to see a person: the open membership, and the unit a claimed person names."""
    policies.function(MEMBER, policies.OF_PERSON, _MEMBER)
    policies.also(
        policies.PEOPLE,
        "NOT {own}.is_restricted AND {own}.standing = 'claimed'"
        f" AND {{own}}.claimed_unit_id = ANY ({ORGANISATIONS})",
        policies.person_found(MEMBER),
    )
