"""Recording a visit, field by field and then for good; taking it back."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.errors import AlreadyDone, RuleBroken, require

from ..making import make_due
from ..models import FOLLOW_UP, CareNote, CarePreset, Obligation, Visit, VisitDraft
from ..permissions import may_undo, may_visit
from .steps import Ended, State, begin, give_way, preset_of, record

OLDEST = timedelta(days=90)  # a paper is caught up within a quarter
UNDO = timedelta(hours=24)


@transaction.atomic
def keep_draft(obligation_id: int, values: Mapping[str, str], *, by: User) -> datetime:
    """Keep what was typed so far (text by name of the field); answers when. The last one counts.

    Raises PermissionDenied, and AlreadyDone when the line was answered meanwhile.
    """
    obligation = begin(obligation_id)
    require(may_visit(by, obligation))
    _still_due(obligation, by)
    now = timezone.now()
    VisitDraft.objects.update_or_create(
        obligation=obligation,
        user=by,
        defaults={"values": json.dumps(dict(values), ensure_ascii=False), "saved_at": now},
    )
    return now


@transaction.atomic
def record_visit(
    obligation_id: int,
    *,
    by: User,
    visited_on: date,
    condition: CareNote.Condition | str,
    words: str = "",
    opinions: int = 0,
    solved: int = 0,
    worth: Decimal = Decimal(0),
    next_on: date | None = None,
) -> Visit:
    """Write down that somebody was visited; it answers what the person was owed by this mechanism and by class.

    `opinions` and how many of them were `solved`; `worth` in yuan. `next_on` makes a line for that day. Sent twice
    by the same person it is once. Raises PermissionDenied, RuleBroken, AlreadyDone (who did, and when).
    Source: docs/rules.md, V5.
    """
    obligation = begin(obligation_id)
    require(may_visit(by, obligation))
    if obligation.visit is not None and obligation.visit.by_id == by.pk:
        return obligation.visit
    _still_due(obligation, by)
    _check(visited_on, opinions, solved, next_on)
    retiree, organisation = obligation.retiree, obligation.organisation
    visit = Visit.objects.create(
        retiree=retiree,
        organisation=organisation,
        visited_on=visited_on,
        opinions=opinions,
        solved=solved,
        worth=worth,
        next_on=next_on,
        by=by,
        recorded_at=timezone.now(),
    )
    CareNote.objects.create(
        organisation=organisation,
        visit=visit,
        condition=condition,
        words=words.strip(),
        written_at=visit.recorded_at,
    )
    alike = Q(preset=obligation.preset_id) | Q(preset__mode=CarePreset.Mode.CARE_CLASS)
    answered = Obligation.objects.open().filter(
        Q(pk=obligation.pk) | alike & Q(opened_on__lte=visited_on),
        retiree=retiree,
        organisation=organisation,
    )
    if obligation.campaign_id is not None:
        answered = answered.exclude(Q(preset=obligation.preset_id) & ~Q(pk=obligation.pk))
    answered.update(state=State.DONE, visit=visit)
    VisitDraft.objects.filter(obligation=obligation).delete()
    _come_again(visit)
    make_due(retiree_id=retiree.pk)
    record("visit.recorded", retiree, by=by, office=organisation.pk, after={"visit": visit.pk})
    return visit


@transaction.atomic
def undo_visit(visit_id: int, *, by: User) -> Visit:
    """Take a visit back within 24 hours: what it answered is due again. Twice is once.

    Raises PermissionDenied, RuleBroken (too late; what it led to was answered meanwhile).
    """
    obligation_id = Obligation.objects.filter(visit=visit_id).values_list("pk", flat=True).first()
    if obligation_id is None:
        visit = Visit.objects.select_related("retiree").get(pk=visit_id)
        require(may_undo(by, visit))
        return visit
    retiree = begin(obligation_id).retiree
    visit = Visit.objects.get(pk=visit_id)
    visit.retiree = retiree
    require(may_undo(by, visit))
    if visit.undone_at is not None:
        return visit
    if timezone.now() - visit.recorded_at > UNDO:
        raise RuleBroken("已经过了24小时，不能撤销。记错了，请再记一次顺道走访说明。", code="too_late")
    visit.undone_at, visit.undone_by = timezone.now(), by
    visit.save(update_fields=["undone_at", "undone_by"])
    made_by_it = Q(period=f"visit:{visit.pk}") | Q(
        preset__mode=CarePreset.Mode.CARE_CLASS, opened_on=visit.visited_on
    )
    give_way(Obligation.objects.filter(made_by_it, retiree=retiree), Ended.UNDONE)
    Obligation.objects.filter(visit=visit).update(state=State.DUE, visit=None)
    if retiree.died_on is not None:
        Obligation.objects.open().filter(retiree=retiree).update(state=State.ENDED, ended_reason=Ended.DEATH)
    record("visit.undone", retiree, by=by, office=visit.organisation_id, after={"visit": visit.pk})
    return visit


def _still_due(obligation: Obligation, by: User) -> None:
    visit = obligation.visit
    if visit is not None:
        raise AlreadyDone(
            "记下走访", who=f"{visit.organisation.name} {visit.by.display_name}", at=visit.recorded_at
        )
    if obligation.state != State.DUE:
        why = obligation.get_ended_reason_display()
        raise RuleBroken(f"这一户不用再走访了（{why}）。请回到走访计划。", code="ended")


def _check(visited_on: date, opinions: int, solved: int, next_on: date | None) -> None:
    today = timezone.localdate()
    if visited_on > today:
        raise RuleBroken("走访日期不能晚于今天，请看看日期。", code="day_in_future")
    if visited_on < today - OLDEST:
        raise RuleBroken("走访日期太早了，三个月以内的才能补记。", code="day_too_old")
    if solved > opinions:
        raise RuleBroken("已解决的不能比提出的多，请看看两个数。", code="solved")
    if next_on is not None and next_on <= visited_on:
        raise RuleBroken("下次走访要在这次之后，请看看日期。", code="next_on")


def _come_again(visit: Visit) -> None:
    """The day that was agreed on the doorstep."""
    if visit.next_on is None:
        return
    Obligation.objects.get_or_create(
        retiree=visit.retiree,
        preset=preset_of(FOLLOW_UP, CarePreset.Mode.OCCASION),
        period=f"visit:{visit.pk}",
        defaults={
            "organisation": visit.organisation,
            "opened_on": visit.visited_on,
            "due_on": visit.next_on,
        },
    )
