"""Finding unusual looks in the audit, in one statement for everybody. Thresholds are settings (docs/security.md).

Systems of others (an account that cannot log in) are left out: they read many people at night, and within limits of
their own. Whom somebody reads beyond their own area is told from where the person lives, checked in, is or was
a member, or claims to be; a look that was refused counts without asking.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from checkin.record.models import CheckIn
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.people.looks import LISTED, REFUSED, VIEWED
from members.people.models import Retiree
from members.units.models import UnitMembership

LOOK_BACK = timedelta(hours=30)  # a day, and what a beat that stood still for some hours left behind
NIGHT_FROM, NIGHT_UNTIL = 22, 6  # hours in Shanghai
ONE_PERSON = (VIEWED, "people.revealed", "people.searched")
READ = (*ONE_PERSON, LISTED, "people.looked_up", "checkin.printed", "checkin.seen_paper", "proposal.revealed")


@dataclass(frozen=True)
class Unusual:
    """What one reader did on one day; `office`: for whom the last of it was."""

    kind: str
    reader: int
    office: int
    day: date
    number: int
    first_at: datetime
    last_at: datetime


FIND = f"""
WITH looks AS MATERIALIZED (
  SELECT e.actor_id AS reader, e.organisation_id AS office, e.at, e.action, e.target_type AS type,
         e.target_id AS target,
         coalesce((e.after->>'count')::int, 1) AS count, e.at AT TIME ZONE 'Asia/Shanghai' AS here
  FROM {AuditEntry._meta.db_table} e
  JOIN {User._meta.db_table} u ON u.id = e.actor_id AND NOT (u.password LIKE '!%%' AND u.phone_index IS NULL)
  WHERE e.at >= %(since)s AND e.at <= %(now)s AND e.organisation_id IS NOT NULL
    AND e.action = ANY(%(all)s::text[])
), opened AS MATERIALIZED (
  SELECT * FROM looks WHERE action = ANY(%(one)s) AND type = '{Retiree._meta.label_lower}'
), busy AS (
  SELECT reader FROM opened GROUP BY reader HAVING count(DISTINCT target) >= %(many)s
), hours AS (
  SELECT 'many' AS kind, reader, office, at, target, 0 AS count, ends FROM busy JOIN opened USING (reader)
  CROSS JOIN LATERAL generate_series(date_trunc('minute', at), date_trunc('minute', at) + interval '59 minutes',
                                     interval '1 minute') AS ends
), leafing AS (
  SELECT reader FROM looks WHERE action = '{LISTED}' GROUP BY reader HAVING sum(count) >= %(lists)s
), leaves AS (
  SELECT 'lists' AS kind, reader, office, at, count, ends FROM leafing JOIN looks USING (reader)
  CROSS JOIN LATERAL generate_series(date_trunc('minute', at), date_trunc('minute', at) + interval '59 minutes',
                                     interval '1 minute') AS ends
  WHERE action = '{LISTED}'
), beyond AS (
  SELECT reader, office, at, here, type, target FROM looks WHERE action = ANY(%(refused)s)
  UNION ALL
  SELECT o.reader, o.office, o.at, o.here, o.type, o.target FROM opened o
  JOIN {Organisation._meta.db_table} mine ON mine.id = o.office
  LEFT JOIN {Division._meta.db_table} place ON place.code = mine.division_id
  CROSS JOIN LATERAL (SELECT CASE WHEN mine.kind IN ('unit', 'external_unit') THEN NULL
                      WHEN place.level = 'city' THEN left(place.code, 4) WHEN place.level = 'district' THEN
                      left(place.code, 6) WHEN place.level = 'street' THEN left(place.code, 9)
                      ELSE place.code END || '%%' AS prefix) AS area
  WHERE NOT EXISTS (SELECT FROM {Retiree._meta.db_table} p
                    LEFT JOIN {Organisation._meta.db_table} claimed ON claimed.id = p.claimed_unit_id
                    WHERE p.id = o.target::bigint
                    AND (p.residence_id LIKE area.prefix OR claimed.id = mine.id OR claimed.division_id LIKE area.prefix
                         OR p.user_id = o.reader))
    AND NOT EXISTS (SELECT FROM {UnitMembership._meta.db_table} m
                    JOIN {Organisation._meta.db_table} unit ON unit.id = m.unit_id
                    WHERE m.retiree_id = o.target::bigint
                    AND (unit.id = mine.id OR unit.division_id LIKE area.prefix))
    AND NOT EXISTS (SELECT FROM {CheckIn._meta.db_table} c
                    LEFT JOIN {Organisation._meta.db_table} unit ON unit.id = c.unit_id
                    WHERE c.retiree_id = o.target::bigint
                    AND (mine.id IN (c.community_id, c.unit_id, c.desk_id) OR c.area_id LIKE area.prefix
                         OR unit.division_id LIKE area.prefix))
), found AS (
  SELECT kind, reader, (array_agg(office ORDER BY at DESC))[1] AS office,
         (max(at) AT TIME ZONE 'Asia/Shanghai')::date AS day,
         count(DISTINCT target) AS number, min(at) AS first_at, max(at) AS last_at
  FROM hours GROUP BY kind, reader, ends HAVING count(DISTINCT target) >= %(many)s
  UNION ALL
  SELECT kind, reader, (array_agg(office ORDER BY at DESC))[1], (max(at) AT TIME ZONE 'Asia/Shanghai')::date,
         sum(count), min(at), max(at)
  FROM leaves GROUP BY kind, reader, ends HAVING sum(count) >= %(lists)s
  UNION ALL
  SELECT 'night', reader, (array_agg(office ORDER BY at DESC))[1],
         (here - make_interval(hours => {NIGHT_UNTIL}))::date AS night, count(*), min(at), max(at)
  FROM looks WHERE action = ANY(%(read)s)
    AND (extract(hour FROM here) >= {NIGHT_FROM} OR extract(hour FROM here) < {NIGHT_UNTIL})
  GROUP BY reader, night HAVING count(*) >= %(night)s
  UNION ALL
  SELECT 'outside', reader, (array_agg(office ORDER BY at DESC))[1], here::date AS day,
         count(DISTINCT (type, target)), min(at), max(at)
  FROM beyond GROUP BY reader, here::date HAVING count(DISTINCT (type, target)) >= %(outside)s
)
SELECT DISTINCT ON (kind, reader, day) kind, reader, office, day, number, first_at, last_at
FROM found ORDER BY kind, reader, day, number DESC, last_at
"""  # noqa: S608  # names of tables and constants


def find(at: datetime | None = None) -> list[Unusual]:
    """What is unusual in the last LOOK_BACK before `at` (now); for each reader, kind and day the strongest hour."""
    now = at or timezone.now()
    wanted: dict[str, Any] = {
        "since": now - LOOK_BACK,
        "now": now,
        "all": [*READ, REFUSED],
        "read": list(READ),
        "one": list(ONE_PERSON),
        "refused": [REFUSED],
        "many": settings.ACCESS_PEOPLE_AN_HOUR,
        "lists": settings.ACCESS_LISTED_AN_HOUR,
        "night": settings.ACCESS_LOOKS_AT_NIGHT,
        "outside": settings.ACCESS_PEOPLE_OUTSIDE,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, wanted)
        return [Unusual(*row) for row in cursor.fetchall()]
