from datetime import date

from django.db.models import Count
from django.utils import timezone

from communities.notices.actions import post_each
from huifeng.rowscope.scope import as_program

from ..making import end_of_the_dead, follow_people, make_due
from ..models import Obligation

MONDAY = 0


def make_all_due(today: date | None = None) -> dict[str, int]:
    """Every night: lines follow their people, the dead are owed none, and what is due by rhythm and class is made.

    Six statements for any number of people; repeating it, or two at once, changes nothing more.
    Source: docs/rules.md, V1.
    """
    return {"made": make_due(today), "ended": end_of_the_dead(), "moved": follow_people()}


@as_program("every organisation is told of its own")
def remind_late(today: date | None = None) -> int:
    """On Mondays each organisation is told how many visits it is late with: one notice a week, a figure, no names."""
    today = today or timezone.localdate()
    if today.weekday() != MONDAY:
        return 0
    late = Obligation.objects.late(today).values("organisation").annotate(n=Count("retiree", distinct=True))
    words = {
        row["organisation"]: f"有{row['n']}位老同志的走访已经逾期，请打开走访计划看看。"
        for row in late.order_by()
    }
    post_each(words, key=f"care_late:{today}", kind="care_late", link="page:visits/?show=late")
    return len(words)
