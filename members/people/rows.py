"""The views by which row-level security knows a viewer's own people, and whom only bureaus may name (rules P2)."""

from huifeng.rowscope import policies, views

_OWN = f"""
SELECT r.id AS retiree_id FROM members_people_retiree r WHERE r.user_id = {policies.USER}
 UNION ALL
SELECT h.retiree_id FROM members_people_helper h WHERE h.user_id = {policies.USER} AND h.ended_at IS NULL
"""  # noqa: S608 -- constants
# A row that was merged into that of a restricted person is about the same person.
_RESTRICTED = """
SELECT id FROM members_people_retiree WHERE is_restricted
 UNION ALL
SELECT merged.id FROM members_people_retiree merged
  JOIN members_people_retiree stays ON stays.id = merged.merged_into_id WHERE stays.is_restricted
"""


def declare() -> None:
    policies.view(views.OWN, _OWN)
    policies.view(views.RESTRICTED, _RESTRICTED)
