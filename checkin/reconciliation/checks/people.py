"""People: is everybody under the unit the record says, and is nothing open about who is dead or merged?"""

from checkin.proposals import actions as proposals
from checkin.proposals.models import ChangeProposal
from checkin.proposals.owners import owner_of
from checkin.record.models import CheckIn
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.party.models import PartyAffiliation
from members.people import fields
from members.people.models import Retiree
from members.units.models import UnitMembership

from ..comparing import Check, Finding, ask

CHECKIN, PERSON, AFFILIATION = (
    CheckIn._meta.db_table,
    Retiree._meta.db_table,
    PartyAffiliation._meta.db_table,
)
ORGANISATION, MEMBERSHIP = Organisation._meta.db_table, UnitMembership._meta.db_table
AUDIT, PROPOSAL = AuditEntry._meta.db_table, ChangeProposal._meta.db_table

# What writes down which unit a person has. After a merge the unit may be either row's: nothing is known.
BEGUN = ("membership.begun", "membership.reorganised", "membership.restored", "retiree.enrolled")
UNKNOWN = ("retiree.merged", "retiree.unmerged")

# The person's row is wide: it is read only where something differs.
# Acts about one person wait for each other, so the newest entry has the highest id.
# A person entered by a roster has the unit of the batch's row (`organisation_id`); other entries name it.
_MEMBERSHIPS = f"""
SELECT last.person, last.unit AS expected, m.unit_id AS found
FROM (
  SELECT newest.person, a.action, coalesce((a.after ->> 'unit')::bigint, a.organisation_id) AS unit
  FROM (
    SELECT target_id::bigint AS person, max(id) AS id FROM {AUDIT}
    WHERE target_type = %(target)s AND action = ANY(%(actions)s) GROUP BY 1
  ) AS newest JOIN {AUDIT} a ON a.id = newest.id
) AS last
LEFT JOIN {MEMBERSHIP} m ON m.retiree_id = last.person AND m.valid_until IS NULL
WHERE last.action = ANY(%(begun)s) AND CASE WHEN m.unit_id IS DISTINCT FROM last.unit
  THEN (SELECT r.merged_into_id IS NULL FROM {PERSON} r WHERE r.id = last.person) END
ORDER BY 1
"""  # noqa: S608 -- names of tables
_WITHOUT = f"""
SELECT r.id AS person FROM {PERSON} r
WHERE r.standing = 'roster' AND r.merged_into_id IS NULL AND r.died_on IS NULL
  AND NOT EXISTS (SELECT FROM {MEMBERSHIP} m WHERE m.retiree_id = r.id AND m.valid_until IS NULL)
ORDER BY r.id
"""  # noqa: S608 -- names of tables
_CLOSED = f"""
SELECT m.retiree_id AS person, o.id AS organisation
FROM {ORGANISATION} o JOIN {MEMBERSHIP} m ON m.unit_id = o.id AND m.valid_until IS NULL
WHERE o.closed_on IS NOT NULL
ORDER BY m.id
"""  # noqa: S608 -- names of tables


def memberships() -> list[Finding]:
    """One finding a person: another unit than was written down, none, or one that is closed."""
    found = {}
    for row in ask(_CLOSED):
        found[row["person"]] = Finding(
            person=row["person"],
            organisation=row["organisation"],
            field="unit",
            expected="在办公的单位",
            found="已撤销的单位",
        )
    for row in ask(_WITHOUT):
        found[row["person"]] = Finding(
            person=row["person"], field="unit", expected="有现管单位", found="没有"
        )
    rows = ask(_MEMBERSHIPS, target=Retiree._meta.label_lower, actions=[*BEGUN, *UNKNOWN], begun=list(BEGUN))
    for row in rows:
        found[row["person"]] = Finding(
            person=row["person"],
            organisation=row["found"],
            field="unit",
            expected=f"organisation:{row['expected']}",
            found=f"organisation:{row['found']}" if row["found"] else "没有",
        )
    return [finding for _, finding in sorted(found.items())]


