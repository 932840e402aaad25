"""What an erasure does in this room (docs/security.md, Erasure)."""

from django.db.models import Q

from members.people.registry import Erased

from .models import DuplicatePair, PersonMerge

COVERS = {
    "members_duplicates.DuplicatePair": "deleted: it only says that two rows look alike",
    "members_duplicates.PersonMerge": "stays; what an undo would need is emptied",
}


def erase(erased: Erased) -> None:
    of_person = Q(kept__in=erased.keys) | Q(other__in=erased.keys)
    PersonMerge.objects.filter(of_person).update(words=[], moved=[], exchanged=[])
    DuplicatePair.objects.filter(Q(first__in=erased.keys) | Q(second__in=erased.keys)).delete()
