"""支部书记补贴: who gets it, the list of a month, and what is booked."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from services.funds import actions
from services.funds.models import SubsidyLine, SubsidyList
from services.ledger.models import Account, Entry
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.services.funds.money import at_home, bureau_of, fund, preset, second, secretary

pytestmark = pytest.mark.django_db
MONTH = date(2026, 10, 1)


def made(world: World, month: date = MONTH) -> SubsidyList:
    return actions.make_list(fund(world).pk, preset("secretary").pk, month, by=world.bureau_clerk)


def test_who_has_been_secretary_for_three_years_is_on_the_list(world: World):
    on_the_day = secretary(world, date(2023, 11, 1))
    secretary(world, date(2023, 11, 2))
    long = secretary(world, date(2019, 1, 1))
    left = secretary(world, date(2019, 1, 1))
    left.valid_until = date(2026, 10, 31)
    left.save()
    until_november = secretary(world, date(2019, 1, 1))
    until_november.valid_until = date(2026, 11, 1)
    until_november.save()
    elsewhere = secretary(world, date(2019, 1, 1), host=world.city.communities[2])
    other_district = secretary(world, date(2019, 1, 1), host=world.city.communities[7])
    dead = secretary(world, date(2019, 1, 1), retiree=at_home(world, died_on=date(2026, 10, 31)))
    member = secretary(world, date(2019, 1, 1))
    member.post = "member"
    member.save()

    found = made(world)

    expected = {row.retiree_id for row in (on_the_day, long, until_november, elsewhere)}
    assert set(found.lines.values_list("retiree", flat=True)) == expected
    assert not expected & {other_district.retiree_id, dead.retiree_id, member.retiree_id}
    assert (found.people, found.total) == (4, 120_000)


def test_somebody_with_two_posts_is_paid_once(world: World):
    retiree = at_home(world)
    secretary(world, date(2019, 1, 1), retiree=retiree)
    older = secretary(world, date(2017, 1, 1), retiree=retiree)

    assert made(world).lines.get().branch == older.organisation


def test_a_list_made_twice_is_one(world: World):
    secretary(world, date(2019, 1, 1))

    assert made(world) == made(world)
    assert SubsidyLine.objects.count() == 1
    assert AuditEntry.objects.filter(action="subsidy.made").count() == 1


def test_whom_another_office_pays_is_left_out(world: World):
    secretary(world, date(2019, 1, 1))
    made(world)
    secretary(world, date(2019, 1, 1))
    city = world.city.city
    other = Account.objects.create(kind="fund", organisation=city, name="市级补贴", balance=0)
    found = actions.make_list(other.pk, preset("secretary").pk, MONTH, by=make_staff(city))

    assert found.people == 1
    assert SubsidyLine.objects.count() == 2


def test_a_month_without_anybody_and_one_to_come_make_no_list(world: World):
    with pytest.raises(RuleBroken, match="没有符合条件"):
        made(world)
    secretary(world, date(2019, 1, 1))
    with pytest.raises(RuleBroken, match="还没有到"):
        made(world, (timezone.localdate().replace(day=28) + timedelta(days=40)).replace(day=1))
    assert not SubsidyList.objects.exists()


def test_the_list_is_approved_by_a_second_person_and_booked_once(world: World):
    fund(world, 1000)
    row = secretary(world, date(2019, 1, 1))
    found = made(world)

    with pytest.raises(RuleBroken, match="另一位同志"):
        actions.approve_list(found.pk, by=world.bureau_clerk)
    for _ in range(2):
        actions.approve_list(found.pk, by=second(world))
    with pytest.raises(AlreadyDone):
        actions.approve_list(found.pk, by=world.bureau_clerk)
    for _ in range(2):
        actions.book_list(found.pk, by=world.bureau_clerk)

    entry = Entry.objects.get(kind="subsidy")
    assert (entry.retiree_id, entry.amount) == (row.retiree_id, 30_000)
    assert Account.objects.get(kind="fund").balance == 70_000
    assert list(
        AuditEntry.objects.filter(action__startswith="subsidy.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["subsidy.made", "subsidy.approved", "subsidy.booked"]


def test_more_than_the_fund_holds_is_not_booked_for_anybody(world: World):
    fund(world, 500)
    for _ in range(2):
        secretary(world, date(2019, 1, 1))
    found = actions.approve_list(made(world).pk, by=second(world))

    with pytest.raises(RuleBroken, match="还有 500 元，这次要 600 元"):
        actions.book_list(found.pk, by=world.bureau_clerk)
    assert not Entry.objects.filter(kind="subsidy").exists()


def test_a_list_is_not_booked_unapproved_nor_dropped_when_booked(world: World):
    fund(world, 1000)
    secretary(world, date(2019, 1, 1))
    found = made(world)
    with pytest.raises(RuleBroken, match="不能这样办"):
        actions.book_list(found.pk, by=world.bureau_clerk)
    actions.approve_list(found.pk, by=second(world))
    actions.book_list(found.pk, by=world.bureau_clerk)

    with pytest.raises(RuleBroken, match="不能这样办"):
        actions.drop_list(found.pk, reason="错了", by=world.bureau_clerk)


def test_a_dropped_list_gives_its_month_free(world: World):
    secretary(world, date(2019, 1, 1))
    found = made(world)
    for _ in range(2):
        actions.drop_list(found.pk, reason="任职日期有误", by=world.bureau_clerk)

    assert made(world).pk != found.pk
    assert SubsidyLine.objects.filter(counts=True).count() == 1


def test_only_the_office_makes_approves_and_books(world: World):
    secretary(world, date(2019, 1, 1))
    found = made(world)
    for stranger in (world.clerk, world.unit_clerk, world.street_clerk):
        for act, arguments in (
            (actions.make_list, (found.fund_id, found.preset_id, MONTH)),
            (actions.approve_list, (found.pk,)),
            (actions.book_list, (found.pk,)),
        ):
            with pytest.raises(PermissionDenied):
                act(*arguments, by=stranger)
        with pytest.raises(PermissionDenied):
            actions.drop_list(found.pk, reason="错", by=stranger)


def test_the_database_pays_nobody_twice_a_month(world: World):
    secretary(world, date(2019, 1, 1))
    line = made(world).lines.get()
    line.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        line.save(force_insert=True)


def test_a_year_costs_300_a_month_for_each_secretary(world: World):
    """Source: the design's domain.md §3, 2-6: n × 300 × 12."""
    number = 7
    for _ in range(number):
        secretary(world, date(2019, 1, 1))
    money = fund(world)
    actions.grant(money.pk, 100_000_00, key=uuid4(), by=world.bureau_clerk)
    for month in range(1, 13):
        found = made(world, date(2025, month, 1))
        actions.approve_list(found.pk, by=second(world))
        actions.book_list(found.pk, by=world.bureau_clerk)

    assert Account.objects.get(pk=money.pk).balance == (100_000 - number * 300 * 12) * 100
    assert Entry.objects.filter(kind="subsidy").count() == number * 12
    assert bureau_of(world).accounts.filter(kind="paid").count() == 1