_GONE = f"""
SELECT open.*, r.merged_into_id FROM (
  SELECT c.retiree_id AS person, coalesce(c.community_id, c.unit_id) AS organisation, 'checkin' AS field
  FROM {CHECKIN} c WHERE c.state = ANY(%(open)s)
  UNION ALL
  SELECT a.retiree_id, NULL, 'post' FROM {AFFILIATION} a WHERE a.valid_until IS NULL AND a.post <> ''
  UNION ALL
  SELECT p.retiree_id, p.desk_id, 'proposal' FROM {PROPOSAL} p WHERE p.state = 'open'
) AS open
JOIN {PERSON} r ON r.id = open.person
WHERE r.died_on IS NOT NULL OR r.merged_into_id IS NOT NULL
ORDER BY r.id
"""  # noqa: S608 -- names of tables


def gone() -> list[Finding]:
    states = [*(str(state) for state in CheckIn.OPEN), str(CheckIn.State.CONFIRMED)]
    return [
        Finding(
            person=row["person"],
            organisation=row["organisation"],
            field=row["field"],
            expected="已结束",
            found="档案已并入另一份" if row["merged_into_id"] else "已登记去世",
        )
        for row in ask(_GONE, open=states)
    ]


# The plain cases of owners.owner_of, in one statement; what differs is asked of it, one by one.
_PROPOSALS = f"""
SELECT p.id FROM {PROPOSAL} p
JOIN {PERSON} r ON r.id = p.retiree_id
LEFT JOIN {MEMBERSHIP} m ON m.retiree_id = r.id AND m.valid_until IS NULL
LEFT JOIN {ORGANISATION} u ON u.id = m.unit_id AND u.kind = 'unit' AND u.closed_on IS NULL
LEFT JOIN {CHECKIN} c ON c.retiree_id = r.id AND c.state = 'confirmed'
LEFT JOIN {ORGANISATION} o ON o.id = c.community_id AND o.kind = 'community' AND o.closed_on IS NULL
WHERE p.state = 'open' AND (r.is_restricted OR p.desk_id IS DISTINCT FROM
  CASE WHEN p.field = '' OR p.field = ANY(%(of_unit)s) THEN u.id ELSE o.id END)
ORDER BY p.id
"""  # noqa: S608 -- names of tables


def proposals_astray() -> list[Finding]:
    doubtful = [row["id"] for row in ask(_PROPOSALS, of_unit=sorted(fields.UNIT_OWNS))]
    found = []
    rows = ChangeProposal.objects.filter(pk__in=doubtful, retiree__merged_into=None).order_by("pk")
    for proposal in rows.select_related("retiree"):
        owner = owner_of(proposal.retiree, proposal.field)
        if owner.pk != proposal.desk_id:
            found.append(
                Finding(
                    person=proposal.retiree_id,
                    organisation=proposal.desk_id,
                    field=f"proposal.{proposal.field or 'words'}",
                    expected=f"organisation:{owner.pk}",
                    found=f"organisation:{proposal.desk_id}",
                    subject=proposal.pk,
                )
            )
    return found


def lay_on_desks(findings: list[Finding]) -> None:
    """Each goes to the desk of who owns the field, who is told; the audit says so."""
    for finding in findings:
        assert finding.subject is not None
        proposals.lay_on_desk(finding.subject, by=User.objects.system())


CHECKS = [
    Check(
        "memberships",
        "现管单位与留痕不符",
        "每人的现管单位应与最近一次留痕一致，单位应仍在办公。不符说明有人绕过系统改过，请核对后办转入。",
        memberships,
    ),
    Check(
        "gone",
        "去世或并档后还有未了的事",
        "已登记去世的人和已并入的档案，不应再有报到、党内职务和更正建议。请核对后终止。",
        gone,
    ),
    Check(
        "proposals",
        "更正建议交错了组织",
        "待答复的更正建议应在管这一项的组织那里。可以转过去，并告诉对方。",
        proposals_astray,
        lay_on_desks,
    ),
]
