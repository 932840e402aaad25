"""Damage to notices, their numbers, and the lines to outside systems."""

from datetime import timedelta

from django.utils import timezone

from checkin.record import actions as record
from checkin.sync import actions as sync
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices.actions import post
from communities.notices.models import Mailbox, Notice
from communities.organisations.models import Assignment
from huifeng.texts.models import Text
from tests.checkin.world import World
from tests.communities.factories import make_staff

from .sound import Damage


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
