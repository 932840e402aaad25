"""What a bureau does: a correction is a new version, closing, reminders once a step, the columns of the statistics."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin.feedback import actions, columns, periodic
from checkin.feedback.making import writing
from checkin.feedback.models import FeedbackReport, Reply, State
from checkin.record import actions as record
from checkin.statistics import counting, registry
from checkin.statistics.months import Month
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs.models import Job
from members.people.models import Retiree
from tests.checkin.statistics.conftest import on

from .conftest import Fed, answer_all

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


@pytest.fixture(autouse=True)
def sent(fed: Fed):
    fed.make()


def entries(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def correct(fed: Fed, report: FeedbackReport, reason: str = "姓名写错") -> FeedbackReport:
    with on("2026-11-10"):
        return actions.correct(report.pk, reason=reason, by=fed.boss)


def answered(fed: Fed, reply: Reply = Reply.AGREED) -> FeedbackReport:
    report = fed.of_unit()
    with on("2026-11-10"):
        answer_all(report, fed.world.unit_clerk)
        return actions.answer(report.pk, reply=reply, words="看过", by=fed.world.unit_clerk)


# Correcting -------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_that_names_the_old(fed: Fed) -> None:
    old = fed.of_unit()
    Retiree.objects.filter(pk=fed.old.pk).update(name="李老先生")

    new = correct(fed, old)

    old.refresh_from_db()
    assert (new.version, new.number, new.corrects) == (2, f"{old.number}-2", old)
    assert (new.state, str(new.due_on), old.state) == (State.SENT, "2026-11-24", State.CORRECTED)
    assert new.content["corrects"] == old.number
    assert old.lines.filter(cells__name="李老先").exists()
    assert new.lines.filter(cells__name="李老先生").exists()
    assert writing.check_sum(new) == new.sha256 != old.sha256
    assert Notice.objects.filter(receiver=fed.world.unit, kind="feedback.corrected").count() == 1


def test_correcting_twice_gives_the_same_version(fed: Fed) -> None:
    old = fed.of_unit()

    assert correct(fed, old) == correct(fed, old)
    assert entries("feedback.corrected") == 1


def test_the_open_matters_of_the_old_version_are_over(fed: Fed) -> None:
    old = fed.of_unit()

    new = correct(fed, old)

    assert old.matters.get().state == "closed"
    assert new.matters.get().state == "open"


def test_a_third_version_is_numbered_after_the_first(fed: Fed) -> None:
    first = fed.of_unit()

    third = correct(fed, correct(fed, first), "又错了")

    assert third.number == f"{first.number}-3"


def test_a_correction_needs_a_reason(fed: Fed) -> None:
    with pytest.raises(RuleBroken, match="原因"):
        correct(fed, fed.of_unit(), " ")


def test_a_correction_of_somebody_no_longer_counted_leaves_the_old(fed: Fed) -> None:
    old = fed.of_outside()
    Retiree.objects.filter(pk=fed.outer.pk).update(statistics_flag=False)

    with pytest.raises(RuleBroken, match="不能更正"):
        correct(fed, old)

    old.refresh_from_db()
    assert old.state == State.SENT


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk"])
def test_only_a_bureau_above_corrects_and_closes(fed: Fed, who: str) -> None:
    report = answered(fed)
    for act in (
        lambda by: actions.correct(report.pk, reason="错", by=by),
        lambda by: actions.close(report.pk, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act(getattr(fed.world, who))


# Closing ----------------------------------------------------------------------------------------------------------


def test_an_answered_report_is_closed_once(fed: Fed) -> None:
    report = answered(fed)

    for _ in range(2):
        actions.close(report.pk, by=fed.boss)

    assert fed.of_unit().state == State.CLOSED
    assert entries("feedback.closed") == 1


def test_what_is_not_answered_is_not_closed(fed: Fed) -> None:
    with pytest.raises(RuleBroken, match="未读"):
        actions.close(fed.of_unit().pk, by=fed.boss)


def test_only_what_nobody_disputes_is_closed_together(fed: Fed) -> None:
    answered(fed, Reply.DISPUTED)
    community = fed.of_community()
    with on("2026-11-10"):
        answer_all(community, fed.world.clerk)
        actions.answer(community.pk, reply=Reply.AGREED, by=fed.world.clerk)

    done = actions.close_agreed(FeedbackReport.objects.values_list("pk", flat=True), by=fed.boss)

    assert done == 1
    assert (fed.of_community().state, fed.of_unit().state) == (State.CLOSED, State.ANSWERED)


def test_closing_a_whole_city_s_answers_needs_no_statement_a_report(fed: Fed) -> None:
    answered(fed)
    community = fed.of_community()
    with on("2026-11-10"):
        answer_all(community, fed.world.clerk)
        actions.answer(community.pk, reply=Reply.AGREED, by=fed.world.clerk)

    def statements(*reports: FeedbackReport) -> int:
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            assert actions.close_agreed([each.pk for each in reports], by=fed.boss) == len(reports)
            transaction.set_rollback(True)
        return len(captured)

    assert statements(community, fed.of_unit()) == statements(community)


def test_what_somebody_else_oversees_is_left(fed: Fed) -> None:
    """A report that went over to an heir in another district is not closed with those of the old place."""
    report = answered(fed)

    done = actions.close_agreed([report.pk], by=fed.world.bureau_clerk)

    assert (done, fed.of_unit().state, entries("feedback.closed")) == (0, State.ANSWERED, 0)


# Late -------------------------------------------------------------------------------------------------------------


def told(fed: Fed) -> set[str]:
    return set(Notice.objects.filter(kind="feedback.late").values_list("receiver__name", flat=True))


def test_reminders_climb_with_the_days_each_once(fed: Fed) -> None:
    actions.remind_overdue(today=date(2026, 11, 19))
    assert told(fed) == set()
    for _ in range(2):
        actions.remind_overdue(today=date(2026, 11, 20))
    here, street = fed.world.here, fed.world.city.streets[0]
    assert told(fed) == {here.name, fed.world.unit.name}
    actions.remind_overdue(today=date(2026, 11, 23))
    assert street.name in told(fed)
    actions.remind_overdue(today=date(2026, 11, 26))
    assert fed.world.city.districts[0].name in told(fed)
    late = Notice.objects.filter(kind="feedback.late", receiver=here)
    assert late.count() == 1


def test_the_morning_says_how_many_were_told_now(fed: Fed) -> None:
    first, second = (actions.remind_overdue(today=date(2026, 11, 23)) for _ in range(2))

    assert first == {"receiver": 2, "above": 2, "bureau": 0}
    assert second == {"receiver": 0, "above": 0, "bureau": 0}


def test_reminding_asks_as_much_for_three_as_for_one(fed: Fed) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            actions.remind_overdue(today=date(2026, 11, 23))
            transaction.set_rollback(True)
        return len(captured)

    many = statements()
    FeedbackReport.objects.exclude(pk=fed.of_unit().pk).update(state=State.CORRECTED)

    assert statements() == many


def test_a_bureau_reminds_once_a_day(fed: Fed) -> None:
    keys = list(FeedbackReport.objects.values_list("pk", flat=True))
    with on("2026-11-20"):
        first = actions.urge(fed.world.city.city.pk, keys, by=fed.boss)
        second = actions.urge(fed.world.city.city.pk, keys, by=fed.boss)

    assert (first, second) == (2, 0)
    assert Notice.objects.filter(kind="feedback.urged").count() == 2


def test_who_works_elsewhere_reminds_nobody(fed: Fed) -> None:
    with on("2026-11-20"), pytest.raises(PermissionDenied):
        actions.urge(fed.world.city.city.pk, [], by=fed.world.bureau_clerk)


def test_the_morning_task_makes_last_month_once_its_day_has_come(fed: Fed) -> None:
    with on("2026-12-03"):
        before = periodic.daily()
    with on("2026-12-04"):
        after, again = periodic.daily(), periodic.daily()

    assert (before["started"], after["started"], again["started"]) == (False, True, True)
    assert Job.objects.filter(kind=actions.JOB).count() == 1


# Statistics -------------------------------------------------------------------------------------------------------


def figures(area: str = "3702") -> list[int]:
    keys = [key for key, *_ in columns.COLUMNS]
    found = counting.table(NOVEMBER, area, measures=tuple(keys)).total.figures
    return [found[key] for key in keys]


def test_the_columns_count_last_month_s_reports_at_the_receiver(fed: Fed) -> None:
    answered(fed)
    with on("2026-11-20"):
        assert figures() == [3, 3, 1, 1]
        assert figures(fed.world.here.division_id[:9]) == [1, 1, 0, 0]


def test_a_late_answer_is_answered_and_not_on_time(fed: Fed) -> None:
    report = fed.of_unit()
    with on("2026-11-25"):
        answer_all(report, fed.world.unit_clerk)
        actions.answer(report.pk, reply=Reply.AGREED, by=fed.world.unit_clerk)
        assert figures() == [3, 3, 0, 1]


def test_a_correction_is_not_counted_twice(fed: Fed) -> None:
    correct(fed, fed.of_unit())
    with on("2026-11-20"):
        assert figures()[0] == 3


def test_each_figure_has_as_many_rows(fed: Fed) -> None:
    answered(fed)
    client = Client()
    client.force_login(fed.world.bureau_clerk)

    with on("2026-11-20"):
        for number, (key, *_) in enumerate(columns.COLUMNS):
            page = client.get(registry.address(key, NOVEMBER, "370202"))
            assert len(page.context["slice"].rows) == figures("370202")[number]


def test_a_checkin_that_ends_later_changes_no_report(fed: Fed) -> None:
    before = fed.of_unit().sha256
    checkin = fed.old.checkins.get()
    with on("2026-11-12"):
        record.end(checkin.pk, by=fed.world.clerk, reason="other", words="搬到外地")

    assert writing.check_sum(fed.of_unit()) == before
