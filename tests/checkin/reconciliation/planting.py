"""Damage of every kind, each planted by hand under the program's feet.

A plant prepares what is sound and returns the act that does the damage, which returns the person it concerns.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport
from checkin.proposals.models import ChangeProposal
from checkin.reconciliation import actions
from checkin.reconciliation.models import ReconciliationRun
from checkin.record import actions as record
from checkin.record.models import CheckIn
from checkin.statistics import actions as statistics
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from checkin.sync import actions as sync
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices.actions import post
from communities.notices.models import Mailbox, Notice
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.texts.models import Text
from members.party.models import PartyAffiliation
from members.people.models import Retiree
from members.units import actions as units
from members.units.models import UnitMembership
from tests.checkin.feedback.conftest import Fed
from tests.checkin.proposals.said import of_person
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_branch

type Damage = Callable[[], int | None]
type Plant = Callable[[World], Damage]


def enrolled(unit: Organisation, **fields: Any) -> Retiree:
    """Somebody whom `unit` manages, as the program itself writes it down."""
    retiree = RetireeFactory(user=UserFactory(), **fields)
    units.join(retiree.pk, unit.pk, on=date(2020, 1, 1), by=User.objects.system())
    return retiree


def settle() -> None:
    """Everything that was owed went out."""
    relay()
    Text.objects.filter(state=Text.State.PENDING).update(state=Text.State.SENT, sent_at=timezone.now())


def run(*, repair: bool = False) -> ReconciliationRun:
    return actions.reconcile(by=User.objects.system(), repair=repair)


def found(run: ReconciliationRun) -> dict[str, int]:
    """The checks that found something."""
    return {key: number for key, number in run.counts.items() if number}


def open_units_notice_deleted(world: World) -> Damage:
    def damage() -> int:
        checkin = world.confirmed()
        Notice.objects.filter(
            receiver=world.unit, kind="checkin.confirmed", person=checkin.retiree_id
        ).delete()
        return checkin.retiree_id

    return damage


def communitys_notice_deleted(world: World) -> Damage:
    def damage() -> int:
        checkin = world.submitted()
        record.withdraw(checkin.pk, by=checkin.retiree.user)
        Notice.objects.filter(receiver=world.here, kind="checkin.withdrawn").delete()
        return checkin.retiree_id

    return damage


def desks_notice_deleted(world: World) -> Damage:
    def damage() -> int:
        checkin = world.submitted()
        Notice.objects.filter(receiver=world.here, kind="checkin.auto_verified").delete()
        return checkin.retiree_id

    return damage


def outbox_row_stuck(world: World) -> Damage:
    retiree = world.member()

    def damage() -> int:
        post(world.unit, key="late:1", kind="checkin.late", words="还没有办", person=retiree.pk)
        Notice.objects.filter(key="late:1").update(created_at=timezone.now() - timedelta(minutes=16))
        return retiree.pk

    return damage


def delivered_notice_deleted(world: World) -> Damage:
    for number in range(3):
        post(world.unit, key=f"late:{number}", kind="checkin.late", words="还没有办")

    def damage() -> None:
        Notice.objects.filter(receiver=world.unit, number=2).delete()

    return damage


def last_notice_deleted(world: World) -> Damage:
    for number in range(3):
        post(world.unit, key=f"late:{number}", kind="checkin.late", words="还没有办")

    def damage() -> None:
        Notice.objects.filter(receiver=world.unit, number=3).delete()

    return damage


def mailbox_set_back(world: World) -> Damage:
    post(world.unit, key="late:1", kind="checkin.late", words="还没有办")

    def damage() -> None:
        Mailbox.objects.filter(organisation=world.unit).update(last_number=0)

    return damage


def line_of(world: World) -> Webhook:
    """A webhook that got everything so far; then five notices come that are not sent."""
    post(world.unit, key="late:1", kind="checkin.late", words="还没有办")
    relay()
    lead = make_staff(world.unit, Assignment.Role.LEAD)
    return sync.add_webhook(world.unit.pk, "https://93.184.216.34/hook", by=lead)


def five_more(world: World) -> None:
    for number in range(5):
        post(world.unit, key=f"new:{number}", kind="checkin.late", words="还没有办")
    relay()


def cursor_past_what_was_sent(world: World) -> Damage:
    webhook = line_of(world)

    def damage() -> None:
        five_more(world)
        Webhook.objects.filter(pk=webhook.pk).update(cursor=4)

    return damage


def cursor_past_the_end(world: World) -> Damage:
    webhook = line_of(world)

    def damage() -> None:
        Webhook.objects.filter(pk=webhook.pk).update(cursor=99)

    return damage


def webhook_nobody_tries(world: World) -> Damage:
    webhook = line_of(world)

    def damage() -> None:
        five_more(world)
        Webhook.objects.filter(pk=webhook.pk).update(next_try_at=timezone.now() - timedelta(minutes=61))

    return damage


def webhook_lost(world: World) -> Damage:
    webhook = line_of(world)

    def damage() -> None:
        Webhook.objects.filter(pk=webhook.pk).delete()

    return damage


def dead_letter_forgotten(world: World) -> Damage:
    webhook, retiree = line_of(world), world.member()
    post(world.unit, key="refused", kind="people.changed", words="有变化", person=retiree.pk)

    def damage() -> int:
        Webhook.objects.filter(pk=webhook.pk).update(cursor=2)
        DeadLetter.objects.create(
            webhook=webhook,
            notice=Notice.objects.get(key="refused"),
            error="400",
            at=timezone.now() - timedelta(days=8),
        )
        return retiree.pk

    return damage


def state_edited(world: World) -> Damage:
    checkin = world.confirmed()

    def damage() -> int:
        CheckIn.objects.filter(pk=checkin.pk).update(
            state="ended", ended_at=timezone.now(), end_reason="other"
        )
        return checkin.retiree_id

    return damage


def residence_edited(world: World) -> Damage:
    checkin = world.confirmed()

    def damage() -> int:
        Retiree.objects.filter(pk=checkin.retiree_id).update(residence=world.there.division)
        return checkin.retiree_id

    return damage


def requests_unit_edited(world: World) -> Damage:
    checkin, other = world.waiting_for_unit(), make_unit()

    def damage() -> int:
        CheckIn.objects.filter(pk=checkin.pk).update(unit=other)
        return checkin.retiree_id

    return damage


def desk_gone(world: World) -> Damage:
    checkin = world.submitted(community_id=world.there.pk)

    def damage() -> int:
        Organisation.objects.filter(pk=world.there.pk).update(closed_on=date(2026, 1, 1))
        return checkin.retiree_id

    return damage


def membership_edited(world: World) -> Damage:
    retiree, other = enrolled(world.unit), make_unit()

    def damage() -> int:
        UnitMembership.objects.filter(retiree=retiree).update(unit=other)
        return retiree.pk

    return damage


def membership_deleted(world: World) -> Damage:
    retiree = enrolled(world.unit)

    def damage() -> int:
        UnitMembership.objects.filter(retiree=retiree).delete()
        return retiree.pk

    return damage


def unit_closed_by_hand(world: World) -> Damage:
    unit = make_unit()
    retiree = enrolled(unit)

    def damage() -> int:
        Organisation.objects.filter(pk=unit.pk).update(closed_on=date(2026, 1, 1))
        return retiree.pk

    return damage


def death_by_hand(world: World) -> Damage:
    checkin = world.confirmed()

    def damage() -> int:
        Retiree.objects.filter(pk=checkin.retiree_id).update(died_on=date(2026, 1, 1))
        return checkin.retiree_id

    return damage


def post_of_a_merged_row(world: World) -> Damage:
    kept, other = enrolled(world.unit), enrolled(world.unit, name="王建国二")
    PartyAffiliation.objects.create(
        retiree=other,
        organisation=make_branch(world.unit),
        kind=PartyAffiliation.Kind.FORMAL,
        post=PartyAffiliation.Post.SECRETARY,
        valid_from=date(2020, 1, 1),
    )

    def damage() -> int:
        Retiree.objects.filter(pk=other.pk).update(merged_into=kept)
        return other.pk

    return damage


def proposal_about_the_dead(world: World) -> Damage:
    proposal = of_person(world, enrolled(world.unit))

    def damage() -> int:
        Retiree.objects.filter(pk=proposal.retiree_id).update(died_on=date(2026, 1, 1))
        return proposal.retiree_id

    return damage


def proposal_on_a_wrong_desk(world: World) -> Damage:
    proposal = of_person(world, enrolled(world.unit))

    def damage() -> int:
        ChangeProposal.objects.filter(pk=proposal.pk).update(desk=world.there)
        return proposal.retiree_id

    return damage


def text_not_sent(world: World) -> Damage:
    def damage() -> None:
        Text.objects.create(
            key="a text",
            phone="13900000001",
            phone_tail="0001",
            words="您好",
            created_at=timezone.now() - timedelta(minutes=61),
        )

    return damage


def months_sum_edited(world: World) -> Damage:
    month = Month.current().previous
    world.confirmed()
    boss = make_staff(world.city.city)
    statistics.close(month, by=boss, explanation="测试")

    def damage() -> None:
        MonthlyStatement.objects.filter(month=month.first).exclude(sha256="").update(sha256="0" * 64)

    return damage


def entry(retiree: Retiree, **said: Any) -> dict[str, Any]:
    version = Retiree.objects.values_list("version", flat=True).get(pk=retiree.pk)
    return {"version": version, "checkin": "", "community": ""} | said


def posted(world: World, entries: dict[int, dict[str, Any]]) -> None:
    """The unit's own system says so in two parts; what is older than it has settled."""
    some = sorted(entries)
    for part in (some[:1], some[1:]):
        actions.keep_digest(world.unit, {pk: entries[pk] for pk in part}, run="run", by=world.unit_clerk)


