"""What an organisation has to visit, in the order in which it should, and what stands beside a person."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from checkin.record.lists import Due, due_words
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes.labels import label
from members.people.models import Retiree
from members.units.models import UnitMembership

from .models import HOSPITAL, CareClass, CareNote, CareTeam, Obligation, Visit
from .permissions import may_visit

OLD, FIRST, LATER = 90, 0, 1
SHOWS = {"now": "今天", "week": "7 天内", "later": "以后", "late": "已逾期", "done": "已走访"}
OURS = ("ours", "我们的老同志，由社区走访")
CAP = 500  # figures of the plan stop here


def plan(organisation: Organisation, show: str, today: date) -> QuerySet[Any]:
    """The lines of `show`, with `rank`: people in hospital, living alone or 90 and older come first."""
    rows = Obligation.objects.select_related("retiree", "preset", "organisation", "visit")
    if organisation.kind != Organisation.Kind.BUREAU:
        rows = rows.filter(retiree__is_restricted=False)
    if show == "ours":
        members = UnitMembership.objects.open().filter(unit=organisation).values("retiree")
        rows = rows.open().filter(retiree__in=members).exclude(organisation=organisation)
    elif show == "done":
        rows = rows.filter(organisation=organisation, state=Obligation.State.DONE)
    else:
        rows = rows.open().filter(_when(show, today), organisation=organisation)
    return rows.annotate(
        rank=Case(When(_first(today), then=FIRST), default=Value(LATER), output_field=IntegerField())
    )


def _when(show: str, today: date) -> Q:
    week = today + timedelta(days=7)
    return {
        "week": Q(due_on__gt=today, due_on__lte=week),
        "later": Q(due_on__gt=week),
        "late": Q(due_on__lt=today),
    }.get(show, Q(due_on__lte=today))


def _first(today: date) -> Q:
    born = today.replace(year=today.year - OLD, day=min(today.day, 28))
    return Q(preset__key=HOSPITAL) | Q(retiree__living_situation="alone") | Q(retiree__birth_date__lte=born)


def keys(show: str) -> tuple[str, ...]:
    """The order of a list, for slices.cut."""
    return ("-due_on", "-pk") if show == "done" else ("rank", "due_on", "pk")


def homes_today(organisation: Organisation, today: date) -> int:
    """How many people are to be visited today, those that are late among them (at most CAP lines are read)."""
    rows = plan(organisation, "now", today).order_by().values_list("retiree_id", flat=True)
    return len(set(rows[:CAP]))


@dataclass(frozen=True)
class Line:
    """One line with its words: why it comes first, and until when there is time."""

    row: Obligation
    marks: list[str]
    due: Due | None


def line(row: Obligation, today: date) -> Line:
    retiree, marks = row.retiree, []
    age = retiree.age(today)
    if row.preset.key == HOSPITAL:
        marks.append("住院")
    if retiree.living_situation == "alone":
        marks.append(label("living_situation", "alone"))
    if age is not None and age >= OLD:
        marks.append(f"{age} 岁")
    due = due_words(row.due_on, today) if row.state == Obligation.State.DUE else None
    return Line(row, marks, due)


@dataclass(frozen=True)
class Care:
    """All that is known of somebody's care, as far as the reader may read it."""

    attention: CareClass | None
    why: str
    teams: list[CareTeam]
    lines: list[tuple[Obligation, Due | None, bool]]
    visits: list[tuple[Visit, CareNote | None]]


def care_of(retiree: Retiree, user: User, *, most: int = 20) -> Care:
    """Class, teams, open lines and the newest visits of a person. Words only where the database gives them."""
    today = timezone.localdate()
    attention = (
        CareClass.objects.filter(retiree=retiree, ended_on=None).select_related("organisation").first()
    )
    teams = CareTeam.objects.filter(retiree=retiree, ended_on=None).select_related("preset")
    rows = Obligation.objects.open().filter(retiree=retiree).select_related("preset", "organisation")
    lines = []
    for row in rows.order_by("due_on", "pk"):
        row.retiree = retiree
        lines.append((row, due_words(row.due_on, today), may_visit(user, row)))
    visits = list(
        Visit.objects.filter(retiree=retiree, undone_at=None)
        .select_related("organisation")
        .order_by("-visited_on", "-pk")[:most]
    )
    notes = {note.visit_id: note for note in CareNote.objects.filter(visit__in=visits)}
    why = CareNote.objects.filter(care_class=attention).first() if attention else None
    return Care(
        attention,
        why.words if why else "",
        list(teams.prefetch_related("seats")),
        lines,
        [(visit, notes.get(visit.pk)) for visit in visits],
    )
