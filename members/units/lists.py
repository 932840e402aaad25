"""The lists of the bureau's pages about units: what is in them and how they are searched."""

import re
import unicodedata
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, Q, QuerySet
from django.utils import timezone

from communities.organisations.models import Assignment, Organisation
from members.people.models import Retiree

from .models import UnitMembership, UnitReorganisation

MOST_COUNTED = 1000  # counting a unit's people stops here: 1000+
Kind, State = Organisation.Kind, UnitReorganisation.State


class Length(Func):
    function = "CARDINALITY"
    output_field = IntegerField()


def units_of(area: str, words: str = "", *, closed: bool = False) -> QuerySet[Organisation]:
    """The units seated in `area`, by name; `people`: how many each manages, counted up to MOST_COUNTED + 1."""
    rows = Organisation.objects.within(area).filter(kind=Kind.UNIT, closed_on__isnull=not closed)
    return (
        with_people(rows.filter(named(words))).select_related("division", "successor").order_by("name", "pk")
    )


def with_people(units: QuerySet[Organisation]) -> QuerySet[Organisation]:
    """Each with `people`: no count reads more of the index than it shows."""
    members = UnitMembership.objects.open().filter(unit=OuterRef("pk")).order_by()
    return units.annotate(people=Length(ArraySubquery(members.values("pk")[: MOST_COUNTED + 1])))


def named(words: str) -> Q:
    """A condition for what somebody types to find a unit: a part of its name, or its credit code."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))[:60]
    return Q(name__contains=text) | Q(credit_code=text.upper()) if text else Q()


def candidates(words: str) -> QuerySet[Organisation]:
    """Open units that may give or receive people, those outside the city too."""
    units = Organisation.objects.open().filter(named(words), kind__in=(Kind.UNIT, Kind.EXTERNAL_UNIT))
    return units.select_related("division").order_by("name", "pk")


def staff_of(unit: Organisation) -> QuerySet[Assignment]:
    """Who works for the unit today, the lead first."""
    active = Assignment.objects.active(timezone.localdate()).filter(organisation=unit)
    return active.select_related("user").order_by("-role", "pk")


def history_of(unit: Organisation) -> QuerySet[UnitReorganisation]:
    """What it gave away and received, the newest first."""
    done = UnitReorganisation.objects.filter(state__in=(State.DONE, State.UNDONE))
    ours = done.filter(Q(sources=unit) | Q(targets=unit) | Q(rest_to=unit)).distinct()
    return (
        ours.select_related("rest_to").prefetch_related("sources", "targets").order_by("-effective_on", "-pk")
    )


def people_of(reorganisation: UnitReorganisation, words: str = "") -> QuerySet[Any, Any]:
    """The people of its old unit, by name, each with where the plan lets them go (`goes_to`)."""
    rows = UnitMembership.objects.planned(reorganisation).select_related("retiree")
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))[:30]
    if text:
        field = "name_pinyin" if text.isascii() else "name"
        rows = rows.filter(
            retiree__in=Retiree.objects.filter(**{f"{field}__contains": text.lower()}).values("pk")
        )
    return rows.order_by("retiree__name_pinyin", "retiree_id")
