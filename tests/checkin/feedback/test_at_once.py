"""Acts at the same moment: two makings of a month, an answer and a correction, two answers, a closing of the unit."""

from typing import Any

import pytest

from checkin.feedback import actions, files, letters
from checkin.feedback.models import FeedbackLine, FeedbackReport, Reply, Side, State
from checkin.record import actions as record
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from huifeng.jobs.models import StoredFile
from tests.checkin.statistics.conftest import on
from tests.checkin.world import World, make_world
from tests.communities.factories import UserFactory, make_external_unit, make_staff
from tests.members.factories import make_member
from tests.members.racing import meanwhile, race

from .conftest import OCTOBER, report_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    made = make_world()
    with on("2026-10-12"):
        made.confirmed(made.member(name="新来人", needs=["meals"]))
    return made


@pytest.fixture
def boss(world: World) -> Any:
    return make_staff(world.city.city, display_name="王局")


def community(world: World) -> FeedbackReport:
    return report_of(world.here, Side.COMMUNITY)


def test_two_makings_at_once_make_every_report_once(world: World, boss: Any) -> None:
    with on("2026-11-05"):
        answers = race(4, lambda number: actions.make(OCTOBER, by=boss))
        sent = race(4, lambda number: actions.send(OCTOBER, by=boss))

    assert sorted(made.made for made in answers) == [0, 0, 0, 2]
    assert sorted(sent) == [0, 0, 0, 2]
    assert FeedbackReport.objects.count() == FeedbackLine.objects.count() == 2
    assert Notice.objects.filter(kind="feedback.sent").count() == 2
    assert AuditEntry.objects.filter(action="feedback.sent").count() == 2


def test_an_answer_meanwhile_waits_for_the_correction_and_is_refused(world: World, boss: Any) -> None:
    with on("2026-11-05"):
        actions.make(OCTOBER, by=boss)
        actions.send(OCTOBER, by=boss)
        report = community(world)
        matter = report.matters.get()
        answer = meanwhile(
            lambda: actions.correct(report.pk, reason="错", by=boss),
            lambda: actions.answer_matter(matter.pk, words="好", by=world.clerk),
        )

    assert isinstance(answer, RuleBroken)
    assert answer.code == "corrected"
    matter.refresh_from_db()
    assert (matter.state, matter.answer) == ("closed", "")


def test_a_correction_meanwhile_waits_for_the_answer(world: World, boss: Any) -> None:
    with on("2026-11-05"):
        actions.make(OCTOBER, by=boss)
        actions.send(OCTOBER, by=boss)
        report = community(world)
        matter = report.matters.get()
        new = meanwhile(
            lambda: actions.answer_matter(matter.pk, words="好", by=world.clerk),
            lambda: actions.correct(report.pk, reason="错", by=boss),
        )

    matter.refresh_from_db()
    assert (matter.state, new.version) == ("answered", 2)
    assert new.matters.get().state == "open"


def test_two_corrections_at_once_make_one_version(world: World, boss: Any) -> None:
    with on("2026-11-05"):
        actions.make(OCTOBER, by=boss)
        actions.send(OCTOBER, by=boss)
        key = community(world).pk
        answers = race(3, lambda number: actions.correct(key, reason="错", by=boss))

    assert {answer.version for answer in answers} == {2}
    assert FeedbackReport.objects.filter(version=2).count() == 1


def test_two_answers_at_once_are_one_and_the_other_is_told(world: World, boss: Any) -> None:
    colleague = make_staff(world.here, display_name="李文静")
    with on("2026-11-05"):
        actions.make(OCTOBER, by=boss)
        actions.send(OCTOBER, by=boss)
        matter = community(world).matters.get()
        who = (world.clerk, colleague)
        answers = race(2, lambda n: actions.answer_matter(matter.pk, words=f"答{n}", by=who[n]))
        key = community(world).pk
        whole = race(2, lambda n: actions.answer(key, reply=Reply.AGREED, words=f"答{n}", by=who[n]))

    for told in (answers, whole):
        assert sum(isinstance(answer, AlreadyDone) for answer in told) == 1
    assert AuditEntry.objects.filter(action="feedback.matter_answered").count() == 1
    assert AuditEntry.objects.filter(action="feedback.answered").count() == 1
    assert community(world).state == State.ANSWERED


def test_files_made_at_once_are_stored_once(world: World, boss: Any) -> None:
    with on("2026-11-05"):
        actions.make(OCTOBER, by=boss)
        actions.send(OCTOBER, by=boss)
        key = community(world).pk
        made = race(3, lambda number: files.make([key], by=boss))

    assert sorted(made) == [0, 0, 2]
    assert StoredFile.objects.count() == 2


def test_too_many_links_at_once_are_all_counted(world: World, boss: Any) -> None:
    outside = make_external_unit("南京市机械研究所")
    with on("2026-10-20"):
        asked = world.submitted(make_member(outside, user=UserFactory()))
        record.verify(asked.pk, by=world.clerk)
        record.confirm(asked.pk, by=world.clerk)
    with on("2026-11-05"):
        actions.make(OCTOBER, by=boss)
        actions.send(OCTOBER, by=boss)
        report = actions.give_link(report_of(outside, Side.UNIT).pk, by=boss)
        token = letters.token_of(report)
        race(4, lambda number: actions.use_link(token))

    report.refresh_from_db()
    assert report.link_posts == 4


def test_two_who_ask_for_the_reports_at_once_get_one_job(world: World, boss: Any) -> None:
    with on("2026-11-05"):
        jobs = race(4, lambda number: actions.start(OCTOBER, by=boss))

    assert len({job.pk for job in jobs}) == 1
