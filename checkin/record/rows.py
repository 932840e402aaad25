"""What row-level security lets see of people because of their check-ins. Source: docs/rules.md, P2, C31."""

from huifeng.rowscope import policies
from huifeng.rowscope.policies import AREAS, BUREAUS, ORGANISATIONS

CHECKED_IN = "rowscope_checked_in"

# A check-in, over or not, of the viewer's organisations, of an overseen area or of a unit seated there: who reads one
# reads whom it is of. Somebody restricted: the bureau of its area alone
_CHECKED_IN = f"""
SELECT FROM checkin_record_checkin c LEFT JOIN communities_organisations_organisation u ON u.id = c.unit_id
 WHERE c.retiree_id = person
   AND (c.area_id ^@ ANY ({BUREAUS})
        OR NOT restricted AND (c.community_id = ANY ({ORGANISATIONS}) OR c.desk_id = ANY ({ORGANISATIONS})
           OR c.unit_id = ANY ({ORGANISATIONS}) OR c.area_id ^@ ANY ({AREAS}) OR u.division_id ^@ ANY ({AREAS})))
"""


def declare() -> None:
    """Add the check-in as a reason to see a person (`permissions.visible_to`)."""
    policies.function(CHECKED_IN, policies.OF_PERSON, _CHECKED_IN)
    policies.also(policies.PEOPLE, policies.person_found(CHECKED_IN))
