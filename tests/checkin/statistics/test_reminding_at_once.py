"""Two people remind the districts at the same moment: each bureau is told once, and it is recorded once."""

import pytest

from checkin.statistics import actions
from checkin.statistics.models import MonthlyStatement
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from tests.checkin.statistics.pages import LAST, staff_of
from tests.checkin.world import make_world
from tests.communities.threads import at_the_same_time


@pytest.mark.django_db(transaction=True)
def test_two_remind_at_once_and_each_bureau_is_told_once() -> None:
    staff = staff_of(make_world())

    MonthlyStatement.objects.create(area="3702", month=LAST.first)  # else making it is what they wait for

    told = at_the_same_time(*[lambda: actions.remind(LAST, by=staff.city)] * 6)

    assert sorted(told, key=len) == [[]] * 5 + [["市南区", "市北区"]]
    assert Notice.objects.filter(kind=actions.REMINDED).count() == 2
    assert AuditEntry.objects.filter(action="statement.reminded").count() == 1
