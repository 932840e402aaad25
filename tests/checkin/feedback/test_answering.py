"""What the receiver does: reads, answers each matter, answers the whole; staff enter what came on paper."""

import pytest
from django.core.exceptions import PermissionDenied

from checkin.feedback import actions
from checkin.feedback.models import FeedbackMatter, FeedbackReport, Reply, State
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from tests.checkin.statistics.conftest import on
from tests.communities.factories import make_staff

from .conftest import Fed, answer_all, matter_of

pytestmark = pytest.mark.django_db
ANSWERED_ON = "2026-11-10"


@pytest.fixture(autouse=True)
def sent(fed: Fed):
    fed.make()
    with on(ANSWERED_ON):
        yield


def entries(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_the_receiver_reads_it_once(fed: Fed) -> None:
    report = fed.of_unit()

    first = actions.mark_received(report.pk, by=fed.world.unit_clerk)
    second = actions.mark_received(report.pk, by=fed.world.unit_clerk)

    assert (first.state, first.received_by) == (State.RECEIVED, "张伟")
    assert second.received_at == first.received_at
    assert entries("feedback.received") == 1


@pytest.mark.parametrize("who", ["clerk", "street_clerk", "bureau_clerk"])
def test_nobody_else_reads_or_answers_for_the_receiver(fed: Fed, who: str) -> None:
    report, by = fed.of_unit(), getattr(fed.world, who)

    for act in (
        lambda: actions.mark_received(report.pk, by=by),
        lambda: actions.answer(report.pk, reply=Reply.AGREED, by=by),
        lambda: actions.answer_matter(report.matters.get().pk, words="好", by=by),
        lambda: actions.answer(report.pk, reply=Reply.AGREED, by=by, on_paper=True),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_matter_is_answered_and_the_report_is_read_by_that(fed: Fed) -> None:
    matter = matter_of(fed.of_unit(), kind="care")

    actions.answer_matter(matter.pk, words=" 下周走访 ", by=fed.world.unit_clerk)

    matter.refresh_from_db()
    assert (matter.state, matter.answer, matter.answered_by) == ("answered", "下周走访", "张伟")
    assert fed.of_unit().state == State.RECEIVED
    assert entries("feedback.matter_answered") == 1


def test_the_same_answer_twice_is_one(fed: Fed) -> None:
    matter = matter_of(fed.of_unit(), kind="care")
    for _ in range(2):
        actions.answer_matter(matter.pk, words="下周走访", by=fed.world.unit_clerk)

    assert entries("feedback.matter_answered") == 1


def test_another_answer_names_who_answered_first(fed: Fed) -> None:
    matter = matter_of(fed.of_unit(), kind="care")
    actions.answer_matter(matter.pk, words="下周走访", by=fed.world.unit_clerk)

    with pytest.raises(AlreadyDone, match="张伟"):
        actions.answer_matter(matter.pk, words="不去", by=make_staff(fed.world.unit, display_name="刘丽"))


def test_a_matter_can_be_disputed(fed: Fed) -> None:
    matter = matter_of(fed.of_unit(), kind="care")

    found = actions.answer_matter(matter.pk, words="他与子女同住", disputed=True, by=fed.world.unit_clerk)

    assert found.state == FeedbackMatter.State.DISPUTED


def test_an_answer_needs_words(fed: Fed) -> None:
    matter = matter_of(fed.of_unit(), kind="care")

    with pytest.raises(RuleBroken, match="请写明"):
        actions.answer_matter(matter.pk, words="  ", by=fed.world.unit_clerk)


def test_the_whole_waits_for_its_matters(fed: Fed) -> None:
    with pytest.raises(RuleBroken, match="还有 1 件事没有答复"):
        actions.answer(fed.of_unit().pk, reply=Reply.AGREED, by=fed.world.unit_clerk)


def test_the_whole_is_answered_once(fed: Fed) -> None:
    report = fed.of_unit()
    answer_all(report, fed.world.unit_clerk)

    for _ in range(2):
        actions.answer(report.pk, reply=Reply.AGREED, by=fed.world.unit_clerk)

    report = fed.of_unit()
    assert (report.state, report.reply, report.was_on_time) == (State.ANSWERED, Reply.AGREED, True)
    assert entries("feedback.answered") == 1
    assert not Notice.objects.filter(kind="feedback.answered").exists()


def test_an_opinion_is_told_to_the_bureau(fed: Fed) -> None:
    report = fed.of_community()
    answer_all(report, fed.world.clerk)

    actions.answer(report.pk, reply=Reply.DISPUTED, words="人数不对", by=fed.world.clerk)

    notice = Notice.objects.get(kind="feedback.answered")
    assert notice.receiver == fed.world.city.districts[0]
    assert notice.sender_id == fed.world.here.pk


def test_an_opinion_needs_words(fed: Fed) -> None:
    report = fed.of_unit()
    answer_all(report, fed.world.unit_clerk)

    with pytest.raises(RuleBroken, match="有什么意见"):
        actions.answer(report.pk, reply=Reply.DISPUTED, by=fed.world.unit_clerk)


@pytest.mark.parametrize("state", [State.GENERATED, State.CORRECTED])
def test_what_does_not_wait_takes_no_answer(fed: Fed, state: State) -> None:
    report = fed.of_unit()
    matter = report.matters.get()
    FeedbackReport.objects.filter(pk=report.pk).update(state=state)

    with pytest.raises(RuleBroken):
        actions.answer_matter(matter.pk, words="好", by=fed.world.unit_clerk)
    with pytest.raises(RuleBroken):
        actions.answer(report.pk, reply=Reply.AGREED, by=fed.world.unit_clerk)


def test_a_paper_of_a_unit_outside_is_entered_by_the_community_it_tells_of(fed: Fed) -> None:
    report = fed.of_outside()
    for matter in report.matters.all():
        actions.answer_matter(matter.pk, words="好", by=fed.world.clerk, name="钱主任", on_paper=True)

    actions.answer(report.pk, reply=Reply.AGREED, by=fed.world.clerk, name="钱主任", on_paper=True)

    report = fed.of_outside()
    assert (report.state, report.answered_by) == (State.ANSWERED, "钱主任")
    assert AuditEntry.objects.get(action="feedback.answered").note == "钱主任（纸质答复）"


def test_another_community_enters_no_paper(fed: Fed) -> None:
    with pytest.raises(PermissionDenied):
        actions.answer(fed.of_outside().pk, reply=Reply.AGREED, by=fed.world.clerk_there, on_paper=True)
