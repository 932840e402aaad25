"""Recording and taking back a visit; deaths; who may."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.people.actions import confirm_death, report_death, undo_death
from services.care import actions
from services.care.actions import Seat
from services.care.models import CareClass, CareNote, CareTeam, Obligation, Visit, VisitDraft
from tests.communities.factories import make_staff
from tests.members.factories import make_helper

pytestmark = pytest.mark.django_db
NOW = time_machine.travel("2026-11-25 10:00+08:00", tick=False)
TODAY = date(2026, 11, 25)


@pytest.fixture
def line(world, person) -> Obligation:
    with NOW:
        return actions.note_occasion(
            person.pk, "hospital", by=world.clerk, on=TODAY, words="住院", office=world.here.pk
        )


def record(line, by, **more):
    values = {"visited_on": TODAY, "condition": "weak", "words": "血压高，想装扶手", **more}
    return actions.record_visit(line.pk, by=by, **values)


@NOW
def test_a_visit_answers_its_line_and_is_audited_without_words(world, person, line) -> None:
    visit = record(line, world.clerk, opinions=2, solved=1)

    line.refresh_from_db()
    assert (line.state, line.visit) == ("done", visit)
    assert visit.note.words == "血压高，想装扶手"
    entry = AuditEntry.objects.get(action="visit.recorded")
    assert entry.after == {"visit": visit.pk}
    assert entry.target_id == str(person.pk)


@NOW
def test_words_are_sealed_in_the_database(world, line) -> None:
    record(line, world.clerk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM services_care_carenote WHERE visit_id IS NOT NULL")
        stored = bytes(cursor.fetchone()[0])
    assert "血压高".encode() not in stored


@NOW
def test_sent_twice_is_one_visit_and_a_colleague_is_told_who_did(world, line) -> None:
    first = record(line, world.clerk)
    assert record(line, world.clerk) == first
    with pytest.raises(AlreadyDone, match=r"李敏.*记下走访"):
        record(line, make_staff(world.here))
    assert Visit.objects.count() == 1


@NOW
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"visited_on": date(2026, 11, 26)}, "day_in_future"),
        ({"visited_on": date(2026, 1, 1)}, "day_too_old"),
        ({"opinions": 1, "solved": 2}, "solved"),
        ({"next_on": TODAY}, "next_on"),
    ],
)
def test_an_impossible_visit_is_refused(world, line, more, code) -> None:
    with pytest.raises(RuleBroken) as refused:
        record(line, world.clerk, **more)
    assert refused.value.code == code


@NOW
def test_others_and_helpers_record_nothing(world, person, line) -> None:
    make_helper(person, user=world.clerk)
    for who in (world.unit_clerk, world.clerk_there, world.bureau_clerk, person.user, world.clerk):
        with pytest.raises(PermissionDenied):
            record(line, who)


@NOW
def test_an_agreed_day_is_due_then(world, person, line) -> None:
    record(line, world.clerk, next_on=date(2026, 12, 2))

    again = Obligation.objects.get(retiree=person, preset__key="follow_up")
    assert (again.due_on, again.organisation, again.state) == (date(2026, 12, 2), world.here, "due")


@NOW
def test_one_visit_answers_the_class_too(world, person, line) -> None:
    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)

    visit = record(line, world.clerk)

    assert {row.preset.key for row in visit.obligations.all()} == {"hospital", "focus"}
    assert Obligation.objects.open().filter(preset__key="focus", period__endswith=":2026-11-25").count() == 0


@NOW
def test_a_visit_is_taken_back_and_recorded_again(world, person, line) -> None:
    with time_machine.travel("2026-11-20 10:00+08:00"):
        actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)
    visit = record(line, world.clerk, next_on=date(2026, 12, 2))

    actions.undo_visit(visit.pk, by=world.clerk)
    actions.undo_visit(visit.pk, by=world.clerk)

    assert {row.preset.key for row in Obligation.objects.open()} == {"hospital", "focus"}
    record(line, world.clerk)
    assert Obligation.objects.open().get().due_on == date(2026, 12, 2)  # 7 days after the visit


@NOW
def test_undone_too_late_or_by_others_is_refused(world, line) -> None:
    visit = record(line, world.clerk)
    with pytest.raises(PermissionDenied):
        actions.undo_visit(visit.pk, by=world.unit_clerk)
    with time_machine.travel("2026-11-27 10:00+08:00"), pytest.raises(RuleBroken, match="24小时"):
        actions.undo_visit(visit.pk, by=world.clerk)


@NOW
def test_a_draft_is_kept_field_by_field_and_gone_when_recorded(world, line) -> None:
    actions.keep_draft(line.pk, {"words": "头痛"}, by=world.clerk)
    actions.keep_draft(line.pk, {"words": "头痛，已服药"}, by=world.clerk)

    assert "头痛，已服药" in VisitDraft.objects.get().values
    record(line, world.clerk)
    assert not VisitDraft.objects.exists()
    with pytest.raises(AlreadyDone):
        actions.keep_draft(line.pk, {}, by=make_staff(world.here))


@NOW
def test_death_ends_everything_and_its_undoing_brings_it_back(world, person, line) -> None:
    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)
    actions.seat_team(person.pk, "pair", [Seat("张主任")], by=world.unit_clerk)
    death = report_death(person.pk, date(2026, 11, 24), by=world.unit_clerk)
    confirm_death(death.pk, by=world.unit_clerk)

    assert not Obligation.objects.open().exists()
    assert not CareClass.objects.filter(ended_on=None).exists()
    assert not CareTeam.objects.filter(ended_on=None).exists()
    assert actions.make_all_due()["made"] == 0
    with pytest.raises(RuleBroken, match="已登记去世"):
        actions.note_occasion(person.pk, "family", by=world.clerk, on=TODAY, office=world.here.pk)

    undo_death(death.pk, words="同名的人", by=world.unit_clerk)
    assert {row.preset.key for row in Obligation.objects.open()} == {"hospital", "focus", "pair_visit"}
    assert {row.organisation.kind for row in Obligation.objects.open()} == {"community", "unit"}


@NOW
def test_setting_a_class_needs_a_reason_and_the_right_side(world, person) -> None:
    with pytest.raises(RuleBroken, match="为什么"):
        actions.set_class(person.pk, "focus", by=world.clerk, why=" ", office=world.here.pk)
    with pytest.raises(PermissionDenied):
        actions.set_class(person.pk, "focus", by=world.clerk_there, why="x", office=world.there.pk)
    first = actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)
    assert actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk) == first


@NOW
def test_a_class_set_back_the_same_day_makes_its_line_again(world, person) -> None:
    for attention in ("focus", "daily", "focus"):
        actions.set_class(person.pk, attention, by=world.clerk, why="独居", office=world.here.pk)

    assert [row.preset.key for row in Obligation.objects.open()] == ["focus"]


@NOW
def test_a_team_ends_with_its_visits(world, person) -> None:
    team = actions.seat_team(person.pk, "pair", [Seat("张主任")], by=world.unit_clerk)
    with pytest.raises(PermissionDenied):
        actions.end_team(team.pk, by=world.clerk_there)

    actions.end_team(team.pk, by=world.unit_clerk)
    actions.end_team(team.pk, by=world.unit_clerk)

    assert not Obligation.objects.open().exists()


def test_the_database_keeps_done_and_visit_together(world, line) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Obligation.objects.filter(pk=line.pk).update(state="done")


@NOW
def test_a_forgotten_person_leaves_days_and_no_words(world, person, line) -> None:
    record(line, world.clerk)
    actions.seat_team(person.pk, "pair", [Seat("张主任", "", "85886613")], by=world.unit_clerk)

    assert actions.forget(person.pk) == {"notes": 2, "drafts": 0, "seats": 1}
    assert actions.forget(person.pk) == {"notes": 0, "drafts": 0, "seats": 0}
    assert Visit.objects.get().visited_on == TODAY
    assert {note.words for note in CareNote.objects.all()} <= {None, ""}


@NOW
def test_late_visits_are_told_on_mondays_once_without_names(world, person, line) -> None:
    monday = date(2026, 12, 7)
    assert actions.remind_late(date(2026, 12, 6)) == 0
    for _ in range(2):
        actions.remind_late(monday)
    notice = Notice.objects.get(kind="care_late")
    assert (notice.receiver, person.name in notice.words) == (world.here, False)
