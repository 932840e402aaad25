"""The SQL of the live fact relation. Each part answers one question; docs/statistics.md says the same in words.

ALL looks everybody up at once (for totals), EACH one chosen person after the other (for a page of a list).
"""

from checkin.record.models import CheckIn, CheckInEvent, State
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from members.party.models import PartyAffiliation, PartyOrganisation
from members.people.models import Retiree
from members.units.models import UnitMembership

from .models import MonthlyFact

CHECKIN, EVENT = CheckIn._meta.db_table, CheckInEvent._meta.db_table
ORGANISATION, PERSON = Organisation._meta.db_table, Retiree._meta.db_table
DIVISION = Division._meta.db_table
MEMBERSHIP, FACT = UnitMembership._meta.db_table, MonthlyFact._meta.db_table
AFFILIATION, PARTY = PartyAffiliation._meta.db_table, PartyOrganisation._meta.db_table

# Where communities are, since when each holds what another one held before (`grew_on`), and which community a
# home in one that is closed belongs to.
_PLACES = f"""
WITH RECURSIVE lineage (heir, closed_on) AS (
    SELECT successor_id, closed_on FROM {ORGANISATION} WHERE kind = 'community' AND successor_id IS NOT NULL
    UNION
    SELECT o.successor_id, l.closed_on FROM lineage l JOIN {ORGANISATION} o ON o.id = l.heir
    WHERE o.successor_id IS NOT NULL
),
spots AS (
    SELECT o.id, o.division_id AS code, (SELECT max(l.closed_on) FROM lineage l WHERE l.heir = o.id) AS grew_on
    FROM {ORGANISATION} o WHERE o.kind IN ('community', 'external_community')
),
lines (code, heir, step) AS (
    SELECT code, code, 0 FROM {DIVISION} WHERE successor_id IS NOT NULL AND closed_on <= %(as_of)s
    UNION ALL
    SELECT l.code, d.successor_id, l.step + 1 FROM lines l JOIN {DIVISION} d ON d.code = l.heir
    WHERE d.successor_id IS NOT NULL AND d.closed_on <= %(as_of)s AND l.step < 50
),
homes AS (SELECT DISTINCT ON (code) code, heir FROM lines ORDER BY code, step DESC),
units AS (
    SELECT o.id, o.nature, o.tier, rpad(left(o.division_id, 6), 12, '0') AS seat,
        CASE WHEN o.kind = 'external_unit' THEN 'outside'
             WHEN coalesce(b.division_id, o.division_id) LIKE '____00000000' THEN 'city'
             ELSE 'district' END AS level
    FROM {ORGANISATION} o LEFT JOIN {ORGANISATION} b ON b.id = o.parent_id AND b.kind = 'bureau'
),
"""  # noqa: S608 -- names of tables


def _code_at(checkin: str, spot: str, day: str) -> str:
    """SQL: the place of a check-in on `day`; communities merged since are taken apart again."""
    return f"""CASE WHEN {spot}.grew_on > {day} THEN (
        WITH RECURSIVE way (id, step) AS (
            SELECT coalesce((SELECT (e.after->>'community')::bigint FROM {EVENT} e
                WHERE e.checkin_id = {checkin}.id AND e.move = 'confirmed' ORDER BY e.id DESC LIMIT 1),
                {checkin}.community_id), 0
            UNION ALL
            SELECT o.successor_id, way.step + 1 FROM way JOIN {ORGANISATION} o ON o.id = way.id
            WHERE o.closed_on <= {day} AND o.successor_id IS NOT NULL AND way.step < 50)
        SELECT o.division_id FROM way JOIN {ORGANISATION} o ON o.id = way.id ORDER BY way.step DESC LIMIT 1
    ) ELSE {spot}.code END"""  # noqa: S608 -- names of tables


# The check-in in force at the end, at the start, and the last one in force in between.
def _touched(key: str, rest: str) -> str:
    return f"""
    SELECT {key} max(c.id) FILTER (WHERE c.confirmed_at < %(start)s) AS opening_id,
        max(c.id) FILTER (WHERE c.ended_at IS NULL OR c.ended_at >= %(end)s) AS closing_id,
        max(c.id) AS last_id
    FROM {CHECKIN} c
    WHERE c.confirmed_at < %(end)s AND (c.ended_at IS NULL OR c.ended_at >= %(start)s) {rest}"""  # noqa: S608


