"""Which visits are due: set operations over everybody, or the same over one person. As the program.

The people, presets and days are all in the statement; nothing is asked person by person. Repeating a statement, or
running it twice at once, adds nothing: a line exists once for a person, mechanism and period.
Source: docs/rules.md, V1 to V4.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from huifeng.rowscope.scope import as_program

ALIVE = "r.died_on IS NULL AND r.merged_into_id IS NULL"

_COMMUNITY = """
  (SELECT c.community_id FROM checkin_record_checkin c
     JOIN communities_organisations_organisation k ON k.id = c.community_id AND k.kind = 'community'
    WHERE c.retiree_id = r.id AND c.state = 'confirmed')"""
_UNIT = """
  (SELECT m.unit_id FROM members_units_unitmembership m
     JOIN communities_organisations_organisation u ON u.id = m.unit_id AND u.kind = 'unit' AND u.closed_on IS NULL
    WHERE m.retiree_id = r.id AND m.valid_until IS NULL)"""
# Who visits person r by preset p: the side it names, else the other, else the bureau where the person lives.
# Somebody restricted is a bureau's business only (P2).
RESPONSIBLE = f"""COALESCE(
  CASE WHEN r.is_restricted THEN NULL WHEN p.responsible = 'unit' THEN {_UNIT} ELSE {_COMMUNITY} END,
  CASE WHEN r.is_restricted THEN NULL WHEN p.responsible = 'unit' THEN {_COMMUNITY} ELSE {_UNIT} END,
  (SELECT b.id FROM communities_organisations_organisation b
    WHERE b.kind = 'bureau' AND b.closed_on IS NULL AND b.division_id = left(r.residence_id, 6) || '000000'),
  (SELECT b.id FROM communities_organisations_organisation b
    WHERE b.kind = 'bureau' AND b.closed_on IS NULL ORDER BY b.division_id LIMIT 1))"""  # noqa: S608 -- our own words

_COLUMNS = (
    "retiree_id, preset_id, organisation_id, period, opened_on, due_on, campaign_id, state, ended_reason"
)
_INTO = f"INSERT INTO services_care_obligation ({_COLUMNS})"
_ONCE = "ON CONFLICT (retiree_id, preset_id, period) DO NOTHING"

# By rhythm: the period that holds the day, for whom the preset says.
_RHYTHM = f"""
{_INTO}
SELECT found.id, found.preset, found.who, found.first::text, found.first, found.last, NULL, 'due', ''
  FROM (
    SELECT r.id, p.id AS preset, {RESPONSIBLE} AS who, s.first,
           (s.first + CASE p.every WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || p.every)::interval END
             - interval '1 day')::date AS last
      FROM services_care_carepreset p
     CROSS JOIN LATERAL (SELECT date_trunc(p.every, %(day)s::timestamp)::date AS first) s
      JOIN members_people_retiree r ON {ALIVE} AND (
             p.whom = 'everybody' OR p.whom = 'lixiu' AND r.kind = 'lixiu'
          OR p.whom = 'resettled' AND r.resettled_on <> ''
          OR p.whom = 'team' AND EXISTS (
               SELECT FROM services_care_careteam t JOIN services_care_carepreset tp ON tp.id = t.preset_id
                WHERE t.retiree_id = r.id AND t.ended_on IS NULL AND tp.key = p.team))
     WHERE p.mode = 'rhythm' AND p.is_active AND (%(person)s::bigint IS NULL OR r.id = %(person)s)
       AND NOT EXISTS (SELECT FROM services_care_obligation o
                        WHERE o.retiree_id = r.id AND o.preset_id = p.id AND o.period = s.first::text)
  ) found
 ORDER BY found.id, found.preset
{_ONCE}"""  # noqa: S608 -- our own words

# By class: so many days after the last visit of who answers, else after the class was set. FOR SHARE makes a change
# of somebody's class wait for us, or us for it: no line is made by a class that is over.
_CLASS = f"""
WITH classed AS (
  SELECT c.id, c.retiree_id, c.attention, c.since FROM services_care_careclass c
   WHERE c.ended_on IS NULL AND (%(person)s::bigint IS NULL OR c.retiree_id = %(person)s)
   FOR SHARE)
{_INTO}
SELECT found.id, found.preset, found.who, found.class || ':' || s.start, s.start, s.start + found.days, NULL, 'due', ''
  FROM (SELECT r.id, p.id AS preset, p.days, {RESPONSIBLE} AS who, c.id AS class, c.since
          FROM classed c
          JOIN members_people_retiree r ON r.id = c.retiree_id AND {ALIVE}
          JOIN services_care_carepreset p ON p.mode = 'care_class' AND p.attention = c.attention AND p.is_active
         WHERE NOT EXISTS (SELECT FROM services_care_obligation o
                            WHERE o.retiree_id = r.id AND o.preset_id = p.id AND o.state = 'due')
       ) found
 CROSS JOIN LATERAL (
    SELECT GREATEST(found.since, max(v.visited_on)) AS start FROM services_care_visit v
     WHERE v.retiree_id = found.id AND v.organisation_id = found.who AND v.undone_at IS NULL) s
 ORDER BY found.id, found.preset
{_ONCE}"""  # noqa: S608 -- our own words

# A campaign's: everybody of an area, visited by who answers for them; a unit visits its own itself.
_CAMPAIGN = f"""
{_INTO}
SELECT found.id, %(preset)s, found.who, 'campaign:' || %(campaign)s, %(first)s, %(due)s, %(campaign)s, 'due', ''
  FROM (SELECT r.id, CASE WHEN %(unit)s::bigint IS NULL THEN {RESPONSIBLE} ELSE %(unit)s END AS who
          FROM members_people_retiree r JOIN services_care_carepreset p ON p.id = %(preset)s
         WHERE {ALIVE} AND (%(unit)s::bigint IS NULL OR NOT r.is_restricted AND EXISTS (
                 SELECT FROM members_units_unitmembership m
                  WHERE m.retiree_id = r.id AND m.valid_until IS NULL AND m.unit_id = %(unit)s))) found
  JOIN communities_organisations_organisation o ON o.id = found.who
 WHERE %(unit)s::bigint IS NOT NULL OR o.division_id ^@ %(area)s
 ORDER BY found.id
{_ONCE}"""  # noqa: S608 -- our own words

# What a night finds no longer owed, or owed by somebody else: people who died, check-ins and units that changed.
_ENDED = f"""
UPDATE services_care_obligation o SET state = 'ended', ended_reason = 'death'
  FROM members_people_retiree r WHERE r.id = o.retiree_id AND o.state = 'due' AND NOT ({ALIVE})"""  # noqa: S608 -- our own words
_FOLLOWED = f"""
UPDATE services_care_obligation o SET organisation_id = found.who
  FROM (SELECT d.id, {RESPONSIBLE} AS who
          FROM services_care_obligation d
          JOIN members_people_retiree r ON r.id = d.retiree_id AND {ALIVE}
          JOIN services_care_carepreset p ON p.id = d.preset_id
         WHERE d.state = 'due' AND (%(people)s::bigint[] IS NULL OR d.retiree_id = ANY (%(people)s))) found
 WHERE o.id = found.id AND o.state = 'due' AND found.who <> o.organisation_id"""  # noqa: S608 -- our own words
_WHO = f"""
SELECT {RESPONSIBLE} FROM members_people_retiree r JOIN services_care_carepreset p ON p.id = %(preset)s
 WHERE r.id = %(person)s"""  # noqa: S608 -- our own words


@as_program("who answers for people is not their visitor's to see")
@transaction.atomic
def make_due(today: date | None = None, *, retiree_id: int | None = None) -> int:
    """Make what is due by rhythm and class on `today`, for everybody or for one person; how many are new.

    Classes come first: while their rows are waited for, nothing is written that anybody could wait for. Rows are
    written in order of people, so that two runs at once wait for each other in one direction.
    """
    values = {"day": today or timezone.localdate(), "person": retiree_id}
    return _run(_CLASS, values) + _run(_RHYTHM, values)


@as_program("a line goes where its person went")
@transaction.atomic
def follow_people(people: Sequence[int] | None = None) -> int:
    """Let open lines of everybody, or of `people`, go to who answers for the person now; how many went."""
    return _run(_FOLLOWED, {"people": None if people is None else list(people)})


@as_program("the dead are owed no visit")
@transaction.atomic
def end_of_the_dead() -> int:
    """End open lines of people who died while lines were being made; how many."""
    return _run(_ENDED, {})


@as_program("everybody of an area is listed, whoever visits")
def list_people(
    *, campaign_id: int, preset_id: int, first: date, due: date, area: str = "", unit_id: int | None = None
) -> int:
    """Make the lines of a campaign in the caller's transaction; how many are new."""
    return _run(
        _CAMPAIGN,
        {"campaign": campaign_id, "preset": preset_id, "first": first, "due": due, "area": area, "unit": unit_id},
    )  # fmt: skip


@as_program("who answers for a person is not its visitor's to see")
def responsible(retiree_id: int, preset_id: int) -> int:
    """The key of the organisation that visits the person by this preset."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO, {"preset": preset_id, "person": retiree_id})
        return int(cursor.fetchone()[0])


def _run(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
