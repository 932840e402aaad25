"""How many people a question has to look at: those of a unit are few, and found by their keys."""

from checkin.statistics import facts
from checkin.statistics.facts import Relation
from checkin.statistics.live_sql import CHECKIN, MEMBERSHIP, PERSON
from checkin.statistics.months import Month

from .asking import Where, look_up

MOST = 4000  # people who are looked up one by one before all at once is faster; the size is ours

# Whoever can count with a unit: its members of any time, whose check-in names it, who claims it.
_OF_UNITS = f"""
    SELECT retiree_id FROM {MEMBERSHIP} WHERE unit_id = ANY(%(units)s)
    UNION SELECT retiree_id FROM {CHECKIN} WHERE unit_id = ANY(%(units)s)
    UNION SELECT id FROM {PERSON} WHERE claimed_unit_id = ANY(%(units)s)
"""  # noqa: S608 -- names of tables


def relation_for(month: Month, where: Where) -> Relation:
    """The facts of a month that hold everybody `where` can mean, and no more where that is cheaper."""
    relation = facts.relation_of(month)
    if relation.is_frozen or where.unit_ids is None:
        return relation
    ids = [pk for (pk,) in look_up(_OF_UNITS, {"units": list(where.unit_ids)})]
    return facts.live(month, ids=ids) if len(ids) <= MOST else relation