# The request under way at the end: the state its last event before then led to, and whether it was late.
_OPEN = ", ".join(f"'{state}'" for state in CheckIn.AT_DESK)
_CLOCK_STARTS = ", ".join(
    f"'{move}'"
    for move in (
        CheckInEvent.Move.SUBMITTED,
        CheckInEvent.Move.RESUBMITTED,
        CheckInEvent.Move.AUTO_VERIFIED,
        CheckInEvent.Move.VERIFIED,
        CheckInEvent.Move.RETURNED,
        CheckInEvent.Move.PLACED,
        CheckInEvent.Move.FORWARDED,
    )
)


def _asked(rest: str) -> str:
    return f"""
    SELECT c.retiree_id, s.to_state AS pending,
        coalesce(d.division_id, CASE WHEN c.community_id IS NULL OR s.is_newest THEN c.area_id
            ELSE rpad(left(c.area_id, 6), 12, '0') END) AS code,
        CASE WHEN s.is_newest AND c.due_on IS NOT NULL THEN c.due_on < %(as_of)s
            ELSE (k.at AT TIME ZONE 'Asia/Shanghai')::date <= CASE s.to_state
                WHEN '{State.SUBMITTED}' THEN %(late_submitted)s::date
                WHEN '{State.VERIFIED}' THEN %(late_verified)s::date
                ELSE %(late_returned)s::date END
        END AS overdue
    FROM {CHECKIN} c
    CROSS JOIN LATERAL (
        SELECT e.to_state, NOT EXISTS (
            SELECT FROM {EVENT} n WHERE n.checkin_id = c.id AND n.id > e.id) AS is_newest
        FROM {EVENT} e WHERE e.checkin_id = c.id AND e.at < %(end)s ORDER BY e.id DESC LIMIT 1
    ) s
    LEFT JOIN LATERAL (
        SELECT e.at FROM {EVENT} e WHERE e.checkin_id = c.id AND e.at < %(end)s AND e.move IN ({_CLOCK_STARTS})
        ORDER BY e.id DESC LIMIT 1
    ) k ON true
    LEFT JOIN LATERAL (
        SELECT (e.after->>'community')::bigint AS community_id FROM {EVENT} e
        WHERE NOT s.is_newest AND e.checkin_id = c.id AND e.at < %(end)s AND e.after ? 'community'
        ORDER BY e.id DESC LIMIT 1
    ) w ON true
    LEFT JOIN {ORGANISATION} d ON d.id = CASE WHEN s.is_newest THEN c.community_id ELSE w.community_id END
    WHERE s.to_state IN ({_OPEN}) AND c.created_at < %(end)s
        AND (c.state IN ({_OPEN}) OR c.confirmed_at >= %(end)s OR c.state = '{State.WITHDRAWN}') {rest}"""  # noqa: S608


# Party life in a community: takes part or belongs there, and whether the relation came there this month.
def _branches(key: str, rest: str) -> str:
    return f"""
    SELECT {key} true AS in_branch,
        bool_or(f.kind = '{PartyAffiliation.Kind.FORMAL}' AND f.valid_from >= %(first)s) AS joined_branch
    FROM {AFFILIATION} f
    JOIN {PARTY} g ON g.id = f.organisation_id
    JOIN {ORGANISATION} h ON h.id = g.host_id AND h.kind = 'community'
    WHERE f.valid_from <= %(as_of)s AND (f.valid_until IS NULL OR f.valid_until > %(as_of)s) {rest}"""  # noqa: S608


ALL = {
    "with_parts": f"touched AS ({_touched('c.retiree_id,', 'GROUP BY c.retiree_id')}),\n"
    f"asked AS ({_asked('')}),\nbranches AS ({_branches('f.retiree_id,', 'GROUP BY f.retiree_id')}),\n",
    "join_touched": "LEFT JOIN touched t ON t.retiree_id = r.id",
    "join_asked": "LEFT JOIN asked a ON a.retiree_id = r.id",
    "join_branches": "LEFT JOIN branches b ON b.retiree_id = r.id",
}
EACH = {
    "with_parts": "",
    "join_touched": f"LEFT JOIN LATERAL ({_touched('', 'AND c.retiree_id = r.id')}) t ON true",
    "join_asked": f"LEFT JOIN LATERAL ({_asked('AND c.retiree_id = r.id')} LIMIT 1) a ON true",
    "join_branches": "LEFT JOIN LATERAL ("
    + _branches("", "AND f.retiree_id = r.id GROUP BY f.retiree_id")
    + ") b ON true",
}

