"""Carrying a reorganisation out: all of it or nothing, in the background, with everybody locked."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from communities.organisations.actions import close_unit, lock_with_people
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from huifeng.jobs import actions as jobs
from huifeng.jobs.work import Work
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .. import notices, registry
from ..models import UnitMembership, UnitReorganisation
from . import checking
from .memberships import overseer_of
from .moving import move_people
from .planning import locked

Kind, State = UnitReorganisation.Kind, UnitReorganisation.State
JOB = "units.reorganise"
STALE = "预览以后人员有变动，什么也没有改。请重新预览，看过再办。"


@as_program("an organisation's act finds everybody it has, seen or not")
@transaction.atomic
def carry_out(reorganisation_id: int, *, by: User) -> UnitReorganisation:
    """Start what was looked at; a worker does it after COMMIT. Starting it twice starts it once.

    Raises PermissionDenied, RuleBroken (not looked at yet, or changed since). Source: docs/rules.md, P21.
    """
    reorganisation = locked(reorganisation_id, by=by)
    if reorganisation.state in (State.DONE, State.UNDONE):
        return reorganisation
    if reorganisation.state == State.RUNNING and not reorganisation.may_be_changed:
        return reorganisation
    if reorganisation.state != State.READY:
        raise RuleBroken("请先预览，没有问题再办理。", code="not_ready")
    reorganisation.move_to(State.RUNNING)
    reorganisation.started_by = by
    reorganisation.job = jobs.start(
        JOB,
        title=f"单位{reorganisation.get_kind_display()}",
        by=by,
        args={"reorganisation": reorganisation.pk},
        page=reverse("units:reorganisation", args=[reorganisation.pk]),
    )
    reorganisation.save(update_fields=["state", "started_by", "job"])
    audit.record("reorganisation.started", reorganisation, by=by, note=reorganisation.document)
    return reorganisation


def run(work: Work) -> dict[str, Any]:
    """What the job does. Called again after a kill it finds its work done, or nothing done, and does it whole.

    What is refused stays as it was, and the row says why. Source: docs/rules.md, P21.
    """
    reorganisation_id = work.job.args["reorganisation"]
    try:
        return _do(reorganisation_id, work)
    except RuleBroken as refused:
        _fail(reorganisation_id, work, refused.message)
        raise
    except Exception:
        _fail(reorganisation_id, work, "办理时出了问题，什么也没有改。请重新预览再办。")
        raise


@transaction.atomic
def _do(reorganisation_id: int, work: Work) -> dict[str, Any]:
    reorganisation = locked(reorganisation_id, by=work.by)
    ours = reorganisation.job_id == work.job.pk
    if ours and reorganisation.state in (State.DONE, State.UNDONE):
        return {"people": reorganisation.counts["people"]}
    if not ours or reorganisation.state not in (State.RUNNING, State.FAILED):
        raise RuleBroken("这次撤并已经改过或另行办理，请看最新的办理情况。", code="another_job")
    work.progress(1, 5, "正在锁定人员和单位")
    _lock_and_check(reorganisation)
    people = reorganisation.counts["people"]
    work.progress(2, 5, f"正在转 {people} 人的现管单位")
    reorganisation.kept = _kept(reorganisation)
    moved = move_people(reorganisation, by=work.by)
    _record(reorganisation, by=work.by)
    work.progress(3, 5, "正在转未办完的报到")
    done = _tell_rooms(reorganisation, by=work.by)
    work.progress(4, 5, "正在撤销原单位" if reorganisation.closes else "正在通知各方")
    _close_sources(reorganisation, by=work.by)
    reorganisation.move_to(State.DONE)
    reorganisation.done_at, reorganisation.error = timezone.now(), ""
    reorganisation.counts |= {"people": moved, "done": done}
    reorganisation.save(update_fields=["state", "done_at", "error", "counts", "kept"])
    notices.tell_done(reorganisation, checking.told(reorganisation).values(), done)
    work.progress(5, 5, "办好了")
    return {"people": moved, **done}


def _lock_and_check(reorganisation: UnitReorganisation) -> None:
    """People, then units, in key order; then see that everything is as it was looked at."""
    sources = list(reorganisation.sources.values_list("pk", flat=True))
    targets = reorganisation.targets.values_list("pk", flat=True)
    lock_with_people(sources, {*sources, *targets, reorganisation.rest_to_id})
    found = checking.problems(reorganisation)
    if found:
        raise RuleBroken(found[0], code="problems")
    if checking.fingerprint(reorganisation) != reorganisation.fingerprint:
        raise RuleBroken(STALE, code="stale")


def _kept(reorganisation: UnitReorganisation) -> dict[str, Any]:
    """The keys of what closing the old units changes besides memberships, so that it can be undone."""
    closing = list(reorganisation.sources.values_list("pk", flat=True)) if reorganisation.closes else []
    staff = Assignment.objects.filter(organisation__in=closing, valid_until=None)
    claimants = Retiree.objects.filter(claimed_unit__in=closing)
    return {
        "assignments": list(staff.values_list("pk", flat=True)),
        "claimants": [list(pair) for pair in claimants.values_list("pk", "claimed_unit")],
    }


def _close_sources(reorganisation: UnitReorganisation, *, by: User) -> None:
    """The old units end on the day; their successor is the new unit, nobody when only the bureau takes over."""
    if not reorganisation.closes:
        return
    named = reorganisation.targets.filter(pk=reorganisation.rest_to_id).exists()
    for unit_id in reorganisation.sources.order_by("pk").values_list("pk", flat=True):
        close_unit(
            unit_id,
            successor_id=reorganisation.rest_to_id if named else None,
            on=reorganisation.effective_on,
            document=reorganisation.document,
            by=by,
        )


def _tell_rooms(reorganisation: UnitReorganisation, *, by: User) -> dict[str, int]:
    figures: dict[str, int] = {}
    for follow in registry.on_people_moved:
        figures |= follow(reorganisation, by, False)
    return figures


def _record(reorganisation: UnitReorganisation, *, by: User) -> None:
    """One entry for the operation, and one for each old unit with who went where."""
    moved = reorganisation.moved().order_by()
    rows = moved.values_list("source_id", "target_id").annotate(n=Count("pk"))
    sums: dict[int, dict[str, int]] = {}
    for source, target, people in rows:
        sums.setdefault(source, {})[str(target)] = people
    on, note = reorganisation.effective_on.isoformat(), reorganisation.document
    audit.record(
        "reorganisation.done", reorganisation, by=by, after={"people": moved.count(), "on": on}, note=note
    )
    for unit in Organisation.objects.filter(pk__in=sums).order_by("pk"):
        went = sums[unit.pk]
        after = {"to": went, "people": sum(went.values()), "on": on, "reorganisation": reorganisation.pk}
        audit.record("memberships.reorganised", unit, by=by, after=after, note=note)


@transaction.atomic
def _fail(reorganisation_id: int, work: Work, words: str) -> None:
    """Nothing was done; say why. Someone else's work is not touched."""
    reorganisation = UnitReorganisation.objects.select_for_update(of=("self",)).get(pk=reorganisation_id)
    if reorganisation.job_id == work.job.pk and reorganisation.state == State.RUNNING:
        reorganisation.move_to(State.FAILED)
        reorganisation.error = words[:300]
        reorganisation.save(update_fields=["state", "error"])


