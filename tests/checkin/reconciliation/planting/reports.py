"""Damage to feedback reports."""

from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport
from communities.notices.models import Notice
from tests.checkin.feedback.conftest import Fed

from .sound import Damage


def report_deleted(fed: Fed) -> Damage:
    def damage() -> None:
        report = fed.of_unit()
        FeedbackMatter.objects.filter(report=report).delete()
        FeedbackLine.objects.filter(report=report).delete()
        report.delete()

    return damage


def report_edited(fed: Fed) -> Damage:
    def damage() -> None:
        report = fed.of_unit()
        FeedbackReport.objects.filter(pk=report.pk).update(content=report.content | {"people": 99})

    return damage


def reports_notice_gone(fed: Fed) -> Damage:
    def damage() -> None:
        key = f"feedback:{fed.of_unit().pk}:sent"
        Notice.objects.filter(key=key).update(key="another key")

    return damage
