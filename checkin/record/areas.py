"""The figures of an area and the lists behind them, and the people an organisation deals with.

A figure and its list come from the same definition: measures() for check-ins, in_register() for people.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Substr
from django.db.models.lookups import StartsWith

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.units.models import UnitMembership

from .lists import late, matching, narrowed, with_people
from .models import CheckIn, CheckInQuerySet, State


def measures(today: date) -> dict[str, Q]:
    """The figures of an area, each a condition on check-ins; the lists behind them use the same."""
    return {
        "confirmed": Q(state=State.CONFIRMED),
        "submitted": Q(state=State.SUBMITTED),
        "verified": Q(state=State.VERIFIED),
        "returned": Q(state=State.RETURNED),
        "open": Q(state__in=CheckIn.AT_DESK),
        "late": late(today),
    }


MEASURE_WORDS = {
    "confirmed": "已报到",
    "submitted": "待单位核实",
    "verified": "待社区确认",
    "returned": "等本人补充",
    "open": "正在办理",
    "late": "已逾期",
}


@dataclass(frozen=True)
class Area:
    """One line of the overview: a part of the area with its figures."""

    code: str
    name: str
    figures: dict[str, int]
    opens: bool = True


def figures_of(area: str, today: date) -> list[Area]:
    """The parts of the area with code prefix `area` (districts, streets or communities) with their figures.

    One grouped query over the check-ins of the area, one for the names. What is in no part yet (请社区帮我找)
    has a line of its own, so that the lines add up.
    """
    length = next((n for n in (6, 9, 12) if n > len(area)), 12)
    rows: Any = (
        CheckIn.objects.filter(area__code__startswith=area, state__in=(*CheckIn.AT_DESK, State.CONFIRMED))
        .annotate(part=Substr("area_id", 1, length))
        .values("part")
        .annotate(**{name: Count("pk", filter=condition) for name, condition in measures(today).items()})
    )
    counts: dict[str, dict[str, int]] = {row.pop("part"): row for row in rows}
    level = {4: "city", 6: "district", 9: "street", 12: "community"}[length]
    parts = Division.objects.filter(code__startswith=area, level=level, is_virtual=False)
    if level == "community":  # a street has few; a closed or empty one says nothing
        parts = parts.filter(Q(closed_on=None) | Q(code__in=counts))
    nothing = dict.fromkeys(measures(today), 0)
    lines = [
        Area(part.code[:length], part.short_name or part.name, counts.pop(part.code[:length], nothing))
        for part in parts.order_by("code")
    ]
    lines += [Area(code, "还没有分到社区", figures, opens=False) for code, figures in sorted(counts.items())]
    return lines


def total_of(lines: list[Area], today: date) -> dict[str, int]:
    return {name: sum(line.figures[name] for line in lines) for name in measures(today)}


def in_area(area: str, wanted: dict[str, Any], today: date) -> CheckInQuerySet:
    """The check-ins behind a figure: the area, the measure, and the rest of the filter bar."""
    rows = CheckIn.objects.filter(measures(today)[wanted["state"]], area__code__startswith=area)
    if wanted.get("unit"):
        rows = rows.filter(unit__name__contains=wanted["unit"])
    return with_people(rows.filter(narrowed(wanted)))


def in_register(area: str, *, restricted: bool) -> QuerySet[Retiree]:
    """Everybody of the area, for a list that stops early: who lives there, whose unit sits there, who asks for it.

    `restricted`: also those whom only a bureau may see.
    """
    return _counted(restricted=restricted).filter(_of_area(area))


def registered(organisation: Organisation, wanted: dict[str, str]) -> QuerySet[Retiree]:
    """The people of a bureau's or street's list that no figure leads to: everybody, or who has not checked in.

    Narrowed by the filter bar: place, unit, channel, q.
    """
    rows = in_register(organisation.area, restricted=organisation.kind == Organisation.Kind.BUREAU)
    if wanted["state"] == "none":
        rows = not_checked_in(rows)
    if wanted["place"]:
        rows = rows.filter(residence__code__startswith=wanted["place"])
    if wanted["unit"]:
        rows = rows.filter(memberships__valid_until=None, memberships__unit__name__contains=wanted["unit"])
    if wanted["channel"]:
        rows = rows.filter(checkins__in=CheckIn.objects.filter(channel=wanted["channel"], state="confirmed"))
    if wanted["q"]:
        rows = rows.filter(matching(wanted["q"], number="checkins__number"))
    return rows


def places(own: Organisation, asked: str) -> list[tuple[str, str]]:
    """The parts of one's area to choose from, and the one that a figure led from."""
    length = {4: 6, 6: 9}.get(len(own.area), 12)
    level = {6: "district", 9: "street", 12: "community"}[length]
    parts = Division.objects.filter(code__startswith=own.area, level=level, is_virtual=False, closed_on=None)
    options = [("", "全部"), *((part.code[:length], part.short_name) for part in parts.order_by("code"))]
    if asked.isdecimal() and asked.startswith(own.area) and asked not in dict(options) and len(asked) <= 12:
        options.append((asked, name_of(asked) or "还没有分到社区"))
    return options


