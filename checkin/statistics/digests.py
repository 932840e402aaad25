"""The check sum of a closed month's totals: taken at the closing, and again to see that nobody changed them since."""

import hashlib
import json
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef

from .models import MonthlyStatement, MonthlyTotal


def of(rows: Iterable[tuple[str, list[int], dict[str, int]]]) -> str:
    """`rows`: place, values, extra, in order of places."""
    return hashlib.sha256(json.dumps(list(rows), sort_keys=True).encode()).hexdigest()


def changed() -> list[tuple[MonthlyStatement, str]]:
    """The closed months whose totals are not what was closed, each with the sum they have now. Two queries."""
    with_sum = MonthlyStatement.objects.filter(state=MonthlyStatement.State.CLOSED).exclude(sha256="")
    statements = {statement.month: statement for statement in with_sum}
    same = with_sum.filter(month=OuterRef("month"), closing=OuterRef("closing"))
    totals: Any = (
        MonthlyTotal.objects.filter(Exists(same))
        .order_by("month")
        .values_list("month", "place", "values", "extra")
    )
    by_month = groupby(totals.iterator(chunk_size=5000), key=itemgetter(0))
    now = {month: of(sorted(row[1:] for row in rows)) for month, rows in by_month}
    return [
        (statement, now.get(month, ""))
        for month, statement in sorted(statements.items())
        if now.get(month, "") != statement.sha256
    ]
