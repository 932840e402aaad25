"""What an erasure does in this room (docs/security.md, Erasure)."""

from huifeng.jobs import files
from members.people.registry import Erased

from .actions import KIND
from .models import ExportOrder

COVERS = {
    "members_exports.ExportOrder": "what was typed as a condition is emptied where it names the person",
    "members_exports.ExportLog": "figures and a check sum",
}


def erase(erased: Erased) -> None:
    """Files of lists are deleted when the person stands in them: they are kept for a week only."""
    files.forget_holding([KIND], erased.is_in)
    orders = ExportOrder.objects.exclude(filters=None).only("filters")
    for order in orders.iterator(chunk_size=2000):
        if erased.is_in(order.filters):
            ExportOrder.objects.filter(pk=order.pk).update(filters="")
