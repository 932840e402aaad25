from datetime import timedelta

from django.utils import timezone

from checkin.proposals.models import ChangeProposal

VALUES_STAY = timedelta(days=3 * 365)  # ours
FORGOTTEN = "已过保存期限"


def forget_old() -> int:
    """Three years after the answer, empty values and words of proposals; which field, who and when stay.

    One statement; nothing is left for a second run. Returns how many. Source: docs/retention.md.
    """
    over = ChangeProposal.objects.exclude(state=ChangeProposal.State.OPEN).exclude(why=FORGOTTEN)
    return over.filter(decided_at__lt=timezone.now() - VALUES_STAY).update(
        old_value=None, new_value=None, old_sealed="", new_sealed="", why=FORGOTTEN, reason=FORGOTTEN
    )
