"""What an erasure does in this room (docs/security.md, Erasure)."""

from django.db.models import Q

from huifeng.jobs import files
from members.people.erasing import ERASED
from members.people.registry import Erased

from .models import ImportBatch, ImportRow, TransferProposal

COVERS = {
    "members_roster.ImportRow": "deleted: rows of the person, and of the name where nobody was found",
    "members_roster.ImportBatch": "stays; the files that name the person are deleted before their month is over",
    "members_roster.TransferProposal": "words emptied",
}


def erase(erased: Erased) -> None:
    """The plan's rows say in which files the person stands: a stranger's file is not opened again."""
    rows = ImportRow.objects.filter(Q(person__in=erased.keys) | Q(person=None, name__in=erased.texts))
    batches = list(rows.values_list("batch_id", flat=True).distinct())
    for batch in ImportBatch.objects.filter(pk__in=batches):
        for file_id in (batch.file_id, batch.error_file_id):
            if file_id is not None:
                files.delete(file_id)
    rows.delete()
    proposals = TransferProposal.objects.filter(retiree__in=erased.keys)
    proposals.exclude(reason="").update(reason=ERASED)
