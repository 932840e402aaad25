"""Who reads the audit: the leads (负责人) of bureaus, each within the bureau's area; the city's reads everything."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from communities.organisations.models import Assignment, Organisation
from communities.organisations.permissions import CITY_AREA, in_areas, is_system
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry

from .models import AccessAlert


def led_areas(user: User) -> tuple[str, ...]:
    """The areas of the open bureaus `user` leads today. One query."""
    rows = Assignment.objects.active(timezone.localdate()).filter(
        user=user,
        user__is_active=True,
        role=Assignment.Role.LEAD,
        organisation__kind=Organisation.Kind.BUREAU,
        organisation__closed_on=None,
    )
    return tuple(row.organisation.area for row in rows.select_related("organisation__division"))


def may_read_audit(user: User, bureau: Organisation) -> bool:
    """Source: docs/rules.md, W2."""
    return bureau.kind == Organisation.Kind.BUREAU and bureau.area in led_areas(user)


def may_check(user: User, alert: AccessAlert) -> bool:
    """A lead of the bureau that was told or of one above it; never about oneself (P12)."""
    if is_system(user):
        return True
    code = alert.bureau.division_id or ""
    return alert.reader_id != user.pk and any(code.startswith(area) for area in led_areas(user))


def offices_within(area: str) -> QuerySet[Organisation]:
    """The organisations seated in the area with code prefix `area`."""
    return Organisation.objects.within(area)


def staff_within(area: str) -> QuerySet[User]:
    """Accounts that work or worked for an organisation of the area."""
    worked = Assignment.objects.filter(organisation__in=offices_within(area))
    return User.objects.filter(pk__in=worked.values("user"))


def entries_within(area: str) -> QuerySet[AuditEntry]:
    """What a lead of the bureau with this area reads: acts for organisations of the area, and acts for none by
    their staff; the city's lead reads everything.
    """
    entries = AuditEntry.objects.all()
    if len(area) <= CITY_AREA:
        return entries
    staff = staff_within(area).values("pk")
    return entries.filter(
        Q(organisation_id__in=offices_within(area).values("pk"))
        | Q(organisation_id__isnull=True, actor_id__in=staff)
    )


def alerts_within(area: str) -> QuerySet[AccessAlert]:
    return AccessAlert.objects.filter(in_areas("bureau__division__code", (area,)))
