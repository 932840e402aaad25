from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from checkin.record import photos
from checkin.record.models import CheckIn, ConsentPaper, State
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.people.models import Retiree

from .endings import withdraw

DRAFT_STAYS = timedelta(days=180)  # ours
ORPHAN_STAYS = timedelta(days=1)
A_NIGHT = 500  # drafts a run; the rest the next night
WORDS = "半年没有提交，草稿不再保留"


def forget_old(*, by: User) -> dict[str, int]:
    """Withdraw drafts nobody handed in for half a year and empty what they say; delete photographs no row names.

    One transaction a draft. Source: docs/retention.md.
    """
    over = CheckIn.objects.filter(state=State.DRAFT, created_at__lt=timezone.now() - DRAFT_STAYS)
    drafts = sum(_forget_draft(key, by) for key in over.order_by("pk").values_list("pk", flat=True)[:A_NIGHT])
    known = set(ConsentPaper.objects.values_list("file_name", flat=True))
    return {"drafts": drafts, "photos": photos.sweep(known, older_than=ORPHAN_STAYS.total_seconds())}


@transaction.atomic
def _forget_draft(checkin_id: int, by: User) -> int:
    """One draft; 0 when it was handed in or taken back meanwhile."""
    retiree_id = CheckIn.objects.values_list("retiree_id", flat=True).get(pk=checkin_id)
    try:
        Retiree.objects.locked(retiree_id)
    except RuleBroken:  # merged or erased just now: settled there
        return 0
    if not CheckIn.objects.filter(pk=checkin_id, state=State.DRAFT).exists():
        return 0
    withdraw(checkin_id, by=by, words=WORDS)
    CheckIn.objects.filter(pk=checkin_id).update(address="", remarks="", declared={})
    return 1
