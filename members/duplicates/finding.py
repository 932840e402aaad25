"""The search for likely duplicates: a few statements over the whole register, or over one unit's people.

Why a stored list: two rows of one person stand anywhere in the register, and a join of everybody with everybody
of the same name takes seconds at a million people. No page waits for it: it runs at night, pages read what it
found. A unit can have its own people looked at again at once, which reads only them.
"""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

# Equal name and unit, and the same day of birth; the same month where a row without ID number says the 1st,
# as old rosters do that knew year and month only. Or equal name and phone, in whatever unit.
FIND = """
WITH belongs AS MATERIALIZED (
    SELECT retiree_id, unit_id FROM members_units_unitmembership WHERE valid_until IS NULL {members}
    UNION
    SELECT id, claimed_unit_id FROM members_people_retiree WHERE claimed_unit_id IS NOT NULL {claimants}
), person AS MATERIALIZED (
    SELECT r.id, b.unit_id, r.name, r.birth_date, date_trunc('month', r.birth_date) AS month,
           r.id_index IS NULL AND extract(day FROM r.birth_date) = 1 AS month_only
    FROM belongs b JOIN members_people_retiree r ON r.id = b.retiree_id
    WHERE r.died_on IS NULL AND r.merged_into_id IS NULL
), caller AS MATERIALIZED (
    SELECT id, name, phone_index FROM members_people_retiree
    WHERE phone_index IS NOT NULL AND died_on IS NULL AND merged_into_id IS NULL {callers}
), pair AS (
    SELECT a.id AS first, b.id AS second, a.unit_id, true AS by_birth, false AS by_phone
    FROM person a JOIN person b ON b.unit_id = a.unit_id AND b.name = a.name AND b.month = a.month
    WHERE a.id < b.id AND (a.birth_date = b.birth_date OR a.month_only OR b.month_only)
    UNION ALL
    SELECT a.id, b.id, NULL, false, true
    FROM caller a JOIN caller b ON b.phone_index = a.phone_index AND b.name = a.name
    WHERE a.id < b.id
), found AS (
    SELECT first, second, bool_or(by_birth) AS by_birth, bool_or(by_phone) AS by_phone, min(unit_id) AS unit_id
    FROM pair GROUP BY first, second
), placed AS (
    SELECT found.*, one.place AS here, one.units AS units, two.place AS there, two.units AS other_units
    FROM found, LATERAL ({place_of_first}) one, LATERAL ({place_of_second}) two
)
INSERT INTO members_duplicates_duplicatepair
    (first_id, second_id, by_birth, by_phone, unit_id, area, holds, found_at, dismissed_words)
SELECT first, second, by_birth, by_phone,
       COALESCE(unit_id, (SELECT min(u) FROM unnest(units) u WHERE u = ANY (other_units))),
       CASE WHEN left(here, 6) = left(there, 6) THEN left(here, 6)
            WHEN left(here, 4) = left(there, 4) THEN left(here, 4) ELSE '' END,
       true, %(now)s, ''
FROM placed ORDER BY first, second
ON CONFLICT (first_id, second_id) DO UPDATE
SET by_birth = EXCLUDED.by_birth, by_phone = EXCLUDED.by_phone, unit_id = EXCLUDED.unit_id,
    area = EXCLUDED.area, holds = true, found_at = EXCLUDED.found_at
"""
# Where the person belongs (rules P10): the unit's seat, else the home, else the seat of the unit named.
PLACE = """
    SELECT COALESCE(u.division_id, r.residence_id, c.division_id, '') AS place,
           array_remove(ARRAY[m.unit_id, r.claimed_unit_id], NULL) AS units
    FROM members_people_retiree r
    LEFT JOIN members_units_unitmembership m ON m.retiree_id = r.id AND m.valid_until IS NULL
    LEFT JOIN communities_organisations_organisation u ON u.id = m.unit_id
    LEFT JOIN communities_organisations_organisation c ON c.id = r.claimed_unit_id
    WHERE r.id = found.{side}
"""
FORGET = (
    "UPDATE members_duplicates_duplicatepair SET holds = false WHERE holds AND found_at < %(now)s {pairs}"
)
OF_UNIT = {
    "members": "AND unit_id = %(unit)s",
    "claimants": "AND claimed_unit_id = %(unit)s",
    "callers": "AND id IN (SELECT retiree_id FROM belongs)",
    "pairs": "AND unit_id = %(unit)s",
}


@transaction.atomic
def search(unit_id: int | None = None) -> int:
    """Look for duplicates among everybody, or the people of one unit; how many pairs there are.

    What is no longer found does not hold any more. Repeating it changes nothing but the time; two at once wait
    for each other at the first pair they share.
    """
    narrowed = OF_UNIT if unit_id else dict.fromkeys(OF_UNIT, "")
    places = {f"place_of_{side}": PLACE.format(side=side) for side in ("first", "second")}
    values: dict[str, Any] = {"now": timezone.now(), "unit": unit_id}
    with connection.cursor() as cursor:
        cursor.execute(FIND.format(**narrowed, **places), values)
        found = cursor.rowcount
        cursor.execute(FORGET.format(**narrowed), values)
    return found
