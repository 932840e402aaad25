"""What row-level security lets see of people because of their check-ins. Source: docs/rules.md, P2, C31."""

from huifeng.rowscope import policies

CHECKED_IN = "rowscope_checked_in"

# A check-in, over or not, of the viewer's organisations, of an overseen area or of a unit seated there: who reads one
# reads whom it is of. Somebody restricted: the bureau of its area alone
_CHECKED_IN = """
SELECT FROM checkin_record_checkin c
 WHERE c.retiree_id = person
   AND (c.area_id ^@ ANY (CASE WHEN restricted THEN bureaus ELSE areas END)
        OR NOT restricted AND (c.community_id = ANY (ours) OR c.desk_id = ANY (ours) OR c.unit_id = ANY (ours)
           OR areas IS NOT NULL AND (SELECT u.division_id FROM communities_organisations_organisation u
               WHERE u.id = c.unit_id) ^@ ANY (areas)))
"""


def declare() -> None:
    """Add the check-in as a reason to see a person (`permissions.visible_to`)."""
    policies.function(CHECKED_IN, policies.OF_PERSON, _CHECKED_IN)
    policies.also(policies.PEOPLE, policies.person_found(CHECKED_IN))
