"""What row-level security lets see of people because of their unit. Source: docs/rules.md, P2."""

from huifeng.rowscope import policies
from huifeng.rowscope.policies import AREAS, BUREAUS, ORGANISATIONS

MEMBER = "rowscope_member"

# The open membership is in a unit of the viewer's, or in one seated in an overseen area; somebody restricted is a
# bureau's business
_MEMBER = f"""
SELECT FROM members_units_unitmembership m JOIN communities_organisations_organisation u ON u.id = m.unit_id
 WHERE m.retiree_id = person AND m.valid_until IS NULL
   AND (u.division_id ^@ ANY ({BUREAUS})
        OR NOT restricted AND (m.unit_id = ANY ({ORGANISATIONS}) OR u.division_id ^@ ANY ({AREAS})))
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