def holding(world: World) -> tuple[Retiree, CheckIn, dict[int, dict[str, Any]]]:
    """Somebody without and somebody with a check-in, and what the unit's system should say of both."""
    alone, checkin = enrolled(world.unit), world.confirmed(enrolled(world.unit))
    right = {
        alone.pk: entry(alone),
        checkin.retiree_id: entry(checkin.retiree, checkin="confirmed", community=world.here.code),
    }
    return alone, checkin, right


def outside_lacks_somebody(world: World) -> Damage:
    alone, _, right = holding(world)

    def damage() -> int:
        del right[alone.pk]
        posted(world, right)
        return alone.pk

    return damage


def outside_has_somebody_else(world: World) -> Damage:
    _, _, right = holding(world)
    stranger = enrolled(make_unit())

    def damage() -> int:
        posted(world, right | {stranger.pk: entry(stranger)})
        return stranger.pk

    return damage


def outside_is_older(world: World) -> Damage:
    alone, _, right = holding(world)

    def damage() -> int:
        right[alone.pk]["version"] -= 1
        posted(world, right)
        return alone.pk

    return damage


def outside_has_another_state(world: World) -> Damage:
    _, checkin, right = holding(world)

    def damage() -> int:
        right[checkin.retiree_id]["checkin"] = "verified"
        posted(world, right)
        return checkin.retiree_id

    return damage


