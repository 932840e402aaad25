"""What an erasure does in this room (docs/security.md, Erasure)."""

from django.db import connection, transaction
from django.utils import timezone

from members.people.erasing import ERASED
from members.people.registry import Erased

from . import photos
from .models import CheckIn, CheckInEvent, ConsentPaper, SeasonalStay, new_token

COVERS = {
    "checkin_record.CheckIn": "address, words, what was declared, emptied; links end; states, days, places stay",
    "checkin_record.CheckInEvent": "names and words emptied by a function of the owner's; moves and days stay",
    "checkin_record.ConsentPaper": "deleted with its photograph",
    "checkin_record.SeasonalStay": "ended, its address emptied",
    "checkin_record.Ceremony": "unit, day, place",
    "checkin_record.NumberSeries": "a counter",
}


def erase(erased: Erased) -> None:
    checkins = CheckIn.objects.filter(retiree__in=erased.keys)
    for checkin in checkins.order_by("pk"):
        checkin.address, checkin.remarks, checkin.declared = "", "", {}
        checkin.return_words = ERASED if checkin.return_words else ""
        checkin.token = new_token()
        checkin.version += 1
        checkin.save()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT erase_{CheckInEvent._meta.db_table}(%s)",
            [list(CheckInEvent.objects.filter(checkin__in=checkins).values_list("pk", flat=True))],
        )
    papers = ConsentPaper.objects.filter(checkin__in=checkins)
    names = list(papers.values_list("file_name", flat=True))
    papers.delete()
    # after COMMIT: what a crash leaves behind the nightly sweep takes (photos.sweep)
    transaction.on_commit(lambda: photos.delete(names), robust=True)
    stays = SeasonalStay.objects.filter(retiree__in=erased.keys)
    stays.filter(ended_at=None).update(ended_at=timezone.now())
    stays.update(address="")
