"""Telling everybody of tomorrow: one pass over all activities and everybody in them, in batches."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import batched

from django.db import transaction
from django.utils import timezone

from huifeng.texts.actions import send_many
from services.activities import notices
from services.activities.models import Activity, Participation

from .steps import State

BATCH = 100  # activities


def remind_tomorrow() -> int:
    """Owe a text to everybody who holds a place tomorrow and has a phone; returns how many. Told once a time.

    Two statements for each hundred activities, whose people are found by an index. Source: docs/rules.md, T10.
    """
    begin = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    held = Activity.objects.planned().filter(starts_at__gte=begin, starts_at__lt=begin + timedelta(days=1))
    return sum(_remind(part) for part in batched(held.order_by("pk"), BATCH, strict=False))


@transaction.atomic
def _remind(activities: Sequence[Activity]) -> int:
    said = {row.pk: (f"eve{row.starts_at:%Y%m%d%H%M}", notices.eve(row)) for row in activities}
    rows = Participation.objects.filter(
        activity__in=list(said), state=State.SIGNED, retiree__died_on=None, retiree__phone__isnull=False
    )
    texts = []
    for row in rows.select_related("retiree"):
        fact, words = said[row.activity_id]
        texts.append((f"activity:{row.activity_id}:{fact}:{row.retiree_id}", row.retiree.phone, words))
    send_many(texts)
    return len(texts)