@transaction.atomic
def follow_reorganisation(unit: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """`on` is the last day of a unit: its people go to the successor, or to the bureau that oversaw it.

    Called by the act that closes the unit, which holds the locks and has asked permission. People whom a
    reorganisation has moved already are not here any more; whoever is left is moved as a reorganisation of
    its own, done at once. Repeating it finds nobody. Source: docs/rules.md, P10.
    """
    Retiree.objects.filter(claimed_unit=unit).update(claimed_unit=successor)
    if not UnitMembership.objects.open().filter(unit=unit).exists():
        return
    heir = successor or overseer_of(unit)
    made = UnitReorganisation.objects.create(
        kind=Kind.CLOSE,
        state=State.DONE,
        closes=True,
        rest_to=heir,
        effective_on=on,
        document=_document(unit),
        created_by=by,
        started_by=by,
        done_at=timezone.now(),
    )
    made.sources.add(unit)
    made.targets.set([successor] if successor else [])
    made.counts = {"people": move_people(made, by=by)}
    _record(made, by=by)
    made.counts["done"] = _tell_rooms(made, by=by)
    made.save(update_fields=["counts"])
    notices.tell_done(made, checking.told(made).values(), made.counts["done"])


def _document(unit: Organisation) -> str:
    """The number of the paper that closed the unit, as its closing was recorded."""
    closing = audit.entries_about(unit).filter(action="unit.closed").first()
    return closing.note[:100] if closing else ""
