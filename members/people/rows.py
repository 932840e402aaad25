"""The views by which row-level security knows a viewer's own people, and whom only bureaus may name (rules P2)."""

from huifeng.rowscope import policies, views

_OWN = f"""
SELECT r.id AS retiree_id FROM members_people_retiree r WHERE r.user_id = {policies.USER}
 UNION ALL
SELECT h.retiree_id FROM members_people_helper h WHERE h.user_id = {policies.USER} AND h.ended_at IS NULL
"""  # noqa: S608 -- constants
# A row that was merged into that of a restricted person, over however many merges, is about the same person.
_RESTRICTED = """
WITH RECURSIVE hidden AS (
  SELECT id FROM members_people_retiree WHERE is_restricted
   UNION
  SELECT merged.id FROM members_people_retiree merged JOIN hidden ON hidden.id = merged.merged_into_id
   WHERE merged.merged_into_id IS NOT NULL
) SELECT id FROM hidden
"""


def declare() -> None:
    policies.view(views.OWN, _OWN)
    policies.view(views.RESTRICTED, _RESTRICTED)
