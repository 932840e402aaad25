"""The organisations of places: a bureau for each city and district, one for each street and community."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from communities.divisions.models import Division
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import registry
from ..models import Assignment, Organisation
from ..permissions import may_edit_contact, may_manage_places

Level, Kind = Division.Level, Organisation.Kind
KIND_OF = {
    Level.CITY: Kind.BUREAU,
    Level.DISTRICT: Kind.BUREAU,
    Level.STREET: Kind.STREET,
    Level.COMMUNITY: Kind.COMMUNITY,
}
CONTACT_FIELDS = ("address", "phone", "contact", "hours")


@dataclass(frozen=True)
class Report:
    created: int
    renamed: int
    closed: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def ensure_place_organisations(*, by: User) -> Report:
    """Give every open place its organisation, set-based; names and closures follow the register.

    Parents: community → street → district bureau → city bureau. Virtual communities have none. Repeating it
    changes and records nothing. The system or a city bureau may.
    """
    cities = list(Division.objects.select_for_update().filter(level=Level.CITY).order_by("pk"))
    require(all(may_manage_places(by, city.code) for city in cities))
    known = {row.division_id: row for row in Organisation.objects.filter(kind__in=Organisation.PLACE_KINDS)}
    renamed = _rename(known)
    closed = _close_with_places()
    created = sum(_create(level, known) for level in KIND_OF)
    if cities and (created or renamed or closed):
        counts = {"created": created, "renamed": renamed, "closed": closed}
        audit.record("organisations.followed_places", cities[0], by=by, after=counts)
    return Report(created, renamed, closed)


def name_of(place: Division) -> str:
    """市南区委老干部局 for a district, 香港中路街道 for a street, 湛山社区 for a community."""
    return f"{place.name}委老干部局" if KIND_OF[Level(place.level)] == Kind.BUREAU else place.short_name


def follow_added(place: Division, by: User) -> None:
    """A community was added by hand: it gets its organisation at once."""
    parent = Organisation.objects.filter(division=place.parent_id, kind=Kind.STREET).first()
    Organisation.objects.get_or_create(
        division=place,
        kind=Kind.COMMUNITY,
        defaults={
            "code": place.code,
            "name": place.short_name,
            "parent": parent,
            "opened_on": timezone.localdate(),
        },
    )


def follow_renamed(place: Division, by: User) -> None:
    Organisation.objects.filter(division=place, kind=Kind.COMMUNITY).update(name=place.short_name)


@as_program("an organisation's act finds everybody it has, seen or not")
def follow_closed(place: Division, successor: Division | None, on: date, by: User) -> None:
    """A community was closed or merged: so is its organisation, its staff leave, the upper rooms are told."""
    places = [place.pk, successor.pk] if successor else [place.pk]
    locked = Organisation.objects.select_for_update(of=("self",)).filter(
        division__in=places, kind=Kind.COMMUNITY
    )
    rows = {row.division_id: row for row in locked.order_by("pk")}
    community = rows.get(place.pk)
    if community is None or community.closed_on:
        return
    heir = rows.get(successor.pk) if successor else None
    end(community, heir, on)
    for hook in registry.on_community_closed:
        hook(community, heir, on, by)


def end(organisation: Organisation, successor: Organisation | None, on: date) -> None:
    """Close the row and the assignments that hang on it. The caller holds the locks and writes the audit."""
    organisation.closed_on, organisation.successor = on, successor
    organisation.save(update_fields=["closed_on", "successor"])
    Assignment.objects.filter(organisation=organisation, valid_until=None).update(
        valid_until=Greatest(F("valid_from"), on)
    )


@transaction.atomic
def update_contact(organisation_id: int, *, by: User, **contact: str) -> Organisation:
    """Change how an organisation is reached: `address`, `phone`, `contact`, `hours`; what is left out stays.

    Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (closed). Saying the same again changes
    nothing.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    require(may_edit_contact(by, organisation))
    if organisation.closed_on:
        raise RuleBroken(f"{organisation.name}已撤销，不能再改联系方式。", code="closed")
    changed = {
        field: value.strip()
        for field, value in contact.items()
        if field in CONTACT_FIELDS and getattr(organisation, field) != value.strip()
    }
    if not changed:
        return organisation
    before = {field: getattr(organisation, field) for field in changed}
    for field, value in changed.items():
        setattr(organisation, field, value)
    organisation.save(update_fields=list(changed))
    audit.record("organisation.contact_changed", organisation, by=by, before=before, after=changed)
    return organisation


def _rename(known: dict[str | None, Organisation]) -> int:
    """Streets and communities are called what the register calls them; a bureau keeps the name it has."""
    places = Division.objects.filter(level__in=[Level.STREET, Level.COMMUNITY]).only("code", "short_name")
    wrong = []
    for place in places:
        row = known.get(place.pk)
        if row is not None and row.name != place.short_name and row.closed_on is None:
            row.name = place.short_name
            wrong.append(row)
    Organisation.objects.bulk_update(wrong, ["name"], batch_size=500)
    return len(wrong)


def _close_with_places() -> int:
    """Organisations still open at a place that is closed, in case the place was closed without the hooks."""
    left: QuerySet[Organisation] = Organisation.objects.open().filter(
        kind__in=Organisation.PLACE_KINDS, division__closed_on__isnull=False
    )
    rows = list(left.select_related("division"))
    for row in rows:
        end(row, None, row.division.closed_on)  # type: ignore[union-attr,arg-type]  # filtered above
    return len(rows)


def _create(level: Division.Level, known: dict[str | None, Organisation]) -> int:
    """Organisations of one `level` that lack, added to `known`; the level above must be there already."""
    places = Division.objects.open().filter(level=level, is_virtual=False).order_by("pk")
    new = []
    for place in places:
        if place.pk not in known:
            parent = known.get(place.parent_id)
            new.append(
                Organisation(
                    code=place.code, kind=KIND_OF[level], name=name_of(place), division=place, parent=parent
                )
            )
    Organisation.objects.bulk_create(new, batch_size=2000)
    known.update({row.division_id: row for row in new})
    return len(new)
