"""Signing for notices, disputing them, and what happens when nobody does."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from django.utils import timezone

from checkin.sync.permissions import may_answer, signed_by
from communities.notices.actions import post
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require
from members.units.actions import bureau_for

State = Notice.State
DISPUTED, UNSIGNED = "notice.disputed", "notice.unsigned"
MOST_AT_ONCE = 100


@transaction.atomic
def acknowledge(notice_id: int, *, by: User) -> Notice:
    """Sign for a notice (签收). Signed once, by whomever, it stays as it is.

    Raises Notice.DoesNotExist, PermissionDenied, AlreadyDone (disputed), RuleBroken (not delivered yet).
    Source: docs/rules.md, N5.
    """
    notice = _locked(notice_id, by=by)
    if notice.state == State.ACKNOWLEDGED:
        return notice
    _refuse_answered(notice)
    _answer(notice, State.ACKNOWLEDGED, by=by)
    return notice


@transaction.atomic
def acknowledge_many(notice_ids: Iterable[int], *, by: User) -> int:
    """Sign for those of the notices that wait for it, of organisations `by` works for; the rest is left. How many."""
    wanted = sorted(notice_ids)[:MOST_AT_ONCE]
    ours = signed_by(standing_of(by).organisation_ids)
    waiting = Notice.objects.filter(ours, pk__in=wanted, state=State.DELIVERED)
    rows = dict(waiting.order_by("pk").select_for_update(of=("self",)).values_list("pk", "receiver_id"))
    Notice.objects.filter(pk__in=rows).update(
        state=State.ACKNOWLEDGED, answered_at=timezone.now(), answered_by=by
    )
    for organisation in sorted(set(rows.values())):
        signed = [pk for pk, receiver in rows.items() if receiver == organisation]
        audit.record_each("notice.acknowledged", Notice, signed, by=by, organisation_id=organisation)
    return len(rows)


@transaction.atomic
def dispute(notice_id: int, *, words: str, by: User) -> Notice:
    """Say what is wrong with a notice (有异议); the sender reads it, else the bureau. The first answer holds.

    Raises Notice.DoesNotExist, PermissionDenied, AlreadyDone (answered otherwise), RuleBroken (no words).
    Source: docs/rules.md, N5.
    """
    notice = _locked(notice_id, by=by)
    words = words.strip()[:300]
    if notice.state == State.DISPUTED and notice.answered_by_id == by.pk:
        return notice
    if not words:
        raise RuleBroken("请写明哪里不对。", code="words_missing")
    _refuse_answered(notice)
    notice.answer = words
    _answer(notice, State.DISPUTED, by=by)
    post(
        _answers_to(notice),
        key=f"disputed:{notice.pk}",
        kind=DISPUTED,
        words=f"{notice.receiver.name}对通知“{notice.words[:100]}”有异议：{words}",
        person=notice.person,
        link=notice.link,
        sender_id=notice.receiver_id,
        data={"number": notice.number, "kind": notice.kind},
    )
    return notice


def remind_unsigned(*, today: date | None = None) -> int:
    """Tell who is above each organisation with receipts overdue: one notice an organisation and day, with a number.

    Repeating it on the same day tells nobody. Returns how many organisations are behind. Source: docs/rules.md, N6.
    """
    today = today or timezone.localdate()
    late = (
        Notice.objects.filter(state=State.DELIVERED, receipt_due_on__lt=today)
        .annotate(signer=Coalesce("receiver__successor", "receiver"))
        .order_by()
        .values("signer")
        .annotate(count=Count("pk"), oldest=Min("receipt_due_on"))
    )
    behind = {row["signer"]: row for row in late}
    for organisation in (
        Organisation.objects.open().filter(pk__in=behind).select_related("parent").order_by("pk")
    ):
        above, row = _above(organisation), behind[organisation.pk]
        words = f"有 {row['count']} 条通知超期没有签收，最早的应在{row['oldest']:%-m月%-d日}前签收"
        key = f"unsigned:{organisation.pk}:{today:%Y%m%d}"
        post(
            organisation,
            key=key,
            kind=UNSIGNED,
            words=f"你们{words}。请今天看完签收。",
            link="page:notices/?show=waiting",
        )
        if above is not None and above.pk != organisation.pk:
            post(above, key=key, kind=UNSIGNED, words=f"{organisation.name}{words}。请催办。")
    return len(behind)


def _locked(notice_id: int, *, by: User) -> Notice:
    # nothing joined: who answered meanwhile would be looked up as of before the lock
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    require(may_answer(by, notice))
    if notice.state == State.PENDING:
        raise RuleBroken("这条通知正在送达，请过一会儿再试。", code="not_delivered")
    return notice


def _refuse_answered(notice: Notice) -> None:
    if notice.state == State.DELIVERED:
        return
    assert notice.answered_by is not None
    assert notice.answered_at is not None
    raise AlreadyDone(
        "签收" if notice.state == State.ACKNOWLEDGED else "提出异议",
        who=notice.answered_by.display_name,
        at=notice.answered_at,
    )


def _answer(notice: Notice, state: Notice.State, *, by: User) -> None:
    notice.state, notice.answered_by, notice.answered_at = state, by, timezone.now()
    notice.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    audit.record(
        f"notice.{state}",
        notice,
        by=by,
        organisation_id=notice.receiver_id,
        before={"state": str(State.DELIVERED)},
        after={"state": str(state)},
        note=notice.answer[:200],
    )


def _answers_to(notice: Notice) -> Organisation:
    """Who reads a dispute: the sender where it can, else the organisation after it, else the bureau."""
    sender = notice.sender
    if sender is not None and sender.closed_on is not None:
        sender = sender.successor
    if (
        sender is None
        or sender.is_external
        or sender.closed_on is not None
        or sender.pk == notice.receiver_id
    ):
        return bureau_for(notice.receiver.division_id)
    return sender


def _above(organisation: Organisation) -> Organisation | None:
    above = organisation.parent
    return above if above is not None and above.closed_on is None else bureau_for(organisation.division_id)
