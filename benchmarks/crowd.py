"""People of a whole city with their check-ins, made by the database itself: two thirds have checked in.

Every hundredth asks at the moment, every fiftieth moved once, some left again. See register.py for the people.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from checkin.record.models import CheckIn, CheckInEvent
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree

from . import register

Kind = Organisation.Kind
MORE = {
    **dict.fromkeys(("id_number", "id_index", "phone", "phone_index"), "NULL"),  # lists open what is sealed
    "residence_id": "(%(places)s::text[])[1 + (i * 7919::bigint) %% %(many_places)s]",
    "kind": "CASE WHEN i %% 60 = 0 THEN 'lixiu' ELSE 'tuixiu' END",
    "rank": "(ARRAY['ministry_2','bureau_2','county_1','county_2','section_1','clerk','clerk','other'])"
    "[1 + least(7, floor(random() * 9)::int)]",
    "political_status": "CASE WHEN i %% 3 = 0 THEN 'masses' ELSE 'cpc' END",
    "retired_on": "'2010-04'",
    "died_on": "CASE WHEN i %% 400 = 0 THEN (current_date - (i %% 700)::int) END",
}
# A person's check-ins in order: `nth` 0 is one that ended by moving, 1 the one in force or ended since, 2 a request.
CHECKINS = f"""
INSERT INTO {CheckIn._meta.db_table} ({{columns}})
SELECT {{values}} FROM (
    SELECT r.id, r.died_on, n.nth, c.id AS community, c.division_id AS area, m.unit_id AS unit,
        now() - make_interval(hours => (20 + (r.id * 31 + n.nth * 17) %% 690)::int * 24)
            - CASE WHEN n.nth = 0 THEN interval '700 days' ELSE interval '0' END AS confirmed
    FROM {Retiree._meta.db_table} r
    JOIN members_units_unitmembership m ON m.retiree_id = r.id AND m.valid_until IS NULL
    CROSS JOIN generate_series(0, 2) AS n (nth)
    JOIN {Organisation._meta.db_table} c ON c.kind = 'community'
        AND c.division_id = CASE WHEN n.nth = 0 THEN (%(places)s::text[])[1 + (r.id * 31) %% %(many_places)s]
                                 ELSE r.residence_id END
    WHERE r.original_unit = '{register.MARK}' AND r.id BETWEEN %(first)s AND %(last)s
        AND CASE n.nth WHEN 0 THEN r.id %% 50 = 1 AND r.id %% 3 > 0 WHEN 1 THEN r.id %% 3 > 0
            ELSE r.id %% 100 = 0 AND r.died_on IS NULL AND r.id %% 3 = 0 END
) AS x
"""
ENDED = "(x.nth = 0 OR (x.nth = 1 AND (x.died_on IS NOT NULL OR x.id %% 80 = 7)))"
ENDED_AT = (
    "CASE WHEN x.nth = 0 THEN x.confirmed + interval '400 days' WHEN x.died_on IS NOT NULL THEN"
    " greatest(x.died_on::timestamptz, x.confirmed) + interval '2 hours' ELSE x.confirmed + interval '15 days' END"
)
GIVEN = {
    "retiree_id": "x.id",
    "state": f"CASE WHEN x.nth = 2 THEN 'verified' WHEN {ENDED} THEN 'ended' ELSE 'confirmed' END",
    "channel": "(ARRAY['online','counter','family','phone','home_visit'])[1 + x.id %% 5]",
    "number": "'B' || x.nth || x.id",
    "token": "'b' || x.nth || '-' || x.id",
    "version": "1",
    "unit_id": "x.unit",
    "community_id": "x.community",
    "area_id": "x.area",
    "desk_id": "CASE WHEN x.nth = 2 THEN x.community END",
    "due_on": "CASE WHEN x.nth = 2 THEN current_date + (x.id %% 9)::int - 4 END",
    "street_on": "CASE WHEN x.nth = 2 THEN current_date + 9 END",
    "bureau_on": "CASE WHEN x.nth = 2 THEN current_date + 12 END",
    "declared": "'{}'::jsonb",
    "created_by_id": "%(system)s",
    "created_at": "CASE WHEN x.nth = 2 THEN now() - interval '6 days' ELSE x.confirmed - interval '3 days' END",
    "submitted_at": "CASE WHEN x.nth = 2 THEN now() - interval '5 days' ELSE x.confirmed - interval '2 days' END",
    "verified_at": "CASE WHEN x.nth = 2 THEN now() - interval '5 days' ELSE x.confirmed - interval '2 days' END",
    "clock_started_at": "CASE WHEN x.nth = 2 THEN now() - interval '5 days' ELSE x.confirmed - interval '2 days' END",
    "confirmed_at": "CASE WHEN x.nth < 2 THEN x.confirmed END",
    "ended_at": f"CASE WHEN {ENDED} THEN {ENDED_AT} END",
    "end_reason": f"CASE WHEN NOT {ENDED} THEN '' WHEN x.nth = 0 THEN 'moved' WHEN x.died_on IS NOT NULL"
    " THEN 'death' ELSE 'withdrawn' END",
    "dates_provisional": "false",
}
EVENTS = f"""
INSERT INTO {CheckInEvent._meta.db_table} (checkin_id, move, from_state, to_state, at, actor_id, actor_name, role,
    reason, words, before, after)
SELECT c.id, e.move, '', e.state, e.at, %(system)s, '系统', '系统', '', '', '{{}}',
    jsonb_build_object('community', c.community_id)
FROM {CheckIn._meta.db_table} c CROSS JOIN LATERAL (
    SELECT 'auto_verified', 'verified', c.submitted_at
    UNION ALL SELECT 'confirmed', 'confirmed', c.confirmed_at WHERE c.confirmed_at IS NOT NULL
    UNION ALL SELECT 'ended', 'ended', c.ended_at WHERE c.ended_at IS NOT NULL
) AS e (move, state, at)
WHERE c.retiree_id BETWEEN %(first)s AND %(last)s AND c.number LIKE 'B%%'
ORDER BY c.id, e.at
"""


def fill(wanted: int, say: Callable[[str], None]) -> None:
    """`wanted` people of the whole city with check-ins and events. Repeating it changes nothing."""
    communities = Organisation.objects.open().filter(kind=Kind.COMMUNITY).order_by("division_id")
    places = list(communities.values_list("division_id", flat=True))
    units = list(
        Organisation.objects.open().filter(kind=Kind.UNIT).order_by("pk").values_list("pk", flat=True)
    )
    params: dict[str, Any] = {"places": places, "many_places": len(places)}
    register.fill(wanted, units, say, MORE, params)
    people = Retiree.objects.filter(original_unit=register.MARK, checkins=None).order_by("pk")
    first = people.values_list("pk", flat=True).first()
    if CheckIn.objects.filter(number__startswith="B").exists() or first is None:
        return
    last = people.values_list("pk", flat=True).last() or first
    columns = [field for field in CheckIn._meta.concrete_fields if field.column != "id"]
    values = [GIVEN.get(str(field.column), "NULL" if field.null else "''") for field in columns]
    statement = CHECKINS.format(
        columns=", ".join(str(field.column) for field in columns), values=", ".join(values)
    )
    params |= {"system": User.objects.system().pk}
    for start in range(first, last + 1, register.STEP):
        part = params | {"first": start, "last": min(start + register.STEP - 1, last)}
        with connection.cursor() as cursor:
            cursor.execute(statement, part)
            cursor.execute(EVENTS, part)
        say(f"check-ins: {part['last'] - first + 1:,} people ({timezone.localtime():%H:%M:%S})")
