"""Who was counted as dead before: a death that was undone and is recorded again is no second death."""

from django.db import connection

from members.people.models import Death

from .models import MonthlyFact, MonthlyStatement
from .months import Month

_SQL = f"""
    SELECT DISTINCT d.retiree_id FROM {Death._meta.db_table} d, {MonthlyStatement._meta.db_table} s
    WHERE d.state = '{Death.State.UNDONE}' AND s.state = '{MonthlyStatement.State.CLOSED}' AND s.area = %(city)s
        AND s.month < %(month)s AND (
            SELECT f.died FROM {MonthlyFact._meta.db_table} f
            WHERE f.month = s.month AND f.closing = s.closing AND f.retiree_id = d.retiree_id)
"""  # noqa: S608 -- names of tables


def counted_before(month: Month, city: str) -> list[int]:
    """The people whom a closed month before `month` counts among its deaths and whose death was undone since.

    One query; it looks at each undone death once a closed month. Source: docs/rules.md, S5.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"city": city, "month": month.first})
        return [pk for (pk,) in cursor.fetchall()]
