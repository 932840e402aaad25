"""What the reports of a month hold: the movement of the statistics, a line a person, matters; frozen, and once."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from checkin.feedback import actions, registry
from checkin.feedback.making import writing
from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport, Reply, Side, State
from checkin.record import actions as record
from checkin.statistics import counting
from checkin.statistics.months import Month
from communities.notices.models import Notice
from communities.organisations.actions import close_unit
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from tests.checkin.statistics.conftest import on
from tests.communities.factories import make_unit

from .conftest import MADE_ON, OCTOBER, Fed, answer_all, report_of

pytestmark = pytest.mark.django_db
STATISTICS = {
    "opening": "opening",
    "new": "new",
    "moved_in": "moved_in",
    "moved_out": "moved_out",
    "died": "died_in",
    "withdrawn": "withdrawn",
    "closing": "checked_in",
}


def movement(report: FeedbackReport) -> tuple[int, ...]:
    return tuple(report.content["movement"][key] for key in STATISTICS)


def cells(report: FeedbackReport) -> dict[str, str]:
    """States by name."""
    return {line.cells["name"]: line.cells["state"] for line in report.lines.all()}


def test_each_unit_and_each_community_gets_its_own(fed: Fed) -> None:
    made = fed.make()

    assert made == actions.Made(expected=3, made=3, existing=0)
    assert {(r.side, r.organisation_id) for r in FeedbackReport.objects.all()} == {
        (Side.UNIT, fed.world.unit.pk),
        (Side.UNIT, fed.outside.pk),
        (Side.COMMUNITY, fed.world.here.pk),
    }
    assert AuditEntry.objects.filter(action="feedback.made").count() == 3


def test_both_sides_tell_the_same_movement(fed: Fed) -> None:
    fed.make()

    assert movement(fed.of_unit()) == (2, 1, 0, 0, 0, 0, 3)
    assert movement(fed.of_outside()) == (0, 1, 0, 0, 0, 0, 1)
    assert movement(fed.of_community()) == (2, 2, 0, 0, 0, 0, 4)


def test_the_figures_are_those_of_the_statistics(fed: Fed) -> None:
    with on("2026-10-20"):
        moved = fed.world.submitted(fed.old, community_id=fed.world.there.pk)
        record.confirm(moved.pk, by=fed.world.clerk_there)
    fed.make()

    keys = tuple(STATISTICS.values())
    for community in (fed.world.here, fed.world.there):
        found = counting.table(OCTOBER, community.division_id, "community", keys).total.figures
        told = report_of(community, Side.COMMUNITY).content["movement"]
        assert told == {ours: found[theirs] for ours, theirs in STATISTICS.items()}
    rows = counting.table(OCTOBER, "3702", None, keys, "unit").rows
    units = {row.code: row.figures for row in rows}
    told = fed.of_unit().content["movement"]
    assert told == {ours: units[str(fed.world.unit.pk)][theirs] for ours, theirs in STATISTICS.items()}


def test_whoever_moved_is_told_to_both_communities(fed: Fed) -> None:
    with on("2026-10-20"):
        moved = fed.world.submitted(fed.old, community_id=fed.world.there.pk)
        record.confirm(moved.pk, by=fed.world.clerk_there)
    fed.make()

    assert cells(fed.of_community())["李老先"] == "迁出"
    assert cells(report_of(fed.world.there, Side.COMMUNITY)) == {"李老先": "迁入"}
    assert cells(fed.of_unit())["李老先"] == "迁居"


def test_a_restricted_person_is_counted_and_not_named(fed: Fed) -> None:
    fed.make()

    for report in (fed.of_unit(), fed.of_community()):
        assert "保密人" not in cells(report)
        assert report.content["restricted"] == 1
    assert not FeedbackLine.objects.filter(retiree=fed.hidden).exists()


def test_the_community_reads_neither_rank_nor_treatment(fed: Fed) -> None:
    fed.make()

    for line in fed.of_community().lines.all():
        assert set(line.cells) == {"name", "sex", "age", "other", "state", "since", "care"}


def test_matters_are_what_needs_the_other_side(fed: Fed) -> None:
    fed.make()

    need = fed.of_community().matters.get()
    care = fed.of_unit().matters.get()
    assert (need.kind, need.line.cells["name"]) == ("needs", "新来人")
    assert need.words.startswith("报到时提出需要：")
    assert (care.kind, care.words) == ("care", "新报到，独居。请告诉社区单位联系人和走访安排。")


def test_a_late_request_is_a_matter_of_whose_turn_it_is(fed: Fed) -> None:
    with on("2026-10-13"):
        fed.world.submitted(fed.world.member(name="等社区"))
        fed.world.waiting_for_unit(fed.world.member(name="等单位"))
    fed.make()

    late = FeedbackMatter.objects.filter(kind__in=("unconfirmed", "unverified")).order_by("kind")
    assert [(m.report.side, m.line.cells["name"]) for m in late] == [
        ("community", "等社区"),
        ("unit", "等单位"),
    ]


def test_a_second_run_makes_and_sends_nothing(fed: Fed) -> None:
    fed.make()
    notices, entries = Notice.objects.count(), AuditEntry.objects.count()

    made = fed.make()

    assert made == actions.Made(expected=3, made=0, existing=3)
    assert (Notice.objects.count(), AuditEntry.objects.count()) == (notices, entries)


def test_a_later_run_makes_what_is_missing(fed: Fed) -> None:
    fed.make()
    FeedbackReport.objects.filter(pk=fed.of_outside().pk).update(organisation=make_unit("别的单位"))

    made = fed.make()

    assert made.made == 1
    numbers = list(FeedbackReport.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [f"FK-2026-10-0000{n}" for n in (1, 2, 3, 4)]


def test_a_later_run_writes_down_only_what_it_made(fed: Fed) -> None:
    fed.make(send=False)
    FeedbackReport.objects.filter(pk=fed.of_outside().pk).update(organisation=make_unit("别的单位"))

    fed.make(send=False)

    assert AuditEntry.objects.filter(action="feedback.made").count() == 4


def test_what_is_frozen_does_not_change(fed: Fed) -> None:
    fed.make()
    before = (fed.of_unit().content, cells(fed.of_unit()))
    Retiree.objects.filter(pk=fed.old.pk).update(name="改名了", living_situation="alone")

    report = fed.of_unit()

    assert (report.content, cells(report)) == before
    assert writing.check_sum(report) == report.sha256


def test_the_check_sum_tells_of_every_change(fed: Fed) -> None:
    fed.make()
    report = fed.of_unit()
    line = report.lines.first()
    FeedbackLine.objects.filter(pk=line.pk).update(cells=line.cells | {"state": "去世"})

    assert writing.check_sum(report) != report.sha256


def test_a_month_that_runs_is_refused(fed: Fed) -> None:
    with on("2026-10-31"), pytest.raises(RuleBroken, match="还没有过完"):
        actions.make(OCTOBER, by=fed.boss)


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk", "bureau_clerk"])
def test_only_the_city_s_bureau_makes_and_sends(fed: Fed, who: str) -> None:
    with on(MADE_ON):
        for act in (actions.make, actions.send):
            with pytest.raises(PermissionDenied):
                act(OCTOBER, by=getattr(fed.world, who))


def test_sending_tells_the_receivers_once_and_sets_the_day(fed: Fed) -> None:
    fed.make()

    report = fed.of_unit()
    assert (report.state, str(report.due_on)) == (State.SENT, "2026-11-19")
    notice = Notice.objects.get(receiver=fed.world.unit, kind="feedback.sent")
    assert notice.data["number"] == report.number
    assert notice.link == f"page:feedback/{report.pk}/"
    assert "逐件答复" in notice.words
    assert not Notice.objects.filter(receiver=fed.outside).exists()


def test_sending_needs_no_statement_a_report(fed: Fed) -> None:
    fed.make(send=False)

    def statements() -> int:
        with on(MADE_ON), CaptureQueriesContext(connection) as captured, transaction.atomic():
            assert actions.send(OCTOBER, by=fed.boss) > 0
            transaction.set_rollback(True)
        return len(captured)

    three = statements()
    FeedbackReport.objects.exclude(organisation=fed.world.unit).update(state=State.CORRECTED)

    assert statements() == three


def test_months_without_anybody_make_nothing(world, fed: Fed) -> None:
    with on(MADE_ON):
        made = actions.make(Month(2025, 1), by=fed.boss)

    assert made == actions.Made(0, 0, 0)


def test_a_closed_unit_s_report_goes_to_who_took_its_place(fed: Fed) -> None:
    heir = make_unit("承接单位")
    fed.make()
    with on("2026-11-10"):
        close_unit(fed.world.unit.pk, successor_id=heir.pk, by=fed.boss)

    report = fed.of_unit()
    assert report.receiver == heir
    assert AuditEntry.objects.filter(action="feedback.redirected").count() == 1
    told = Notice.objects.get(receiver=heir, kind="feedback.sent")
    assert told.words.startswith("青岛市海洋研究所2026年10月双向反馈单（FK-2026-10-")


def test_an_heir_is_told_of_nothing_that_waits_for_no_answer(fed: Fed) -> None:
    heir = make_unit("承接单位")
    fed.make()
    report = fed.of_unit()
    with on("2026-11-10"):
        answer_all(report, fed.world.unit_clerk)
        actions.answer(report.pk, reply=Reply.AGREED, by=fed.world.unit_clerk)
        close_unit(fed.world.unit.pk, successor_id=heir.pk, by=fed.boss)

    assert fed.of_unit().receiver == heir
    assert not Notice.objects.filter(receiver=heir, kind="feedback.sent").exists()


def test_a_report_made_after_the_unit_closed_goes_there_too(fed: Fed) -> None:
    heir = make_unit("承接单位")
    with on("2026-11-02"):
        close_unit(fed.world.unit.pk, successor_id=heir.pk, by=fed.boss)
    fed.make()

    assert fed.of_unit().receiver == heir


# What upper rooms add ---------------------------------------------------------------------------------------------


@pytest.fixture
def activities(fed: Fed):
    section = registry.Section(
        "activities",
        "活动",
        (("times", "活动次数"), ("hours", "志愿小时")),
        lambda month: {fed.old.pk: {"times": 3}},
    )
    matters = registry.Matters(
        "unmet", "需求未办", "community", lambda month: [(fed.old.pk, "送餐还没有办。")]
    )
    registry.add(section)
    registry.add_matters(matters)
    yield section
    del registry.sections["activities"], registry.matters["unmet"]


def test_a_column_nobody_registered_is_absent(fed: Fed) -> None:
    fed.make()

    assert fed.of_unit().content["columns"] == []


def test_a_section_adds_columns_and_matters(fed: Fed, activities: registry.Section) -> None:
    fed.make()

    report = fed.of_community()
    assert report.content["columns"] == [["activities.times", "活动次数"], ["activities.hours", "志愿小时"]]
    assert report.lines.get(retiree=fed.old).cells["activities.times"] == 3
    assert "activities.times" not in report.lines.get(retiree=fed.new).cells
    assert report.matters.get(kind="unmet").words == "送餐还没有办。"


def test_two_sections_of_one_key_are_refused(activities: registry.Section) -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.add(registry.Section("activities", "别的", (), lambda month: {}))
