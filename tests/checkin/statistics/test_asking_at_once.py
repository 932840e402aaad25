"""Two ask for the same paper or the same closing at the same moment: there is one job."""

import pytest

from checkin.statistics import actions
from checkin.statistics.models import MonthlyStatement
from huifeng.audit.models import AuditEntry
from huifeng.jobs.models import Job
from tests.checkin.statistics.pages import LAST, staff_of
from tests.checkin.world import make_world
from tests.members.racing import meanwhile, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_ask_for_one_paper_at_once() -> None:
    city = staff_of(make_world()).city

    jobs = race(6, lambda n: actions.ask_for_paper(actions.WORKBOOK, str(LAST), "3702", by=city))

    assert {job.pk for job in jobs} == {Job.objects.get().pk}
    assert AuditEntry.objects.filter(action="paper.asked").count() == 1


def test_who_asks_for_a_paper_waits_for_who_asks_for_it() -> None:
    city = staff_of(make_world()).city

    def ask() -> Job:
        return actions.ask_for_paper(actions.WORKBOOK, str(LAST), "3702", by=city)

    assert meanwhile(ask, ask) == Job.objects.get()


def test_who_asks_for_a_closing_waits_for_who_asks_for_it() -> None:
    staff = staff_of(make_world())
    MonthlyStatement.objects.create(area="3702", month=LAST.first)  # else making it is what they wait for

    second = meanwhile(
        lambda: actions.start_closing(LAST, by=staff.city, explanation="测试"),
        lambda: actions.start_closing(LAST, by=staff.colleague, explanation="测试"),
    )

    assert second == Job.objects.get(kind=actions.CLOSE)
    assert second.by == staff.city
