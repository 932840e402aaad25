"""Death: reported, confirmed, dismissed, undone."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.people import actions, registry
from members.people.models import Death, Retiree
from tests.communities.factories import make_external_unit
from tests.members.factories import make_member
from tests.members.racing import race

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 1)


@pytest.fixture
def death(member, unit_clerk) -> Death:
    return actions.report_death(member.pk, DAY, by=unit_clerk)


@pytest.fixture
def heard(monkeypatch) -> list:
    """What the rooms above were told."""
    told = []
    monkeypatch.setattr(registry, "on_death", [lambda person, on, by: told.append(("died", person.pk, on))])
    monkeypatch.setattr(registry, "on_death_undone", [lambda person, by: told.append(("undone", person.pk))])
    return told


def test_a_report_asks_the_unit_and_changes_nothing_else(member, unit, death):
    member.refresh_from_db()
    assert (death.state, member.died_on) == ("reported", None)
    assert Notice.objects.get(receiver=unit).kind == "death_reported"
    assert AuditEntry.objects.filter(action="death.reported").count() == 1


def test_reporting_twice_is_once(member, death, bureau_clerk):
    again = actions.report_death(member.pk, DAY - timedelta(days=1), by=bureau_clerk)

    assert again == death
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("day", [timezone.localdate() + timedelta(days=1), date(1949, 1, 1)])
def test_an_impossible_day_is_refused(member, unit_clerk, day):
    with pytest.raises(RuleBroken, match="去世日期"):
        actions.report_death(member.pk, day, by=unit_clerk)


def test_who_does_not_see_the_person_reports_nothing(member, stranger):
    with pytest.raises(PermissionDenied):
        actions.report_death(member.pk, DAY, by=stranger)


def test_confirming_ends_what_the_rooms_above_hold(member, death, unit_clerk, heard):
    actions.confirm_death(death.pk, by=unit_clerk)

    member.refresh_from_db()
    assert (member.died_on, member.version) == (DAY, 2)
    assert heard == [("died", member.pk, DAY)]
    assert AuditEntry.objects.filter(action="death.confirmed").count() == 1


def test_the_right_day_is_kept_when_the_report_had_another(member, death, unit_clerk):
    actions.confirm_death(death.pk, died_on=date(2026, 4, 30), by=unit_clerk)

    assert Retiree.objects.get().died_on == Death.objects.get().died_on == date(2026, 4, 30)


def test_confirming_twice_is_once(death, unit_clerk, heard):
    actions.confirm_death(death.pk, by=unit_clerk)
    actions.confirm_death(death.pk, by=unit_clerk)

    assert len(heard) == 1
    assert AuditEntry.objects.filter(action="death.confirmed").count() == 1


def test_a_room_that_fails_undoes_the_confirmation(member, death, unit_clerk, monkeypatch):
    def fail(person, on, by):
        raise RuleBroken("不行")

    monkeypatch.setattr(registry, "on_death", [fail])

    with pytest.raises(RuleBroken):
        actions.confirm_death(death.pk, by=unit_clerk)

    assert Retiree.objects.get().died_on is None
    assert not AuditEntry.objects.filter(action="death.confirmed").exists()


def test_a_dismissed_report_can_be_made_again(member, death, unit_clerk):
    actions.dismiss_death(death.pk, words="本人接了电话", by=unit_clerk)
    actions.dismiss_death(death.pk, words="本人接了电话", by=unit_clerk)

    assert AuditEntry.objects.filter(action="death.dismissed").count() == 1
    assert actions.report_death(member.pk, DAY, by=unit_clerk) != death


def test_an_undone_death_restores_the_person(member, death, unit_clerk, heard):
    actions.confirm_death(death.pk, by=unit_clerk)

    actions.undo_death(death.pk, words="登记错人", by=unit_clerk)
    actions.undo_death(death.pk, words="登记错人", by=unit_clerk)

    member.refresh_from_db()
    assert member.died_on is None
    assert heard[1:] == [("undone", member.pk)]
    assert AuditEntry.objects.filter(action="death.undone").count() == 1


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("dismiss", "confirm"),
        ("dismiss", "undo"),
        ("confirm", "dismiss"),
        ("undo", "confirm"),
        ("undo", "dismiss"),
    ],
)
def test_a_decided_death_is_not_decided_otherwise(death, unit_clerk, first, then):
    acts = {
        "confirm": lambda: actions.confirm_death(death.pk, by=unit_clerk),
        "dismiss": lambda: actions.dismiss_death(death.pk, words="不属实", by=unit_clerk),
        "undo": lambda: actions.undo_death(death.pk, words="错了", by=unit_clerk),
    }
    if first == "undo":
        acts["confirm"]()
    acts[first]()

    with pytest.raises(AlreadyDone, match=unit_clerk.display_name):
        acts[then]()


def test_a_report_is_not_undone_but_dismissed(death, unit_clerk):
    with pytest.raises(RuleBroken, match="不属实"):
        actions.undo_death(death.pk, words="错了", by=unit_clerk)


@pytest.mark.parametrize("act", [actions.dismiss_death, actions.undo_death])
def test_a_reason_is_needed(death, unit_clerk, act):
    if act is actions.undo_death:
        actions.confirm_death(death.pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="理由"):
        act(death.pk, words=" ", by=unit_clerk)


def test_the_community_does_not_decide_for_a_unit_of_the_city(city, member, death, community_clerk, stranger):
    member.residence = city.communities[0].division
    member.save()

    for user in (community_clerk, stranger):
        with pytest.raises(PermissionDenied):
            actions.confirm_death(death.pk, by=user)
        with pytest.raises(PermissionDenied):
            actions.dismiss_death(death.pk, words="x", by=user)
        with pytest.raises(PermissionDenied):
            actions.undo_death(death.pk, words="x", by=user)


def test_the_community_decides_for_people_of_a_unit_outside(city, community_clerk, bureau_clerk):
    person = make_member(make_external_unit(), residence=city.communities[0].division)
    death = actions.report_death(person.pk, DAY, by=bureau_clerk)

    assert actions.confirm_death(death.pk, by=community_clerk).state == "confirmed"
    assert Notice.objects.get().receiver == city.districts[0]


def test_the_bureau_above_decides(death, bureau_clerk):
    assert actions.confirm_death(death.pk, by=bureau_clerk).state == "confirmed"


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_are_one(member, unit_clerk):
    answers = race(3, lambda _: actions.report_death(member.pk, DAY, by=unit_clerk))

    assert Death.objects.count() == 1
    assert set(answers) == {Death.objects.get()}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_holds(death, unit_clerk):
    def decide(number: int) -> Death:
        if number:
            return actions.confirm_death(death.pk, by=unit_clerk)
        return actions.dismiss_death(death.pk, words="不属实", by=unit_clerk)

    answers = race(2, decide)

    assert AuditEntry.objects.filter(action__in=["death.confirmed", "death.dismissed"]).count() == 1
    assert [type(answer) for answer in answers].count(AlreadyDone) == 1
