"""Telling everybody of tomorrow: one pass over all activities and everybody in them, in batches."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from huifeng.texts.actions import send_many
from services.activities import notices
from services.activities.models import Activity, Participation

from .steps import State

BATCH = 2000


def remind_tomorrow() -> int:
    """Owe a text to everybody who holds a place tomorrow and has a phone; returns how many. Told once a time.

    Two statements for each two thousand people. Source: docs/rules.md, T10.
    """
    begin = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    held = Activity.objects.planned().filter(starts_at__gte=begin, starts_at__lt=begin + timedelta(days=1))
    activities = {row.pk: row for row in held}
    rows = Participation.objects.filter(
        activity__in=held, state=State.SIGNED, retiree__died_on=None, retiree__phone__isnull=False
    ).order_by("pk")
    told, last = 0, 0
    while batch := list(rows.filter(pk__gt=last).select_related("retiree")[:BATCH]):
        with transaction.atomic():
            send_many(
                (
                    f"activity:{row.activity_id}:eve{activities[row.activity_id].starts_at:%Y%m%d%H%M}:{row.retiree_id}",
                    row.retiree.phone,
                    notices.eve(activities[row.activity_id]),
                )
                for row in batch
                if row.activity_id in activities
            )
        told, last = told + len(batch), batch[-1].pk
    return told