def name_of(area: str) -> str:
    """The name of the division with code prefix `area`, "" when there is none."""
    return Division.objects.filter(code=area.ljust(12, "0")).values_list("name", flat=True).first() or ""


def _of_area(area: str) -> Q:
    """The three reasons, each looked up person by person."""
    unit = UnitMembership.objects.open().filter(retiree=OuterRef("pk")).values("unit__division")[:1]
    asked = CheckIn.objects.filter(retiree=OuterRef("pk"), state__in=CheckIn.AT_DESK).values("area")[:1]
    reasons = Q(residence__code__startswith=area)
    for place in (unit, asked):
        reasons |= Q(StartsWith(Subquery(place), area))
    return reasons


def reach(organisation: Organisation) -> QuerySet[Retiree]:
    """The people `organisation` deals with, for searching by name: first the name, then each person.

    Never more than `Retiree.objects.visible_to` gives to its staff. The dead can be found too.
    """
    people = Retiree.objects.people()
    if organisation.kind != Organisation.Kind.BUREAU:
        people = people.filter(is_restricted=False)
    if organisation.kind == Organisation.Kind.COMMUNITY:
        present = CheckIn.objects.filter(retiree=OuterRef("pk"), state__in=(*CheckIn.OPEN, State.CONFIRMED))
        ours = present.filter(Q(community=organisation) | Q(desk=organisation))
        return people.filter(Exists(ours))
    if organisation.kind == Organisation.Kind.UNIT:
        members = UnitMembership.objects.open().filter(retiree=OuterRef("pk"), unit=organisation)
        claimed = Q(standing=Retiree.Standing.CLAIMED, claimed_unit=organisation)
        return people.filter(Q(Exists(members)) | claimed)
    return people.filter(_of_area(organisation.area))


def count_register(area: str, *, restricted: bool) -> int:
    """How many in_register(area) holds; the same three reasons, each answered from its own index."""
    people = _counted(restricted=restricted).order_by()
    reasons: list[dict[str, Any]] = [
        {"residence__code__startswith": area},
        {"memberships__valid_until": None, "memberships__unit__division__code__startswith": area},
        {"checkins__state__in": CheckIn.AT_DESK, "checkins__area__code__startswith": area},
    ]
    first, *others = [people.filter(**reason).values("pk") for reason in reasons]
    return first.union(*others).count()


def _counted(*, restricted: bool) -> QuerySet[Retiree]:
    people = Retiree.objects.alive().filter(statistics_flag=True)
    return people if restricted else people.filter(is_restricted=False)


def not_checked_in(retirees: QuerySet[Retiree]) -> QuerySet[Retiree]:
    """Those of `retirees` who have neither a check-in in force nor one under way."""
    theirs = CheckIn.objects.filter(retiree=OuterRef("pk"), state__in=(State.CONFIRMED, *CheckIn.AT_DESK))
    return retirees.filter(~Exists(theirs))


def overdue_by_desk(area: str, today: date) -> QuerySet[CheckIn, Any]:
    """Per organisation seated in the area: how many requests it lets wait past their date, and since when."""
    return (
        CheckIn.objects.filter(late(today), desk__division__code__startswith=area)
        .values("desk")
        .annotate(
            count=Count("pk"),
            oldest=Min("due_on"),
            **{f"level_{i}": Count("pk", filter=condition) for i, condition in enumerate(_levels(today), 1)},
        )
        .order_by("oldest", "desk")
    )


def _levels(today: date) -> list[Q]:
    three, seven = today - timedelta(days=3), today - timedelta(days=7)
    return [Q(due_on__gte=three), Q(due_on__lt=three, due_on__gte=seven), Q(due_on__lt=seven)]
