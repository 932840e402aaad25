"""Reminders that a person sends with a button: to a retiree by text, to a desk by notice. None twice."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from checkin.record.models import CheckIn, State
from communities.notices.actions import post
from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from huifeng.texts.actions import send
from huifeng.texts.models import Text
from members.units.models import UnitMembership

from .steps import lock_person

EVERY = timedelta(days=7)
URGED = "checkin.urged"  # kind of the notice


def reminder_key(retiree_id: int, at: datetime) -> str:
    """One text a person and ISO week, whoever presses the button."""
    year, week, _ = timezone.localtime(at).isocalendar()
    return f"remind:{retiree_id}:{year}W{week:02}"


@as_program("texts are read by the relay alone; here only when one was sent")
def last_reminders(retiree_ids: list[int]) -> dict[int, datetime]:
    """When each of these people was reminded in the last seven days. One query."""
    now = timezone.now()
    keys = {reminder_key(pk, at): pk for pk in retiree_ids for at in (now, now - EVERY)}
    sent = Text.objects.filter(key__in=keys, created_at__gt=now - EVERY).order_by("created_at")
    return {keys[key]: at for key, at in sent.values_list("key", "created_at")}


@transaction.atomic
def remind_to_check_in(retiree_id: int, *, by: User) -> None:
    """A unit asks one of its people by text to check in (提醒报到); once in seven days.

    Raises PermissionDenied, RuleBroken (no phone, reminded already, checked in or under way, dead).
    """
    retiree = lock_person(retiree_id)
    ours = UnitMembership.objects.open().filter(retiree=retiree, unit__in=standing_of(by).organisation_ids)
    require(ours.exists())
    if retiree.died_on is not None:
        raise RuleBroken(f"{retiree.name}同志已登记去世，不能提醒。")
    if CheckIn.objects.filter(retiree=retiree, state__in=(*CheckIn.AT_DESK, State.CONFIRMED)).exists():
        raise RuleBroken(f"{retiree.name}同志已经报到或正在办理，不用提醒。")
    if not retiree.phone:
        raise RuleBroken(f"{retiree.name}同志没有登记手机号，请打电话或上门告诉。")
    last = last_reminders([retiree.pk]).get(retiree.pk)
    if last is not None:
        raise RuleBroken(f"{timezone.localtime(last):%-m月%-d日}已经提醒过，7 天内只提醒一次。")
    send(
        key=reminder_key(retiree.pk, timezone.now()),
        phone=retiree.phone,
        words=f"{retiree.name[:1]}同志：原单位请您到现在住的社区报到。"
        "登录本平台或到社区窗口都能办，大约 5 分钟。",
    )
    audit.record("checkin.reminded", retiree, by=by)


@transaction.atomic
def urge(overseer_id: int, desk_ids: list[int], *, by: User) -> int:
    """A bureau or street reminds the desks that let requests wait past their date (督办); each once a day.

    Only desks seated in its area with something overdue are told. Returns how many were told now.
    """
    overseer = Organisation.objects.select_related("division").get(pk=overseer_id)
    require(overseer.pk in standing_of(by).organisation_ids)
    require(overseer.kind in (Organisation.Kind.BUREAU, Organisation.Kind.STREET))
    today = timezone.localdate()
    told = 0
    for desk in Organisation.objects.filter(
        pk__in=desk_ids, division__code__startswith=overseer.area
    ).order_by("pk"):
        late = CheckIn.objects.at_desk(desk).filter(due_on__lt=today)
        first, count = late.first(), late.count()
        key = f"urged:{overseer.pk}:{today:%Y%m%d}"
        if first is None or first.due_on is None or desk.notices.filter(key=key).exists():
            continue
        days = (today - first.due_on).days
        words = f"{overseer.name}提醒：有 {count} 件报到已经逾期，最长 {days} 天，请尽快办理。"
        post(desk, key=key, kind=URGED, words=words, sender_id=overseer.pk)
        audit.record("checkin.urged", desk, by=by, organisation_id=overseer.pk, after={"late": count})
        told += 1
    return told
