"""Somebody who stands twice in a roster: once with the ID number, once from an old list without it."""

from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.units.models import UnitMembership


def plant_double(unit: Organisation) -> None:
    """Let one member of `unit` be another one's double; the search for doubles finds it."""
    members = UnitMembership.objects.open().filter(unit=unit).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=members, user=None, is_restricted=False)
    alone = people.filter(checkins=None, helpers=None, identity_claims=None, died_on=None).order_by("-pk")
    double = alone.first()
    if double is None:
        return
    twin = (
        people.exclude(pk=double.pk)
        .exclude(birth_date=None)
        .filter(id_index__isnull=False)
        .order_by("-pk")
        .first()
    )
    if twin is not None:
        double.name, double.name_pinyin = twin.name, twin.name_pinyin
        double.birth_date, double.sex, double.kind = twin.birth_date, twin.sex, twin.kind
        double.set_id_number("")
        double.save()
