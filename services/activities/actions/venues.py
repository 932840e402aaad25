from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from services.activities.models import Activity, Venue
from services.activities.permissions import may_organise


@transaction.atomic
def add_venue(keeper_id: int, *, kind: str, name: str, address: str, capacity: int | None, by: User) -> Venue:
    """Enter a place for activities. The same name at the same keeper is the same one, and in use again."""
    keeper = Organisation.objects.select_for_update(no_key=True).get(pk=keeper_id)
    require(may_organise(by, keeper))
    if not name.strip() or not address.strip():
        raise RuleBroken("请填场所名称和地址。", code="empty")
    known = Venue.objects.filter(keeper=keeper, name=name.strip()).first()
    if known is not None and known.closed_on is None:
        return known
    venue = known or Venue(keeper=keeper, name=name.strip())
    venue.kind, venue.address, venue.capacity = Venue.Kind(kind), address.strip(), capacity
    venue.closed_on = None
    venue.save()
    audit.record("venue.added", venue, by=by, organisation_id=keeper.pk, after={"name": venue.name})
    return venue


@transaction.atomic
def close_venue(venue_id: int, *, by: User) -> Venue:
    """停用. Repeating it changes nothing. Raises PermissionDenied, RuleBroken (activities are still to come there)."""
    venue = (
        Venue.objects.select_for_update(no_key=True, of=("self",)).select_related("keeper").get(pk=venue_id)
    )
    require(may_organise(by, venue.keeper))
    if venue.closed_on is not None:
        return venue
    coming = Activity.objects.coming(timezone.now()).filter(venue=venue).count()
    if coming:
        raise RuleBroken(f"{venue.name}还有 {coming} 场活动要办，请先改地点或取消，再停用。", code="in_use")
    venue.closed_on = timezone.localdate()
    venue.save(update_fields=["closed_on"])
    audit.record("venue.closed", venue, by=by, organisation_id=venue.keeper_id)
    return venue
