"""Points: given once for a source, taken for goods, given back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkin.statistics.months import Month
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.duplicates.actions import merge, undo_merge
from services.ledger import actions, counting
from services.ledger.models import Account, Entry, Goods, Redemption
from tests.checkin.world import World
from tests.members.factories import make_member
from tests.services.ledger.shop import at_home, balance, booked, credit, goods_of, redeem

pytestmark = pytest.mark.django_db


def test_points_are_credited_and_audited(world: World):
    retiree = at_home(world)

    entry = credit(world, retiree, 20)

    assert (balance(retiree), entry.kind, entry.amount) == (20, "credit", 20)
    assert AuditEntry.objects.filter(action="points.credited", target_id=str(retiree.pk)).count() == 1


def test_a_source_is_credited_once(world: World):
    retiree = at_home(world)

    first, again = (credit(world, retiree, 20, "activity-1") for _ in range(2))

    assert (first, balance(retiree)) == (again, 20)
    assert AuditEntry.objects.filter(action="points.credited").count() == 1


def test_a_source_of_somebody_else_is_refused(world: World):
    credit(world, at_home(world), 20, "activity-1")
    other = at_home(world)

    with pytest.raises(RuleBroken, match="另一笔"):
        credit(world, other, 20, "activity-1")
    assert balance(other) == 0


@pytest.mark.parametrize("points", [0, -5, 10_001])
def test_only_sensible_numbers_of_points_are_credited(world: World, points: int):
    with pytest.raises(RuleBroken, match="10,000"):
        credit(world, at_home(world), points)


def test_the_program_credits_for_an_engine(world: World):
    retiree = at_home(world)

    credit(world, retiree, 20, by=User.objects.system())

    assert balance(retiree) == 20


@pytest.mark.parametrize("who", ["clerk_there", "unit_clerk", "bureau_clerk"])
def test_nobody_else_credits_in_the_name_of_the_community(world: World, who: str):
    with pytest.raises(PermissionDenied):
        credit(world, at_home(world), 20, by=getattr(world, who))


def test_a_clerk_does_not_credit_oneself(world: World):
    with pytest.raises(PermissionDenied):
        credit(world, at_home(world, user=world.clerk), 20)


def test_the_dead_get_no_points_and_keep_those_they_had(world: World):
    retiree = at_home(world)
    credit(world, retiree, 20, "activity-1")
    retiree.died_on = date(2026, 11, 1)
    retiree.save()

    credit(world, retiree, 20, "activity-1")
    with pytest.raises(RuleBroken, match="去世"):
        credit(world, retiree, 20)
    assert balance(retiree) == 20


def test_goods_are_taken_for_points(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)

    made = redeem(world, retiree, goods, 2)

    assert (balance(retiree), Goods.objects.get().stock, made.entry.amount) == (40, 3, 60)
    assert AuditEntry.objects.filter(action="points.redeemed").count() == 1


def test_a_form_sent_twice_is_one_redemption(world: World):
    retiree, goods, key = at_home(world), goods_of(world.here), uuid4()
    credit(world, retiree, 100)

    assert redeem(world, retiree, goods, key=key) == redeem(world, retiree, goods, key=key)
    assert (balance(retiree), Redemption.objects.count()) == (70, 1)


def test_not_enough_points_is_refused(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 29)

    with pytest.raises(RuleBroken, match="还有 29 分，这次要 30 分"):
        redeem(world, retiree, goods)
    assert (balance(retiree), Goods.objects.get().stock) == (29, 5)


@pytest.mark.parametrize(
    ("change", "words"), [({"stock": 0}, "还剩 0 件"), ({"is_active": False}, "现在不能兑换")]
)
def test_what_is_not_there_is_not_given(world: World, change: dict[str, object], words: str):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)
    Goods.objects.update(**change)

    with pytest.raises(RuleBroken, match=words):
        redeem(world, retiree, goods)


def test_the_dead_take_nothing(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)
    retiree.died_on = date(2026, 11, 1)
    retiree.save()

    with pytest.raises(RuleBroken, match="去世"):
        redeem(world, retiree, goods)


def test_only_ones_own_community_gives_goods(world: World):
    retiree = at_home(world)
    credit(world, retiree, 100)

    for goods, clerk in (
        (goods_of(world.there), world.clerk_there),
        (goods_of(world.here), world.clerk_there),
        (goods_of(world.here, "米"), world.unit_clerk),
    ):
        with pytest.raises(PermissionDenied):
            redeem(world, retiree, goods, by=clerk)


def test_a_cancelled_redemption_gives_back_points_and_stock(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)
    made = redeem(world, retiree, goods, 2)

    actions.cancel_redemption(made.pk, by=world.clerk)
    actions.cancel_redemption(made.pk, by=world.clerk)

    assert (balance(retiree), Goods.objects.get().stock) == (100, 5)
    assert Entry.objects.get(kind="cancel").reverses == made.entry
    assert AuditEntry.objects.filter(action="points.redemption_cancelled").count() == 1


def test_a_redemption_is_cancelled_within_a_day_only(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)
    made = redeem(world, retiree, goods)
    Redemption.objects.update(at=timezone.now() - timedelta(hours=25))

    with pytest.raises(RuleBroken, match="24 小时"):
        actions.cancel_redemption(made.pk, by=world.clerk)


def test_a_neighbour_cancels_nothing(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)
    made = redeem(world, retiree, goods)

    with pytest.raises(PermissionDenied):
        actions.cancel_redemption(made.pk, by=world.clerk_there)


def test_a_credit_is_reversed_by_a_counter_entry_once(world: World):
    retiree = at_home(world)
    entry = credit(world, retiree, 20)

    first, again = (actions.reverse_points(entry.pk, reason="记错人了", by=world.clerk) for _ in range(2))

    assert first == again
    assert (balance(retiree), first.reverses, first.note) == (0, entry, "记错人了")
    assert AuditEntry.objects.filter(action="points.reversed").count() == 1


def test_points_that_are_spent_cannot_be_reversed(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    entry = credit(world, retiree, 30)
    redeem(world, retiree, goods)

    with pytest.raises(RuleBroken, match="积分不够"):
        actions.reverse_points(entry.pk, reason="记错人了", by=world.clerk)


def test_a_reversal_needs_a_reason_and_a_credit(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    entry = credit(world, retiree, 30)
    taken = redeem(world, retiree, goods).entry

    with pytest.raises(RuleBroken, match="为什么"):
        actions.reverse_points(entry.pk, reason=" ", by=world.clerk)
    with pytest.raises(RuleBroken, match="只有得积分"):
        actions.reverse_points(taken.pk, reason="错了", by=world.clerk)
    with pytest.raises(PermissionDenied):
        actions.reverse_points(entry.pk, reason="错了", by=world.clerk_there)


@pytest.mark.parametrize(
    "change", [lambda: Entry.objects.update(amount=1), lambda: Entry.objects.all().delete()]
)
def test_the_running_role_changes_no_entry(world: World, change):
    credit(world, at_home(world), 20)

    with pytest.raises(ProgrammingError), transaction.atomic():
        change()


def test_the_database_refuses_a_balance_below_zero(world: World):
    credit(world, at_home(world), 20)

    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(kind="points").update(balance=-1)


def test_points_go_over_with_a_merge_and_come_back(world: World):
    kept, other = make_member(world.unit), make_member(world.unit)
    kept.residence = other.residence = world.here.division
    kept.save(), other.save()
    credit(world, kept, 10)
    credit(world, other, 30)

    done = merge(kept.pk, other.pk, by=world.unit_clerk)
    assert (balance(kept), balance(other)) == (40, 0)
    undo_merge(done.pk, by=world.unit_clerk)

    assert (balance(kept), balance(other)) == (10, 30)


def test_a_merge_whose_points_are_spent_is_not_undone(world: World):
    kept, other = at_home(world), make_member(world.unit, residence=world.here.division)
    credit(world, other, 30)
    done = merge(kept.pk, other.pk, by=world.unit_clerk)
    redeem(world, kept, goods_of(world.here))

    with pytest.raises(RuleBroken, match="积分已经用掉"):
        undo_merge(done.pk, by=world.unit_clerk)


def test_the_successor_of_a_community_takes_over_the_shelf(world: World):
    (
        goods_of(world.here, "米", stock=3),
        goods_of(world.here, "油", stock=4),
        goods_of(world.there, "米", stock=2),
    )

    actions.follow_closed_community(world.here, world.there, date(2026, 11, 1), world.bureau_clerk)

    assert set(Goods.objects.filter(is_active=True).values_list("community", "name", "stock")) == {
        (world.there.pk, "米", 5),
        (world.there.pk, "油", 4),
    }


def test_whoever_is_forgotten_leaves_no_words_and_no_points(world: World):
    retiree = at_home(world)
    credit(world, retiree, 50)
    redeem(world, retiree, goods_of(world.here))

    actions.forget(retiree.pk, by=User.objects.system())
    actions.forget(retiree.pk, by=User.objects.system())

    assert balance(retiree) == 0
    assert Entry.objects.filter(kind="lapse").count() == 1
    assert {entry.note for entry in Entry.objects.all()} == {""}


def test_goods_are_offered_and_changed_by_their_community(world: World):
    made = actions.change_goods(world.here.pk, " 米 ", points=50, is_active=True, by=world.clerk)
    same = actions.change_goods(world.here.pk, "米", points=50, is_active=True, by=world.clerk)
    actions.change_goods(world.here.pk, "大米", points=60, is_active=False, goods_id=made.pk, by=world.clerk)

    assert made == same
    assert Goods.objects.values_list("name", "points", "is_active").get() == ("大米", 60, False)
    assert AuditEntry.objects.filter(action="goods.changed").count() == 2
    with pytest.raises(PermissionDenied):
        actions.change_goods(world.here.pk, "米", points=50, is_active=True, by=world.clerk_there)
    with pytest.raises(RuleBroken, match="品名"):
        actions.change_goods(world.here.pk, " ", points=50, is_active=True, by=world.clerk)


def test_two_goods_of_a_shop_have_two_names(world: World):
    goods_of(world.here, "米")
    oil = goods_of(world.here, "油")

    with pytest.raises(RuleBroken, match="已经有"):
        actions.change_goods(world.here.pk, "米", points=50, is_active=True, goods_id=oil.pk, by=world.clerk)


def test_the_shelf_is_counted_against_the_number_seen(world: World):
    goods = goods_of(world.here, stock=5)

    for _ in range(2):
        actions.stock_goods(goods.pk, seen=5, counted=20, by=world.clerk)

    assert Goods.objects.get().stock == 20
    assert AuditEntry.objects.filter(action="goods.stocked").count() == 1
    with pytest.raises(RuleBroken, match="现在是 20 件"):
        actions.stock_goods(goods.pk, seen=5, counted=6, by=world.clerk)
    with pytest.raises(RuleBroken, match="小于 0"):
        actions.stock_goods(goods.pk, seen=20, counted=-1, by=world.clerk)
    with pytest.raises(PermissionDenied):
        actions.stock_goods(goods.pk, seen=20, counted=6, by=world.clerk_there)


def test_what_statistics_and_feedback_count(world: World):
    retiree, goods = at_home(world), goods_of(world.here)
    credit(world, retiree, 100)
    actions.reverse_points(credit(world, retiree, 7).pk, reason="错了", by=world.clerk)
    redeem(world, retiree, goods)
    actions.cancel_redemption(redeem(world, retiree, goods).pk, by=world.clerk)

    assert counting.redemptions(Month.current()) == {world.here.division_id: 1}
    assert counting.points(Month.current()) == {retiree.pk: {"points": 100}}
    assert counting.redemptions(Month.current().previous) == {}


STEPS = st.lists(
    st.tuples(st.sampled_from(["credit", "redeem", "cancel", "reverse"]), st.integers(1, 60)), max_size=12
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_points_are_never_below_zero_and_equal_their_entries(world: World, steps: list[tuple[str, int]]):
    with transaction.atomic():
        retiree, goods = at_home(world), goods_of(world.here, points=20, stock=3)
        entries, taken = [], []
        for act, number in steps:
            try:
                with transaction.atomic():
                    match act:
                        case "credit":
                            entries.append(credit(world, retiree, number))
                        case "redeem":
                            taken.append(redeem(world, retiree, goods, number % 3 + 1))
                        case "cancel" if taken:
                            actions.cancel_redemption(taken[number % len(taken)].pk, by=world.clerk)
                        case "reverse" if entries:
                            chosen = entries[number % len(entries)]
                            actions.reverse_points(chosen.pk, reason="错", by=world.clerk)
            except RuleBroken:
                pass
            goods.refresh_from_db()
            out = sum(r.count for r in Redemption.objects.filter(goods=goods, cancelled_at=None))
            account = Account.objects.filter(kind="points", retiree=retiree).first()

            assert goods.stock == 3 - out >= 0
            assert account is None or booked(account) == account.balance >= 0
        transaction.set_rollback(True)
