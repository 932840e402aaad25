"""Check-ins: does each say what its own history and the person's record say?"""

from checkin.record.models import CheckIn, CheckInEvent
from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.units.models import UnitMembership

from ..comparing import Check, Finding, ask

CHECKIN, EVENT = CheckIn._meta.db_table, CheckInEvent._meta.db_table
PERSON, ORGANISATION, MEMBERSHIP = (
    Retiree._meta.db_table,
    Organisation._meta.db_table,
    UnitMembership._meta.db_table,
)
AT_DESK = [str(state) for state in CheckIn.AT_DESK]

_STATES = f"""
SELECT c.retiree_id AS person, coalesce(c.desk_id, c.community_id, c.unit_id) AS organisation, c.state,
  coalesce(last.to_state, '') AS last
FROM {CHECKIN} c
LEFT JOIN (SELECT DISTINCT ON (checkin_id) checkin_id, to_state FROM {EVENT} ORDER BY checkin_id, id DESC) AS last
  ON last.checkin_id = c.id
WHERE last.to_state IS DISTINCT FROM c.state
ORDER BY c.id
"""  # noqa: S608 -- names of tables


def states() -> list[Finding]:
    return [
        Finding(
            person=row["person"],
            organisation=row["organisation"],
            field="state",
            expected=_state(row["last"]),
            found=_state(row["state"]),
        )
        for row in ask(_STATES)
    ]


def _state(code: str) -> str:
    return str(CheckIn.State(code).label) if code in CheckIn.State.values else "没有经过"


# A place whose community is closed keeps the people who lived there; their check-in went to the successor (C30).
_PLACES = f"""
SELECT c.retiree_id AS person, o.id AS organisation, o.division_id AS expected, r.residence_id AS found
FROM {CHECKIN} c
JOIN {ORGANISATION} o ON o.id = c.community_id
JOIN {PERSON} r ON r.id = c.retiree_id
WHERE c.state = 'confirmed' AND o.division_id IS DISTINCT FROM r.residence_id
  AND NOT EXISTS (SELECT FROM {ORGANISATION} old WHERE old.division_id = r.residence_id
    AND old.kind = 'community' AND old.closed_on IS NOT NULL)
ORDER BY c.id
"""  # noqa: S608 -- names of tables


def places() -> list[Finding]:
    return [
        Finding(
            person=row["person"],
            organisation=row["organisation"],
            field="residence",
            expected=f"division:{row['expected']}" if row["expected"] else "市外",
            found=f"division:{row['found']}" if row["found"] else "没有填",
        )
        for row in ask(_PLACES)
    ]


# A request names the unit that manages the person, or for somebody not on a roster the one that is claimed.
_UNITS = f"""
SELECT c.retiree_id AS person, c.desk_id AS organisation, wanted.id AS expected, c.unit_id AS found
FROM {CHECKIN} c
JOIN {PERSON} r ON r.id = c.retiree_id
LEFT JOIN {MEMBERSHIP} m ON m.retiree_id = r.id AND m.valid_until IS NULL
JOIN {ORGANISATION} wanted ON wanted.closed_on IS NULL
  AND wanted.id = CASE r.standing WHEN 'claimed' THEN r.claimed_unit_id ELSE m.unit_id END
WHERE c.state = ANY(%(at_desk)s) AND c.unit_id IS DISTINCT FROM wanted.id
ORDER BY c.id
"""  # noqa: S608 -- names of tables


def units() -> list[Finding]:
    return [
        Finding(
            person=row["person"],
            organisation=row["organisation"],
            field="unit",
            expected=f"organisation:{row['expected']}",
            found=f"organisation:{row['found']}" if row["found"] else "没有",
        )
        for row in ask(_UNITS, at_desk=AT_DESK)
    ]


_DESKS = f"""
SELECT c.retiree_id AS person, o.id AS organisation
FROM {CHECKIN} c JOIN {ORGANISATION} o ON o.id = c.desk_id
WHERE c.state = ANY(%(at_desk)s)
  AND (o.closed_on IS NOT NULL OR o.kind IN ('external_unit', 'external_community'))
ORDER BY c.id
"""  # noqa: S608 -- names of tables


def desks() -> list[Finding]:
    return [
        Finding(
            person=row["person"],
            organisation=row["organisation"],
            field="desk",
            expected="有人办理的经办方",
            found="已撤销或在系统外",
        )
        for row in ask(_DESKS, at_desk=AT_DESK)
    ]


CHECKS = [
    Check(
        "states",
        "报到状态与经过不符",
        "报到的状态应是最后一步留下的状态。不符说明有人绕过系统改过，请核对后更正。",
        states,
    ),
    Check(
        "places",
        "报到社区与居住社区不符",
        "已报到的老同志，居住地应是报到的社区。请社区问清后更正居住地，或办迁出。",
        places,
    ),
    Check(
        "units",
        "报到的单位不是现管单位",
        "正在办理的报到应由现管单位办理。请核对现管单位。",
        units,
    ),
    Check("desks", "报到没有人办", "正在办理的报到应在一个仍在办公的组织那里。请联系管理员改派。", desks),
]
