"""应访, 已访, 逾期 of a month, and 走访人次: counted by the same conditions as the lists behind them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from checkin.statistics.months import Month
from communities.divisions.models import Division

from .models import Obligation, Visit

NEXT = {4: 6, 6: 9, 9: 12, 12: 12}
MEASURES = {"owed": "应访", "done": "已访", "missed": "应访未访", "visits": "走访人次"}


def conditions(today: date) -> dict[str, Q]:
    """What each figure of lines counts. A line that is no longer needed is in none."""
    return {
        "owed": ~Q(state=Obligation.State.ENDED),
        "done": Q(state=Obligation.State.DONE),
        "missed": Q(state=Obligation.State.DUE, due_on__lt=today),
    }


def lines(month: Month, area: str, measure: str) -> QuerySet[Any]:
    """The rows behind a figure of the area with code prefix `area`: lines due in the month, or its visits."""
    if measure == "visits":
        return visits(month).filter(organisation__division__code__startswith=area)
    rows = Obligation.objects.filter(conditions(timezone.localdate())[measure])
    return rows.filter(
        due_on__gte=month.first, due_on__lte=month.last, organisation__division__code__startswith=area
    )


def visits(month: Month) -> QuerySet[Visit]:
    return Visit.objects.filter(visited_on__gte=month.first, visited_on__lte=month.last, undone_at=None)


def count(month: Month, measure: str) -> dict[str, int]:
    """The figure by the place of the organisation that visits."""
    rows = lines(month, "", measure).order_by().values("organisation__division")
    return dict(rows.annotate(n=Count("pk")).values_list("organisation__division", "n"))


@dataclass(frozen=True)
class Part:
    """A part of an area with its figures."""

    code: str
    name: str
    figures: dict[str, int]


def coverage(month: Month, area: str) -> tuple[list[Part], dict[str, int]]:
    """A line for each part of the area in which visits are owed or were made, and their sum. Three queries."""
    length = NEXT[len(area)]
    found: dict[str, dict[str, int]] = {}
    owed: Any = (
        lines(month, area, "owed")
        .order_by()
        .annotate(part=Left("organisation__division__code", length))
        .values("part")
        .annotate(**{name: Count("pk", filter=q) for name, q in conditions(timezone.localdate()).items()})
    )
    for row in owed:
        found.setdefault(row.pop("part"), dict.fromkeys(MEASURES, 0)).update(row)
    made: Any = lines(month, area, "visits").order_by()
    made = made.annotate(part=Left("organisation__division__code", length)).values("part")
    for row in made.annotate(n=Count("pk")):
        found.setdefault(row["part"], dict.fromkeys(MEASURES, 0))["visits"] = row["n"]
    codes = [part.ljust(12, "0") for part in found]
    names = dict(Division.objects.filter(code__in=codes).values_list("code", "short_name"))
    parts = [Part(part, names.get(part.ljust(12, "0"), part), found[part]) for part in sorted(found)]
    return parts, {name: sum(part.figures[name] for part in parts) for name in MEASURES}
