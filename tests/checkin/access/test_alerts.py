"""Alerts: once for a reader, kind and day; told to the bureau above without names of people; looked into once.

`test_two_who_check_at_once_are_one_and_a_refusal` was seen to fail without the row lock.
"""

import pytest
from django.core.exceptions import PermissionDenied

from checkin.access import actions
from checkin.access.models import AccessAlert
from communities.notices.models import Notice
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from tests.checkin.access.looking import looks, shanghai
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff
from tests.communities.threads import at_the_same_time

LEAD = Assignment.Role.LEAD
NOW = shanghai(8)


def night(world: World, by: User | None = None, office=None) -> AccessAlert:
    """An alert about a clerk of `here`, who looked at a person of the area at night."""
    retiree = world.member(name="孙大圣")
    looks(by or world.clerk, office or world.here, [retiree.pk], shanghai(3))
    actions.raise_alerts(NOW)
    return AccessAlert.objects.select_related("bureau", "office").get(kind="night")


def test_an_alert_is_raised_told_and_audited(world: World):
    alert = night(world)

    notice = Notice.objects.get(kind="access.alert")
    assert (alert.bureau, alert.office) == (world.city.districts[0], world.here)
    assert notice.receiver == world.city.districts[0]
    assert notice.words == ("异常查看：云霄路社区的李敏，夜间查看 1 次，2026-11-24 03:00。请核实。")
    assert "孙大圣" not in notice.words + str(notice.data)
    assert AuditEntry.objects.filter(action="access.alerted", target_id=str(alert.pk)).count() == 1


def test_the_same_day_again_raises_nothing_more(world: World):
    night(world)
    looks(world.clerk, world.here, [7], shanghai(4))

    assert actions.raise_alerts(NOW) == 0
    assert Notice.objects.filter(kind="access.alert").count() == 1


def test_the_next_night_is_another_alert(world: World):
    night(world)
    looks(world.clerk, world.here, [7], shanghai(3, day=25))

    assert actions.raise_alerts(shanghai(8, day=25)) == 1


@pytest.mark.parametrize(("office", "told"), [("unit", "city"), ("district", "city"), ("city", "city")])
def test_the_bureau_above_is_told(world: World, office: str, told: str):
    offices = {"unit": world.unit, "district": world.city.districts[0], "city": world.city.city}
    clerk = make_staff(offices[office])

    assert night(world, clerk, offices[office]).bureau == world.city.city


@pytest.mark.django_db(transaction=True)
def test_two_raisings_at_once_tell_once():
    world = make_world()
    looks(world.clerk, world.here, [world.member().pk], shanghai(3))

    counts = at_the_same_time(*[lambda: actions.raise_alerts(NOW)] * 3)

    assert sorted(counts) == [0, 0, 1]
    assert Notice.objects.filter(kind="access.alert").count() == 1


def test_checking_says_who_and_when_and_what_it_was(world: World, lead: User):
    alert = actions.check(night(world).pk, words="值班时接到家属电话", by=lead)

    assert (alert.checked_by, alert.words) == (lead, "值班时接到家属电话")
    assert alert.checked_at is not None
    assert AuditEntry.objects.get(action="access.checked").note == "值班时接到家属电话"


def test_checking_twice_is_once(world: World, lead: User):
    alert = night(world)
    actions.check(alert.pk, words="问过了", by=lead)
    again = actions.check(alert.pk, words="又问了", by=lead)

    assert again.words == "问过了"
    assert AuditEntry.objects.filter(action="access.checked").count() == 1


def test_after_somebody_elses_check_it_is_refused_with_who(world: World, lead: User):
    alert = night(world)
    actions.check(alert.pk, words="问过了", by=lead)

    with pytest.raises(RuleBroken, match=lead.display_name):
        actions.check(alert.pk, words="我也问了", by=make_staff(world.city.city, LEAD))


def test_without_words_it_is_refused(world: World, lead: User):
    with pytest.raises(RuleBroken) as refused:
        actions.check(night(world).pk, words="  ", by=lead)

    assert refused.value.code == "no_words"


def test_who_may_not_check(world: World):
    alert = night(world)
    strangers = [
        world.clerk,
        world.bureau_clerk,
        make_staff(world.here, LEAD),
        make_staff(world.city.streets[0], LEAD),
        make_staff(world.city.districts[1], LEAD),
    ]

    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            actions.check(alert.pk, words="没事", by=stranger)


def test_nobody_checks_what_is_about_oneself(world: World):
    boss = make_staff(world.city.city, LEAD)
    alert = night(world, boss, world.city.city)

    with pytest.raises(PermissionDenied):
        actions.check(alert.pk, words="是我", by=boss)
    assert actions.check(alert.pk, words="问过", by=make_staff(world.city.city, LEAD)).words == "问过"


@pytest.mark.django_db(transaction=True)
def test_two_who_check_at_once_are_one_and_a_refusal():
    world = make_world()
    alert = night(world)
    leads = [make_staff(world.city.districts[0], LEAD) for _ in range(4)]

    outcomes = at_the_same_time(
        *[lambda lead=lead: actions.check(alert.pk, words="问过", by=lead) for lead in leads]
    )

    assert [isinstance(outcome, RuleBroken) for outcome in outcomes].count(True) == 3
    assert AuditEntry.objects.filter(action="access.checked").count() == 1
