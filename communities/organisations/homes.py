"""Where staff go after login: the pages of the organisations they act for."""

from django.utils import timezone

from huifeng.accounts.homes import Home
from huifeng.accounts.models import User

from .models import Assignment, Organisation

PAGES = {
    Organisation.Kind.COMMUNITY: "/community/",
    Organisation.Kind.UNIT: "/unit/",
    Organisation.Kind.BUREAU: "/bureau/",
    Organisation.Kind.STREET: "/bureau/",
}


def staff_homes(user: User) -> list[Home]:
    """One home for each kind of organisation `user` acts for today, the longest-standing assignment first."""
    assignments = (
        Assignment.objects.active(timezone.localdate())
        .filter(user=user, organisation__closed_on=None, organisation__kind__in=PAGES)
        .select_related("organisation")
        .order_by("valid_from", "pk")
    )
    return [
        Home(title=a.organisation.name, url=PAGES[Organisation.Kind(a.organisation.kind)], staff=True)
        for a in assignments
    ]