# Name, what is planted, and the check that must find it; the first group is repaired without anybody's decision.
REPAIRED: list[tuple[Plant, str]] = [
    (open_units_notice_deleted, "untold"),
    (communitys_notice_deleted, "untold"),
    (desks_notice_deleted, "untold"),
    (outbox_row_stuck, "stuck"),
    (delivered_notice_deleted, "numbers"),
    (last_notice_deleted, "numbers"),
    (mailbox_set_back, "numbers"),
    (cursor_past_what_was_sent, "webhooks"),
    (cursor_past_the_end, "webhooks"),
    (proposal_on_a_wrong_desk, "proposals"),
    (outside_lacks_somebody, "outside"),
    (outside_has_somebody_else, "outside"),
    (outside_is_older, "outside"),
    (outside_has_another_state, "outside"),
]
LEFT: list[tuple[Plant, str]] = [
    (webhook_nobody_tries, "webhooks"),
    (webhook_lost, "webhooks"),
    (dead_letter_forgotten, "letters"),
    (state_edited, "states"),
    (residence_edited, "places"),
    (requests_unit_edited, "units"),
    (desk_gone, "desks"),
    (membership_edited, "memberships"),
    (membership_deleted, "memberships"),
    (unit_closed_by_hand, "memberships"),
    (death_by_hand, "gone"),
    (post_of_a_merged_row, "gone"),
    (proposal_about_the_dead, "gone"),
    (text_not_sent, "texts"),
    (months_sum_edited, "months"),
]


def report_deleted(fed: Fed) -> Damage:
    def damage() -> None:
        report = fed.of_unit()
        FeedbackMatter.objects.filter(report=report).delete()
        FeedbackLine.objects.filter(report=report).delete()
        report.delete()

    return damage


def report_edited(fed: Fed) -> Damage:
    def damage() -> None:
        report = fed.of_unit()
        FeedbackReport.objects.filter(pk=report.pk).update(content=report.content | {"people": 99})

    return damage


def reports_notice_gone(fed: Fed) -> Damage:
    def damage() -> None:
        key = f"feedback:{fed.of_unit().pk}:sent"
        Notice.objects.filter(key=key).update(key="another key")

    return damage


FEEDBACK: list[tuple[Callable[[Fed], Damage], str, bool]] = [
    (report_deleted, "reports", True),
    (report_edited, "frozen", False),
    (reports_notice_gone, "reports_untold", True),
]
