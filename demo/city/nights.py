"""A clerk who opened people's records late in the evening: what a bureau is told of as 异常查看."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from checkin.access import actions
from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.people.looks import VIEWED
from members.people.models import Retiree

from .store import Store

OPENED = 4  # records


def look_at_night(community: Organisation, clerk: User) -> None:
    """Yesterday from 22:40 on, three minutes each; then the alert, by the act that beat calls."""
    yesterday = timezone.localdate() - timedelta(days=1)
    began = timezone.make_aware(datetime.combine(yesterday, time(22, 40)))
    seen = CheckIn.objects.filter(community=community, state=State.CONFIRMED).order_by("-pk")[:OPENED]
    store = Store()
    for place, retiree_id in enumerate(seen.values_list("retiree_id", flat=True)):
        store.put(
            AuditEntry,
            at=began + timedelta(minutes=3 * place),
            actor_id=clerk.pk,
            actor=clerk.display_name,
            organisation_id=community.pk,
            action=VIEWED,
            target_type=Retiree._meta.label_lower,
            target_id=str(retiree_id),
            after={"page": "community:person"},
        )
    store.write([AuditEntry], say=lambda words: None)
    actions.raise_alerts()
