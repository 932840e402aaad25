"""The partitions of MonthlyFact: one a month, made just before its first closing.

The application may not change the schema. One function of the owner makes exactly this table and nothing else;
it is called in a transaction of its own, so that readers of other months wait for no closing.
"""

from django.db import connection

from .months import Month


def ensure(month: Month) -> None:
    """Make the month's partition. Safe to repeat; an empty one harms nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statistics_partition(%s)", [month.first])
