"""What was held and who came, by kind of activity and by branch. Figures only; nobody is named."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from huifeng.rowscope.scope import as_program
from members.party.models import PartyAffiliation, PartyOrganisation

from .models import Activity, ActivityPreset, Participation

FIGURES = "figures of an area are counted over everybody"
Kind = PartyAffiliation.Kind


@dataclass
class Line:
    """`courses`: series; `enrolled`: persons in series, each once a series; `people`: everybody who came, once."""

    name: str
    venues: int = 0
    courses: int = 0
    held: int = 0
    enrolled: int = 0
    signed: int = 0
    arrived: int = 0
    people: int = 0
    minutes: int = 0
    served: int = 0

    @property
    def hours(self) -> int:
        return self.minutes // 60


def by_preset(area: Q, begin: datetime, end: datetime) -> list[Line]:
    """A line for each kind of which anything was planned from `begin` up to, not including, `end`. Three statements.

    `area`: a condition on activities.
    """
    held = Activity.objects.planned().filter(area, starts_at__gte=begin, starts_at__lt=end)
    pair = Concat(
        Cast("activity__series", CharField()),
        Value("-"),
        Cast("retiree", CharField()),
        output_field=CharField(),
    )
    with as_program(FIGURES):
        lines = {
            row["preset"]: Line("", row["venues"], row["courses"], row["held"], served=row["sum"] or 0)
            for row in held.order_by()
            .values("preset")
            .annotate(
                venues=Count("venue", distinct=True), courses=Count("series", distinct=True), held=Count("pk"),
                sum=Sum("served"),
            )
        }  # fmt: skip
        rows = Participation.objects.filter(activity__in=held).exclude(state=Participation.State.CANCELLED)
        here = Q(state=Participation.State.ARRIVED)
        for row in (
            rows.order_by()
            .values("activity__preset")
            .annotate(
                signed=Count("pk", filter=Q(state__in=Participation.HOLDS_PLACE)),
                arrived=Count("pk", filter=here),
                people=Count("retiree", filter=here, distinct=True),
                enrolled=Count(pair, filter=Q(activity__series__isnull=False), distinct=True),
                sum=Sum("minutes"),
            )
        ):
            line = lines[row["activity__preset"]]
            line.signed, line.arrived, line.people = row["signed"], row["arrived"], row["people"]
            line.enrolled, line.minutes = row["enrolled"], row["sum"] or 0
    names = {preset.pk: preset.name for preset in ActivityPreset.objects.filter(pk__in=lines)}
    found = []
    for pk, name in names.items():
        lines[pk].name = name
        found.append(lines[pk])
    return found


@dataclass
class Branch:
    """`formal` members belong here (一方隶属), each to one branch only; `guests` take part here besides (多重组织生活).

    `arrived`: attendance, every time; `people`: whoever came, once.
    """

    row: PartyOrganisation
    formal: int = 0
    guests: int = 0
    held: int = 0
    arrived: int = 0
    people: int = 0


def by_branch(branches: QuerySet[PartyOrganisation], begin: datetime, end: datetime) -> list[Branch]:
    """组织生活 of each branch: who belongs there, who takes part, how often they met and who came. Three statements."""
    lines = {row.pk: Branch(row) for row in branches.select_related("host")}
    held = Activity.objects.planned().filter(branch__in=lines, starts_at__gte=begin, starts_at__lt=end)
    with as_program(FIGURES):
        members = PartyAffiliation.objects.filter(organisation__in=lines, valid_until=None)
        for pk, kind, number in members.order_by().values_list("organisation", "kind").annotate(Count("pk")):
            if kind == Kind.FORMAL:
                lines[pk].formal = number
            else:
                lines[pk].guests = number
        for pk, number in held.order_by().values_list("branch").annotate(Count("pk")):
            lines[pk].held = number
        arrived = Participation.objects.filter(activity__in=held, state=Participation.State.ARRIVED)
        came = arrived.values("activity__branch").annotate(
            times=Count("pk"), people=Count("retiree", distinct=True)
        )
        for row in came.order_by():
            line = lines[row["activity__branch"]]
            line.arrived, line.people = row["times"], row["people"]
    return list(lines.values())


def formal_members(branches: QuerySet[PartyOrganisation]) -> int:
    """People who belong to one of the branches: each once, wherever else they take part."""
    with as_program(FIGURES):
        rows = PartyAffiliation.objects.filter(organisation__in=branches, kind=Kind.FORMAL, valid_until=None)
        return rows.values("retiree").distinct().count()
