"""Giving all people of a reorganisation their new unit, or their old one again: a few statements, however many.

The caller holds the locks (people, then units) and the transaction.
"""

from django.db import connection
from django.db.models import CharField, DateField, F, OuterRef, Subquery, Value
from django.db.models.functions import JSONObject

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.setwise import insert_from
from members.people.models import IdentityClaim, Retiree

from ..models import ReorganisationPerson, UnitMembership, UnitReorganisation
from .memberships import overseer_of


def move_people(reorganisation: UnitReorganisation, *, by: User) -> int:
    """End the old memberships, begin the new, write it down for each person; returns how many people.

    A membership that began after the last day never held under the old unit: it is the new unit's as it is.
    Original unit and post stay on the person. Source: docs/rules.md, P10.
    """
    _write_down_who(reorganisation)
    first_day = reorganisation.first_day
    here = UnitMembership.objects.filter(pk__in=reorganisation.moved().values("before"))
    here.filter(valid_from__lt=first_day).update(valid_until=first_day)
    older = reorganisation.moved().filter(before__valid_until=first_day)
    insert_from(
        UnitMembership,
        ["retiree", "unit", "valid_from", "cause", "document"],
        older.values_list(
            "retiree_id",
            "target_id",
            Value(first_day, DateField()),
            Value(str(UnitMembership.Cause.REORGANISED), CharField()),
            Value(reorganisation.document, CharField()),
        ),
    )
    _run(
        "UPDATE members_units_unitmembership m SET unit_id = p.target_id FROM members_units_reorganisationperson p"
        " WHERE p.reorganisation_id = %s AND m.id = p.before_id AND m.valid_until IS NULL",
        reorganisation,
    )
    _claims_follow(reorganisation, "source", "target")
    return _audit(reorganisation, "membership.reorganised", "source", "target", by=by)


def move_back(reorganisation: UnitReorganisation, *, by: User) -> int:
    """Let the old memberships hold again as if they had not been ended; returns how many people.

    The memberships that were begun are deleted: they never held. What was done stays in the rows of the
    reorganisation and in the audit.
    """
    _run(
        "DELETE FROM members_units_unitmembership m"
        " USING members_units_reorganisationperson p, members_units_unitmembership b"
        " WHERE p.reorganisation_id = %s AND b.id = p.before_id AND b.valid_until IS NOT NULL"
        " AND m.retiree_id = p.retiree_id AND m.valid_until IS NULL",
        reorganisation,
    )
    _run(
        "UPDATE members_units_unitmembership m SET valid_until = NULL, unit_id = p.source_id"
        " FROM members_units_reorganisationperson p WHERE p.reorganisation_id = %s AND m.id = p.before_id",
        reorganisation,
    )
    _claims_follow(reorganisation, "target", "source")
    return _audit(reorganisation, "membership.restored", "target", "source", by=by)


def _write_down_who(reorganisation: UnitReorganisation) -> None:
    """A row for everybody who goes, with the unit and the membership that are left."""
    leaving = UnitMembership.objects.leaving(reorganisation)
    of_person = leaving.filter(retiree=OuterRef("retiree_id"))
    chosen = reorganisation.people.filter(retiree__in=leaving.values("retiree"))
    chosen.update(
        source=Subquery(of_person.values("unit_id")[:1]), before=Subquery(of_person.values("pk")[:1])
    )
    insert_from(
        ReorganisationPerson,
        ["reorganisation", "retiree", "target", "source", "before"],
        leaving.exclude(retiree__in=reorganisation.people.values("retiree")).values_list(
            Value(reorganisation.pk), "retiree_id", "goes_to", "unit_id", "pk"
        ),
    )


def _run(statement: str, reorganisation: UnitReorganisation) -> None:
    """A statement that joins the memberships with who goes; a subquery for each row would take minutes."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [reorganisation.pk])


def _claims_follow(reorganisation: UnitReorganisation, left: str, reached: str) -> None:
    """Open identity claims lie on the desk of the managing unit; outside the system nobody has one: the bureau."""
    for unit in Organisation.objects.filter(pk__in=reorganisation.moved().values(reached).distinct()):
        people = reorganisation.moved().filter(**{reached: unit})
        waiting = IdentityClaim.objects.filter(
            state=IdentityClaim.State.OPEN, retiree__in=people.values("retiree"), desk__in=people.values(left)
        )
        waiting.update(desk=overseer_of(unit) if unit.is_external else unit)


def _audit(reorganisation: UnitReorganisation, action: str, left: str, reached: str, *, by: User) -> int:
    """One entry a person, as a transfer writes one."""
    rows = reorganisation.moved().annotate(
        entry_target=F("retiree_id"),
        entry_organisation=F(f"{reached}_id"),
        entry_before=JSONObject(unit=F(f"{left}_id")),
        entry_after=JSONObject(
            unit=F(f"{reached}_id"),
            on=Value(reorganisation.first_day.isoformat(), CharField()),
            reorganisation=Value(reorganisation.pk),
        ),
    )
    return audit.record_from(action, Retiree, rows, by=by, note=reorganisation.document)
