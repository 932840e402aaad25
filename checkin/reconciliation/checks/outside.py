"""Outside systems: does what an organisation's own system says it holds agree with what we hold?"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from checkin.record.models import CheckIn, CheckInEvent
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.units.models import UnitMembership

from .. import notices
from ..comparing import Check, Finding, ask
from ..models import PostedDigest

DIGEST, NOTICE = PostedDigest._meta.db_table, Notice._meta.db_table
CHECKIN, EVENT, PERSON = CheckIn._meta.db_table, CheckInEvent._meta.db_table, Retiree._meta.db_table
ORGANISATION, MEMBERSHIP = Organisation._meta.db_table, UnitMembership._meta.db_table

# The newest posting of each organisation, a row a person; what changed here since it was posted is no drift, and
# neither is what was corrected after it. A unit should hold its living people, a community who is checked in there.
_OUTSIDE = f"""
WITH newest AS (
  SELECT DISTINCT ON (organisation_id) organisation_id, run FROM {DIGEST} ORDER BY organisation_id, id DESC
), parts AS (
  SELECT d.organisation_id, d.items, min(d.posted_at) OVER posting AS posted_at, min(d.id) OVER posting AS posting
  FROM {DIGEST} d JOIN newest USING (organisation_id, run) WINDOW posting AS (PARTITION BY d.organisation_id)
), held AS (
  SELECT DISTINCT ON (p.organisation_id, i.key) p.organisation_id, i.key::bigint AS person,
    (i.value ->> 'version')::bigint AS version, coalesce(i.value ->> 'checkin', '') AS state,
    coalesce(i.value ->> 'community', '') AS community
  FROM parts p CROSS JOIN LATERAL jsonb_each(p.items) AS i
), posters AS (
  SELECT DISTINCT p.organisation_id, p.posted_at, p.posting, o.kind
  FROM parts p JOIN {ORGANISATION} o ON o.id = p.organisation_id AND o.closed_on IS NULL
), ours AS (
  SELECT p.organisation_id, m.retiree_id AS person FROM posters p JOIN {MEMBERSHIP} m
    ON m.unit_id = p.organisation_id AND m.valid_until IS NULL WHERE p.kind = 'unit'
  UNION
  SELECT p.organisation_id, c.retiree_id FROM posters p JOIN {CHECKIN} c
    ON c.community_id = p.organisation_id AND c.state = 'confirmed' WHERE p.kind = 'community'
), sides AS (
  SELECT coalesce(h.organisation_id, s.organisation_id) AS organisation_id,
    coalesce(h.person, s.person) AS person, h.version, h.state, h.community, h.person IS NULL AS lacks,
    s.person IS NULL AS strange
  FROM held h FULL JOIN ours s ON s.organisation_id = h.organisation_id AND s.person = h.person
)
SELECT s.organisation_id AS organisation, s.person, p.posting AS subject,
  CASE WHEN s.lacks THEN 'outside.missing' WHEN r.id IS NULL OR s.strange AND NOT near.is_near THEN 'outside.extra'
    WHEN s.version < r.version THEN 'outside.version' ELSE 'outside.state' END AS field,
  coalesce(s.version::text, '') AS held_version, coalesce(s.state, '') AS held_state,
  coalesce(r.version::text, '') AS version, coalesce(now.state, '') AS state
FROM sides s
JOIN posters p USING (organisation_id)
LEFT JOIN {PERSON} r ON r.id = s.person AND r.merged_into_id IS NULL AND NOT r.is_restricted
LEFT JOIN LATERAL (
  SELECT array_agg(c.state) AS states, array_agg(coalesce(o.code, '')) AS communities,
    (array_agg(c.state ORDER BY c.state = 'confirmed' DESC, c.id DESC))[1] AS state
  FROM {CHECKIN} c LEFT JOIN {ORGANISATION} o ON o.id = c.community_id
  WHERE c.retiree_id = r.id AND c.state = ANY(%(present)s)
) AS now ON true
LEFT JOIN LATERAL (
  SELECT p.kind = 'bureau' OR EXISTS (SELECT FROM {CHECKIN} c WHERE c.retiree_id = s.person
      AND p.organisation_id IN (c.community_id, c.desk_id) AND c.state = ANY(%(open)s))
    OR EXISTS (SELECT FROM {ORGANISATION} o JOIN {PERSON} x ON x.residence_id = o.division_id
      WHERE o.id = p.organisation_id AND x.id = s.person) AS is_near
) AS near ON true
WHERE (r.id IS NULL OR r.updated_at <= p.posted_at)
  AND NOT (s.lacks AND (r.id IS NULL OR r.died_on IS NOT NULL))
  AND NOT EXISTS (SELECT FROM {EVENT} e JOIN {CHECKIN} c ON c.id = e.checkin_id
    WHERE c.retiree_id = s.person AND e.at > p.posted_at)
  AND NOT EXISTS (SELECT FROM {NOTICE} n WHERE n.receiver_id = s.organisation_id
    AND n.key = 'correction:' || p.posting || ':' || s.person)
  AND (s.lacks OR r.id IS NULL OR s.strange AND NOT near.is_near OR s.version < r.version
    OR CASE WHEN now.states IS NULL THEN s.state <> '' AND s.state = ANY(%(present)s)
      ELSE s.state <> ALL(now.states) OR s.community <> '' AND s.community <> ALL(now.communities) END)
ORDER BY 1, 2
"""  # noqa: S608 -- names of tables

_STATES = f"""
SELECT r.id AS person, r.version, c.state, c.number, o.code AS community, r.died_on IS NOT NULL AS died
FROM {PERSON} r
LEFT JOIN LATERAL (SELECT * FROM {CHECKIN} c WHERE c.retiree_id = r.id AND c.state = ANY(%(present)s)
  ORDER BY c.state = 'confirmed' DESC, c.id DESC LIMIT 1) AS c ON true
LEFT JOIN {ORGANISATION} o ON o.id = c.community_id
WHERE r.id = ANY(%(people)s)
"""  # noqa: S608 -- names of tables

PRESENT = [*(str(state) for state in CheckIn.AT_DESK), str(CheckIn.State.CONFIRMED)]
OPEN = [*PRESENT, str(CheckIn.State.DRAFT)]


def outside() -> list[Finding]:
    return [_finding(row) for row in ask(_OUTSIDE, present=PRESENT, open=OPEN)]


def _finding(row: Mapping[str, Any]) -> Finding:
    expected, found = {
        "outside.missing": ("对方有这个人", "没有"),
        "outside.extra": ("对方没有这个人", "有"),
        "outside.version": (f"第 {row['version']} 版", f"第 {row['held_version']} 版"),
        "outside.state": (_state(row["state"]), _state(row["held_state"])),
    }[row["field"]]
    return Finding(
        person=int(row["person"]),
        organisation=int(row["organisation"]),
        field=row["field"],
        expected=expected,
        found=found,
        subject=int(row["subject"]),
    )


def _state(code: str) -> str:
    return str(CheckIn.State(code).label) if code else "没有报到"


def correct(findings: list[Finding]) -> None:
    """Tell each organisation the right state of each person, once for each posting."""
    people = sorted({f.person for f in findings if f.person is not None})
    with connection.cursor() as cursor:
        cursor.execute(_STATES, {"people": people, "present": PRESENT})
        names = [column.name for column in cursor.description]
        now = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    notices.correct(findings, now, at=timezone.now())


CHECKS = [
    Check(
        "outside",
        "对方系统里的不一样",
        "对方系统报来的名单与这里不同：少人、多人、资料旧了或状态不同。可以再通知一次正确的情况。",
        outside,
        correct,
    )
]
