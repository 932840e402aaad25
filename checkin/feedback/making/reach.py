"""Whose facts one report needs: everybody who can count with its organisation, found by keys and not by counting."""

from django.db import connection

from checkin.feedback.models import FeedbackReport, Side
from checkin.record.models import CheckIn, CheckInEvent
from checkin.statistics import facts
from checkin.statistics.facts import Relation
from checkin.statistics.models import MonthlyFact
from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.units.models import UnitMembership

CHECKIN, EVENT, PERSON = CheckIn._meta.db_table, CheckInEvent._meta.db_table, Retiree._meta.db_table
MEMBERSHIP, ORGANISATION = UnitMembership._meta.db_table, Organisation._meta.db_table
FACT = MonthlyFact._meta.db_table

MOST = 20_000  # people who are looked up one by one before all at once is faster; the size is ours

# Whoever can count with a unit: its members of any time, whose check-in names it, who claims it.
_OF_UNIT = f"""
    SELECT retiree_id FROM {MEMBERSHIP} WHERE unit_id = %(organisation)s
    UNION SELECT retiree_id FROM {CHECKIN} WHERE unit_id = %(organisation)s
    UNION SELECT id FROM {PERSON} WHERE claimed_unit_id = %(organisation)s
"""  # noqa: S608 -- names of tables

# Whoever can count with a community: who is, was or asks to be checked in there, or with one that took it over; who
# asked for it when the month ended (of those whose request was not settled by then, the events say where it was);
# who had been counted there when the month before was closed.
_OF_COMMUNITY = f"""
    SELECT c.retiree_id FROM {CHECKIN} c WHERE c.community_id IN (
        WITH RECURSIVE ours (id) AS (
            SELECT %(organisation)s::bigint
            UNION SELECT o.successor_id FROM ours JOIN {ORGANISATION} o ON o.id = ours.id
            WHERE o.successor_id IS NOT NULL
        ) SELECT id FROM ours)
    UNION
    SELECT c.retiree_id FROM {CHECKIN} c
    WHERE c.created_at < %(end)s AND (c.confirmed_at IS NULL OR c.confirmed_at >= %(end)s)
        AND (c.area_id = %(place)s OR EXISTS (SELECT FROM {EVENT} e WHERE e.checkin_id = c.id
            AND (e.after ->> 'community')::bigint = %(organisation)s))
    UNION
    SELECT p.retiree_id FROM {FACT} p WHERE p.month = %(opening_month)s AND p.closing = %(opening_closing)s
        AND p.place = %(place)s
"""  # noqa: S608 -- names of tables and columns

_FROZEN_OF_UNIT = "f.unit_id = %(organisation)s"
_FROZEN_OF_COMMUNITY = f"""
    %(place)s IN (f.place, f.from_place, f.asked_place)
    OR f.checkin_id IN (SELECT id FROM {CHECKIN} WHERE community_id = %(organisation)s)
    OR f.retiree_id IN (SELECT retiree_id FROM {CHECKIN} WHERE community_id = %(organisation)s)
"""  # noqa: S608 -- names of tables


def relation_for(report: FeedbackReport) -> Relation:
    """The facts of the report's month that hold everybody it can tell of, and no more where that is cheaper."""
    relation = facts.relation_of(report.period)
    params = relation.params | {
        "organisation": report.organisation_id,
        "place": report.organisation.division_id,
    }
    of_unit = report.side == Side.UNIT
    if relation.is_frozen:
        condition = _FROZEN_OF_UNIT if of_unit else _FROZEN_OF_COMMUNITY
        sql = f"SELECT f.* FROM ({relation.sql}) AS f WHERE {condition}"  # noqa: S608 -- our own
        return Relation(sql, params, is_frozen=True)
    with connection.cursor() as cursor:
        cursor.execute(_OF_UNIT if of_unit else _OF_COMMUNITY, params)
        people = [pk for (pk,) in cursor.fetchall()]
    return facts.live(report.period, ids=people) if len(people) <= MOST else relation
