"""Last month's feedback reports: all made and sent, most answered, some late, one corrected, one with a link."""

from datetime import date, datetime, timedelta

from django.db.models.functions import Mod
from django.utils import timezone

from checkin.feedback import actions, periods
from checkin.feedback.models import FeedbackMatter, FeedbackReport, Reply, Side, State
from checkin.statistics.months import Month
from communities.calendar.periods import deadline
from communities.organisations.models import Organisation
from huifeng.accounts.models import User

ANSWERS = "已联系本人，按社区安排办理。"
LATE_OF, UNREAD_OF = 17, 7  # every 17th and every 7th report of a receiver nobody logs in for is not answered


def bring_feedback(today: date, mine: list[Organisation], bureau: User) -> None:
    """The month before `today`. `mine`: whom somebody logs in for, whose reports wait; `bureau`: who gives a link."""
    month, system = Month.of(today).previous, User.objects.system()
    sent_at = _sent_at(month)
    actions.make(month, by=system)
    FeedbackReport.objects.of_month(month).update(generated_at=sent_at - timedelta(minutes=5))
    actions.send(month, by=system, at=sent_at)
    _answer_most(month, sent_at, mine)
    _correct_one(month, mine)
    outside = (
        FeedbackReport.objects.of_month(month).unanswered().filter(receiver__kind="external_unit").first()
    )
    if outside is not None:
        actions.give_link(outside.pk, by=bureau)


def _sent_at(month: Month) -> datetime:
    """The morning of its day; now while that has not come."""
    day = deadline(periods.SEND, month.end - timedelta(hours=12)).day
    return min(timezone.make_aware(datetime(day.year, day.month, day.day, 9, 5)), timezone.now())


def _answer_most(month: Month, sent_at: datetime, mine: list[Organisation]) -> None:
    """Two thirds of what is left after the late ones, in two statements; each some days after it came."""
    waiting = (
        FeedbackReport.objects.of_month(month)
        .unanswered()
        .exclude(receiver__in=mine)
        .exclude(receiver__kind__in=("external_unit", "external_community"))
        .alias(late=Mod("pk", LATE_OF), unread=Mod("pk", UNREAD_OF))
        .exclude(late=0)
        .exclude(unread=0)
    )
    keys = list(waiting.values_list("pk", flat=True))
    at = min(sent_at + timedelta(days=3, hours=2), timezone.now())
    FeedbackMatter.objects.filter(report__in=keys).update(
        state=FeedbackMatter.State.ANSWERED, answer=ANSWERS, answered_at=at, answered_by="经办人"
    )
    FeedbackReport.objects.filter(pk__in=keys).update(
        state=State.ANSWERED,
        reply=Reply.AGREED,
        received_at=sent_at + timedelta(hours=3),
        received_by="经办人",
        answered_at=at,
        answered_by="经办人",
    )


def _correct_one(month: Month, mine: list[Organisation]) -> None:
    """The demo unit's neighbour found a mistake."""
    answered = FeedbackReport.objects.of_month(month).filter(state=State.ANSWERED, side=Side.UNIT)
    report = answered.exclude(receiver__in=mine).order_by("pk").first()
    if report is not None:
        actions.correct(report.pk, reason="一位老同志的报到日期写错", by=User.objects.system())