# What people were when the month began: what the closing before it froze, else as intervals tell.
OPENING_LIVE = {
    "join_opening": f"LEFT JOIN {CHECKIN} o ON o.id = nullif(t.opening_id, c.id)"
    " LEFT JOIN spots os ON os.id = o.community_id",
    "opening_in": "(t.opening_id IS NOT NULL AND r.statistics_flag AND r.merged_into_id IS NULL"
    " AND (r.died_on IS NULL OR r.died_on >= %(first)s))",
    "opening_place": f"CASE WHEN t.opening_id = c.id THEN {_code_at('c', 'cs', '%(before)s')}"
    f" ELSE {_code_at('o', 'os', '%(before)s')} END",
    "opening_present": "false",
}
OPENING_FROZEN = {
    "join_opening": f"LEFT JOIN {FACT} p ON p.month = %(opening_month)s AND p.closing = %(opening_closing)s"
    " AND p.retiree_id = r.id",
    "opening_in": "coalesce(p.checked_in, false)",
    "opening_place": "p.place",
    "opening_present": "coalesce(p.present, false)",
}

# From inside out: a person with what is known of them; where they count; whether they do; what happened to them.
RELATION = (
    _PLACES  # noqa: S608 -- names of tables
    + """
{with_parts}
ranks AS (SELECT * FROM unnest(%(ranks)s::text[], %(rank_groups)s::text[]) AS n (rank, rank_group)),
clocks AS (SELECT * FROM unnest(%(clock_days)s::date[], %(clock_due)s::date[]) AS n (day, due)),
people AS (
    SELECT r.id, r.kind, r.sex, r.birth_date, r.rank, r.political_status, r.elsewhere, r.resettled_on,
        r.retired_before_scheme, r.health, r.retired_on, r.joined_work_on, r.died_on,
        coalesce(h.heir, r.residence_id) AS home, r.created_at,
        r.statistics_flag AND r.merged_into_id IS NULL AS counts,
        coalesce(m.unit_id, c.unit_id, r.claimed_unit_id) AS unit_id,
        c.id AS checkin_id, c.channel, c.confirmed_at, c.submitted_at, c.clock_started_at, c.end_reason,
        t.closing_id, t.opening_id,
        """
    + _code_at("c", "cs", "%(as_of)s")
    + """ AS linked_at,
        {opening_in} AS was_in, {opening_present} AS was_present, {opening_place} AS opened_at,
        a.pending, a.code AS asked_at, a.overdue, b.in_branch, b.joined_branch
    FROM """
    + PERSON
    + """ r
    {join_touched}
    LEFT JOIN """
    + CHECKIN
    + """ c ON c.id = coalesce(t.closing_id, t.last_id)
    LEFT JOIN spots cs ON cs.id = c.community_id
    LEFT JOIN homes h ON h.code = r.residence_id
    {join_opening}
    {join_asked}
    {join_branches}
    LEFT JOIN """
    + MEMBERSHIP
    + """ m ON m.retiree_id = r.id AND m.valid_from <= %(as_of)s
        AND (m.valid_until IS NULL OR m.valid_until > %(as_of)s)
    {chosen}
),
placed AS (
    SELECT p.*, u.nature, u.tier, u.level,
        coalesce(p.linked_at, CASE WHEN p.checkin_id IS NULL THEN p.home END, u.seat, %(city)s) AS place,
        CASE WHEN p.was_in THEN coalesce(p.opened_at, u.seat, %(city)s) END AS opening_place,
        coalesce(p.died_on <= %(as_of)s, false) AS is_dead,
        p.counts AND (p.checkin_id IS NOT NULL OR coalesce(nullif(p.retired_on, ''),
            (p.created_at AT TIME ZONE 'Asia/Shanghai')::date::text) COLLATE "C" <= %(as_of_text)s) AS is_known
    FROM people p LEFT JOIN units u ON u.id = p.unit_id
),
counted AS (
    SELECT p.*, p.is_dead AND p.id = ANY(%(dead_before)s::bigint[]) AS dead_before,
        p.is_known AND NOT p.is_dead AS present,
        p.is_known AND NOT p.is_dead AND p.closing_id IS NOT NULL AS checked_in,
        p.is_known AND NOT p.was_in AND (p.is_dead OR p.closing_id IS NULL)
            AND coalesce(p.confirmed_at >= %(start)s, false) AS passed
    FROM placed p
    WHERE p.is_known AND (p.died_on IS NULL OR p.died_on >= %(first)s) OR p.was_in OR p.was_present
),
moved AS (
    SELECT p.*,
        CASE WHEN p.checked_in AND NOT p.was_in THEN
                CASE WHEN p.confirmed_at < %(start)s AND EXISTS (SELECT FROM """
    + EVENT
    + """ e WHERE e.checkin_id = p.checkin_id AND e.move = 'restored') THEN 'restored' ELSE 'new' END
            WHEN p.checked_in AND p.place <> p.opening_place THEN
                CASE WHEN p.confirmed_at < %(start)s THEN 'merged' ELSE 'moved' END
            WHEN p.passed THEN 'new' ELSE '' END AS came,
        CASE WHEN p.was_in AND p.checked_in AND p.place <> p.opening_place THEN
                CASE WHEN p.confirmed_at < %(start)s THEN 'merged' ELSE 'moved' END
            WHEN (p.was_in AND NOT p.checked_in) OR p.passed THEN
                CASE WHEN p.is_dead THEN CASE WHEN p.dead_before THEN 'again' ELSE 'died' END
                    WHEN NOT p.counts THEN 'excluded'
                    WHEN p.end_reason IN ('withdrawn', 'other') THEN p.end_reason ELSE 'undone' END
            ELSE '' END AS gone,
        p.counts AND NOT p.dead_before
            AND coalesce(p.died_on BETWEEN %(first)s AND %(as_of)s OR (p.was_present AND p.is_dead), false) AS died
    FROM counted p
)
SELECT p.id AS retiree_id, p.place, coalesce(p.opening_place, CASE WHEN p.passed THEN p.place END) AS from_place,
    CASE WHEN p.present THEN p.asked_at END AS asked_place,
    p.unit_id, coalesce(p.nature, '') AS unit_nature, coalesce(p.tier, '') AS unit_tier,
    coalesce(p.level, '') AS unit_level,
    p.kind, p.sex, extract(year FROM age(least(%(last)s::date, p.died_on), p.birth_date))::smallint AS age,
    p.rank, coalesce(n.rank_group, '') AS rank_group,
    p.political_status IN ('cpc', 'cpc_probationary') AS party, p.elsewhere,
    p.resettled_on <> '' AS resettled, p.retired_before_scheme AS before_scheme, p.health = 'dependent' AS dependent,
    p.retired_on, p.joined_work_on, p.present, p.present AND (p.elsewhere = '' OR p.checked_in) AS expected,
    p.was_in, p.checked_in, coalesce(p.channel, '') AS channel, p.came, p.gone,
    (p.came = 'new' AND p.confirmed_at < %(start)s) OR (p.died AND p.died_on < %(first)s) AS late,
    p.died, left(p.retired_on, 7) = %(month_text)s AS retired_now,
    CASE WHEN p.came = 'new' THEN ((p.confirmed_at AT TIME ZONE 'Asia/Shanghai')::date
        - (p.submitted_at AT TIME ZONE 'Asia/Shanghai')::date)::smallint END AS confirm_days,
    CASE WHEN p.came = 'new' THEN coalesce((p.confirmed_at AT TIME ZONE 'Asia/Shanghai')::date <= k.due, false)
        END AS on_time,
    CASE WHEN p.present THEN coalesce(p.pending, '') ELSE '' END AS pending,
    p.present AND coalesce(p.overdue, false) AS overdue,
    p.present AND coalesce(p.in_branch, false) AS in_branch,
    p.present AND coalesce(p.joined_branch, false) AS joined_branch, p.checkin_id
FROM moved p
LEFT JOIN ranks n ON n.rank = p.rank
LEFT JOIN clocks k ON k.day = CASE WHEN p.came = 'new' THEN (p.clock_started_at AT TIME ZONE 'Asia/Shanghai')::date END
"""
)
