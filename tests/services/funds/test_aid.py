"""困难帮扶 一户一策: from the application to the result, and what a fund then holds."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models import F

from checkin.statistics.months import Month
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.duplicates.actions import merge
from members.people.actions import confirm_death, report_death, undo_death
from services.funds import actions, counting, sums
from services.funds.models import Application
from services.ledger.models import Account, Entry
from tests.checkin.world import World
from tests.services.funds.money import (
    applied,
    approved,
    at_home,
    bureau_of,
    checked,
    fund,
    paid,
    planned,
    preset,
    second,
)

pytestmark = pytest.mark.django_db


def copy[M: models.Model](row: M, **values: object) -> M:
    """The same row once more, not saved."""
    known = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    made = type(row)(**{**known, "id": None})
    for name, value in values.items():
        setattr(made, name, value)
    return made


def again(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


def test_help_goes_its_way_and_each_step_is_on_the_desk_of_whose_turn_it_is(world: World):
    fund(world, 5000)
    steps = [applied(world)]
    pk = steps[0].pk
    steps.append(actions.check(pk, found="属实", by=world.bureau_clerk))
    steps.append(actions.plan(pk, plan="补助", amount=300000, by=world.bureau_clerk))
    steps.append(actions.approve(pk, amount=300000, by=second(world)))
    steps.append(actions.pay(pk, by=world.bureau_clerk))
    steps.append(actions.close(pk, result="钱已到手", by=world.clerk))

    office = bureau_of(world)
    assert [step.state for step in steps] == ["applied", "checked", "planned", "approved", "paid", "closed"]
    assert [step.desk for step in steps] == [office, office, office, office, world.here, None]
    assert Account.objects.get(kind="fund").balance == 200000
    assert AuditEntry.objects.filter(action__startswith="aid.").count() == 6
    assert set(Notice.objects.filter(kind__startswith="aid.").values_list("receiver", flat=True)) == {
        office.pk,
        world.here.pk,
    }


def test_every_step_twice_is_once(world: World):
    fund(world, 5000)
    retiree = at_home(world)
    assert applied(world, retiree) == applied(world, retiree)
    found = checked(world, retiree)
    assert checked(world, retiree) == found
    for _ in range(2):
        actions.plan(found.pk, plan="补助", amount=300000, by=world.bureau_clerk)
    for step in (
        lambda: actions.approve(found.pk, amount=300000, by=second(world)),
        lambda: actions.pay(found.pk, by=world.bureau_clerk),
        lambda: actions.close(found.pk, result="到手", by=world.clerk),
    ):
        assert step().state == step().state

    assert AuditEntry.objects.filter(action__startswith="aid.").count() == 6
    assert Entry.objects.filter(kind="aid").count() == 1


def test_who_planned_does_not_approve(world: World):
    made = planned(world)

    with pytest.raises(RuleBroken, match="另一位同志"):
        actions.approve(made.pk, amount=300000, by=world.bureau_clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.update(approved_by=world.bureau_clerk)


def test_a_plan_that_changed_meanwhile_is_not_approved(world: World):
    made = planned(world)
    actions.plan(made.pk, plan="多补一些", amount=400000, by=world.bureau_clerk)

    with pytest.raises(RuleBroken, match="方案刚改过"):
        actions.approve(made.pk, amount=300000, by=second(world))


def test_who_comes_second_is_told_who_approved(world: World):
    made = approved(world)
    Application.objects.update(planned_by=world.clerk)

    with pytest.raises(AlreadyDone, match="已由"):
        actions.approve(made.pk, amount=300000, by=world.bureau_clerk)


def test_no_more_is_paid_than_the_fund_holds(world: World):
    fund(world, 2999)
    made = approved(world)

    with pytest.raises(RuleBroken, match="还有 2,999 元，这次要 3,000 元"):
        actions.pay(made.pk, by=world.bureau_clerk)
    assert again(made).state == "approved"


def test_a_payment_is_taken_back_by_a_counter_entry_and_may_be_made_again(world: World):
    fund(world, 5000)
    made = paid(world)

    for _ in range(2):
        actions.take_back_payment(made.pk, reason="账号填错", by=world.bureau_clerk)
    assert (again(made).state, Account.objects.get(kind="fund").balance) == ("approved", 500000)
    actions.pay(made.pk, by=world.bureau_clerk)

    assert Account.objects.get(kind="fund").balance == 200000
    assert Entry.objects.filter(kind="aid").count() == 2


@pytest.mark.parametrize(
    ("make", "act"),
    [
        (applied, lambda pk, w: actions.plan(pk, plan="补助", amount=1, by=w.bureau_clerk)),
        (checked, lambda pk, w: actions.approve(pk, amount=300000, by=second(w))),
        (planned, lambda pk, w: actions.pay(pk, by=w.bureau_clerk)),
        (approved, lambda pk, w: actions.close(pk, result="好", by=w.clerk)),
        (approved, lambda pk, w: actions.refuse(pk, reason="不行", by=w.bureau_clerk)),
        (approved, lambda pk, w: actions.check(pk, found="属实", by=w.bureau_clerk)),
    ],
)
def test_no_step_is_left_out(world: World, make, act):
    made = make(world)

    with pytest.raises(RuleBroken, match="不能这样办"):
        act(made.pk, world)


def test_a_refusal_and_a_withdrawal_say_why(world: World):
    one, other = applied(world), applied(world)
    for _ in range(2):
        actions.refuse(one.pk, reason="不符合条件", by=world.bureau_clerk)
        actions.withdraw(other.pk, reason="已由单位帮扶", by=world.clerk)

    assert (again(one).ending, again(one).desk) == ("不符合条件", None)
    assert (again(other).state, again(other).ending) == ("withdrawn", "已由单位帮扶")
    with pytest.raises(RuleBroken, match="理由"):
        actions.refuse(applied(world).pk, reason="", by=world.bureau_clerk)


def test_only_the_office_decides_and_only_who_deals_with_the_person_asks(world: World):
    made = applied(world)

    for stranger in (world.clerk, world.clerk_there, world.unit_clerk, world.street_clerk):
        with pytest.raises(PermissionDenied):
            actions.check(made.pk, found="属实", by=stranger)
    for stranger in (world.clerk_there, world.unit_clerk):
        with pytest.raises(PermissionDenied):
            actions.withdraw(made.pk, reason="不要了", by=stranger)
    with pytest.raises(PermissionDenied):
        actions.apply(
            made.retiree_id, made.fund_id, preset_id=preset().pk, organisation_id=world.there.pk, reason="难",
            asked=1, by=world.clerk_there,
        )  # fmt: skip


def test_a_fund_of_elsewhere_is_not_asked(world: World):
    other = Account.objects.create(
        kind="fund", organisation=world.city.districts[1], name="市北区帮扶资金", balance=100
    )

    with pytest.raises(RuleBroken, match="不面向"):
        actions.apply(
            at_home(world).pk, other.pk, preset_id=preset().pk, organisation_id=world.here.pk, reason="难",
            asked=1, by=world.clerk,
        )  # fmt: skip


def test_a_death_ends_what_is_open_with_the_reason_and_is_undone(world: World):
    fund(world, 9000)
    retiree, other = at_home(world), at_home(world)
    waiting, done = approved(world, retiree), paid(world, other)
    deaths = [
        confirm_death(
            report_death(pk, died_on=date(2026, 11, 20), by=world.unit_clerk).pk, by=world.unit_clerk
        )
        for pk in (retiree.pk, other.pk)
    ]

    assert (again(waiting).state, again(waiting).ending) == ("ended", "老同志已登记去世")
    assert again(done).state == "closed"
    undo_death(deaths[0].pk, by=world.unit_clerk, words="弄错了")
    assert (again(waiting).state, again(waiting).desk) == ("approved", bureau_of(world))


def test_applications_go_over_with_a_merge(world: World):
    kept, other = at_home(world), at_home(world, user=None)
    one, two = applied(world, kept), applied(world, other)

    merge(kept.pk, other.pk, by=world.unit_clerk)

    assert (again(one).state, again(two).state, again(two).retiree) == ("applied", "ended", kept)


def test_a_successor_takes_over_what_a_community_filed(world: World):
    fund(world, 5000)
    made = paid(world)

    actions.follow_closed(world.here, world.there, date(2026, 11, 1), world.bureau_clerk)

    assert (again(made).organisation, again(made).desk) == (world.there, world.there)


def test_who_is_forgotten_leaves_no_words(world: World):
    made = planned(world)

    actions.forget(made.retiree_id, by=world.bureau_clerk)

    found = again(made)
    assert (found.reason, found.checked, found.plan, found.result) == ("", "", "", "")


def test_grants_are_booked_once_a_form_and_reversed_with_a_reason(world: World):
    found, key = fund(world), uuid4()
    entries = [actions.grant(found.pk, 100, key=key, by=world.bureau_clerk) for _ in range(2)]
    reversals = [
        actions.reverse_grant(entries[0].pk, reason="多记了", by=world.bureau_clerk) for _ in range(2)
    ]

    assert entries[0] == entries[1]
    assert reversals[0] == reversals[1]
    assert Account.objects.get(pk=found.pk).balance == 0
    with pytest.raises(RuleBroken, match="为什么"):
        actions.reverse_grant(entries[0].pk, reason="", by=world.bureau_clerk)
    for stranger in (world.clerk, world.unit_clerk):
        with pytest.raises(PermissionDenied):
            actions.grant(found.pk, 100, key=uuid4(), by=stranger)
        with pytest.raises(PermissionDenied):
            actions.open_fund(bureau_of(world).pk, "资金", by=stranger)


def test_money_that_is_paid_cannot_be_ungranted(world: World):
    found = fund(world, 3000)
    paid(world)

    with pytest.raises(RuleBroken, match="余额不够"):
        actions.reverse_grant(Entry.objects.get(kind="grant").pk, reason="错了", by=world.bureau_clerk)
    assert Account.objects.get(pk=found.pk).balance == 0


def test_500000_less_120_payments_of_360000_leaves_140000(world: World):
    """Source: the design's domain.md §4, Demo C."""
    found = fund(world, 500_000)
    retiree = at_home(world)
    first = Application.objects.filter(pk=paid(world, retiree).pk)
    first.update(state="closed", desk=None)
    entry, like = Entry.objects.get(kind="aid"), first.get()
    entries, rows = [], []
    for number in range(119):  # as the first, in two statements
        amount = 300_000 + (50_000, -50_000, 0)[number % 3 if number < 117 else 2]
        entries.append(copy(entry, amount=amount, source=f"aid-more-{number}"))
    for made in Entry.objects.bulk_create(entries):
        rows.append(copy(like, amount=made.amount, payment=made))
    Application.objects.bulk_create(rows)
    Account.objects.filter(pk=found.pk).update(balance=F("balance") - sum(row.amount for row in rows))

    said = sums.of_fund(found)
    assert (said.granted, said.used, said.left) == (50_000_000, 36_000_000, 14_000_000)
    assert said.words == "共 500,000 元，已用 360,000 元（72%），余 140,000 元"
    assert said.used // 120 == 300_000
    assert counting.times(Month.current()) == {world.here.division_id: 120}
    assert counting.amount(Month.current()) == {world.here.division_id: 360_000}
    assert counting.helped(Month.current()) == {retiree.pk: {"aid": "有"}}
