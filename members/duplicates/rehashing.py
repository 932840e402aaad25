"""Marks of merges under the newest index key (docs/decisions/0009)."""

from django.conf import settings
from django.db import transaction

from members.people.models import Retiree

from . import snapshots
from .models import PersonMerge


def rehash_marks() -> int:
    """Make anew the marks of merges that can still be undone; how many. What has changed since stays as it is.

    Both people are locked in key order, as for an undo.
    """
    if len(settings.INDEX_KEYS) == 1:
        return 0
    found = PersonMerge.objects.filter(undone_at=None).order_by("pk").values_list("pk", "kept_id", "other_id")
    return sum(_rehash(*row) for row in found.iterator())


@transaction.atomic
def _rehash(merge_id: int, kept_id: int, other_id: int) -> int:
    Retiree.objects.locked_pair(kept_id, other_id)
    merge = PersonMerge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    try:
        rows = snapshots.rows_of(merge.moved)
    except KeyError:  # a row is gone: this merge can be undone under no key
        return 0
    made = 0
    for entry, row in zip(merge.moved, rows, strict=True):
        new = snapshots.mark(row, entry["written"])
        if new != entry["mark"] and snapshots.is_mark_of(entry["mark"], row, entry["written"]):
            entry["mark"], made = new, made + 1
    if made:
        merge.save(update_fields=["moved"])
    return made
