"""Who can have come, gone or died in an open month: found by indexes, without looking at everybody.

Each list is a superset of the people whose `came`, `gone` or `died` (live_sql.py) says something in the month. The
movements are the difference between two states of a person, so they can only stem from what happened in the month
(a check-in confirmed or ended, a death, a community that took another over) or, where the state at the start is what
a closing froze, from what was written about the check-in, the person or the place since that closing was counted.
The condition of the measure itself is asked of these people as of everybody: a name too many changes no figure.
"""

from collections.abc import Mapping
from typing import Any

from checkin.statistics.catalogue import Measure
from checkin.statistics.facts import Relation
from checkin.statistics.live_sql import CHECKIN, EVENT, FACT, MEMBERSHIP, ORGANISATION, PERSON
from checkin.statistics.models import MonthlyTotal
from communities.organisations.models import Organisation

from .asking import look_up

Kind = Organisation.Kind
TOTAL = MonthlyTotal._meta.db_table

_CONFIRMED = f"SELECT retiree_id FROM {CHECKIN} WHERE confirmed_at >= %(start)s AND confirmed_at < %(end)s"  # noqa: S608
_ENDED = f"SELECT retiree_id FROM {CHECKIN} WHERE ended_at >= %(start)s AND ended_at < %(end)s"  # noqa: S608
_DEAD = f"SELECT id FROM {PERSON} WHERE died_on BETWEEN %(first)s AND %(as_of)s"  # noqa: S608
# Confirmed in the month, and with another check-in before: the one they can have gone from.
_CHANGED = f"""
    SELECT c.retiree_id FROM {CHECKIN} c WHERE c.confirmed_at >= %(start)s AND c.confirmed_at < %(end)s
        AND EXISTS (SELECT FROM {CHECKIN} o WHERE o.retiree_id = c.retiree_id AND o.confirmed_at < %(start)s)
"""  # noqa: S608
# Those of a community that took another one over since the month began.
_MERGED = f"""
    SELECT c.retiree_id FROM {CHECKIN} c WHERE c.confirmed_at IS NOT NULL AND c.community_id IN (
        WITH RECURSIVE heirs (id) AS (
            SELECT successor_id FROM {ORGANISATION} WHERE kind = '{Kind.COMMUNITY}' AND closed_on > %(before)s
                AND successor_id IS NOT NULL
            UNION SELECT o.successor_id FROM heirs JOIN {ORGANISATION} o ON o.id = heirs.id
            WHERE o.successor_id IS NOT NULL
        ) SELECT id FROM heirs)
"""  # noqa: S608
# After a closing: whom it froze at a community that is closed by now; of whose check-in something was written since;
# whose own row was written since and says something else than it froze; and outside the city, where people stand at
# the seat of their unit, those whose unit is not the one that it froze.
_LEFT_PLACES = f"""
    SELECT t.place FROM {TOTAL} t JOIN {ORGANISATION} o ON o.kind = '{Kind.COMMUNITY}' AND o.division_id = t.place
    WHERE t.month = %(opening_month)s AND t.closing = %(opening_closing)s AND o.closed_on IS NOT NULL
"""  # noqa: S608
_PLACES_SINCE = f"""
    SELECT p.retiree_id FROM {FACT} p WHERE p.month = %(opening_month)s AND p.closing = %(opening_closing)s
        AND p.place = ANY(%(left_places)s)
"""  # noqa: S608
_CHECKINS_SINCE = f"""
    SELECT c.retiree_id FROM {CHECKIN} c WHERE c.id IN (
        SELECT checkin_id FROM {EVENT} WHERE at >= %(opening_since)s)
"""  # noqa: S608
_PEOPLE_SINCE = f"""
    SELECT r.id FROM {PERSON} r
    LEFT JOIN {FACT} p ON p.month = %(opening_month)s AND p.closing = %(opening_closing)s AND p.retiree_id = r.id
    LEFT JOIN {CHECKIN} c ON c.id = p.checkin_id AND c.retiree_id = r.id
    WHERE r.updated_at >= %(opening_since)s AND (
        p.present AND (NOT r.statistics_flag OR r.merged_into_id IS NOT NULL OR r.died_on IS NOT NULL)
        OR p.checked_in AND c.id IS NULL
        OR NOT coalesce(p.checked_in, false) AND EXISTS (
            SELECT FROM {CHECKIN} n WHERE n.retiree_id = r.id AND n.confirmed_at < %(end)s
                AND (n.ended_at IS NULL OR n.ended_at >= %(end)s)))
"""  # noqa: S608
_OUTSIDERS = f"SELECT id FROM {ORGANISATION} WHERE kind = '{Kind.EXTERNAL_COMMUNITY}'"  # noqa: S608
_OUTSIDE = f"""
    SELECT c.retiree_id FROM {CHECKIN} c
    LEFT JOIN {FACT} p ON p.month = %(opening_month)s AND p.closing = %(opening_closing)s
        AND p.retiree_id = c.retiree_id
    WHERE c.community_id = ANY(%(outsiders)s) AND c.confirmed_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM {MEMBERSHIP} m WHERE m.retiree_id = c.retiree_id AND m.unit_id = p.unit_id
            AND m.valid_from <= %(as_of)s AND (m.valid_until IS NULL OR m.valid_until > %(as_of)s))
"""  # noqa: S608

_SINCE = (_PLACES_SINCE, _CHECKINS_SINCE, _PEOPLE_SINCE, _OUTSIDE)
_CAME, _GONE, _DIED = (_CONFIRMED, _ENDED, _MERGED), (_ENDED, _DEAD, _CHANGED, _MERGED), (_DEAD,)
# What the condition of a measure begins with, and who can fulfil that.
_PARTS = {
    "came <> ''": _CAME,
    "gone <> ''": _GONE,
    "died": _DIED,
    "(came <> '' OR gone <> '' OR died)": (*_CAME, *_GONE),
}


def movers(measure: Measure, relation: Relation) -> list[int] | None:
    """The ids of those who can be counted by a measure of movement, ascending; None for any other measure.

    `relation`: the facts of everybody, live.
    """
    parts = next(
        (found for part, found in _PARTS.items() if f"{measure.condition} AND ".startswith(f"{part} AND ")),
        None,
    )
    if parts is None:
        return None
    params = dict(relation.params)
    if params["opening_month"] is not None:
        params["left_places"] = _first(_LEFT_PLACES, params)
        params["outsiders"] = _first(_OUTSIDERS, params)
        parts = (*parts, *_SINCE)
    # one after the other: of the rows of a new closing the planner knows nothing, and less of them joined
    return sorted({pk for part in dict.fromkeys(parts) for pk in _first(part, params)})


def _first(sql: str, params: Mapping[str, Any]) -> list[Any]:
    return [value for (value,) in look_up(sql, params)]
