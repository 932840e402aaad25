"""Planning a reorganisation of units (单位撤并) and looking at what it would do. Nothing moves yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from ..models import ReorganisationPerson, UnitMembership, UnitReorganisation
from ..permissions import may_reorganise
from . import checking
from .memberships import overseer_of

Kind, State = UnitReorganisation.Kind, UnitReorganisation.State


@dataclass(frozen=True)
class Plan:
    """What is to happen. `effective_on`: last day of the old units. `closes`: for a split, whether the old unit
    ends. `rest_to_id`: where people go who are not chosen one by one; None: they stay, where the old unit does.
    """

    kind: str
    source_ids: tuple[int, ...]
    target_ids: tuple[int, ...]
    effective_on: date
    document: str = ""
    words: str = ""
    closes: bool = False
    rest_to_id: int | None = None


@transaction.atomic
def plan_reorganisation(plan: Plan, *, by: User) -> UnitReorganisation:
    """Write a plan down as a draft. The same plan again, still a draft of the same user, is that draft.

    Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (units or day do not fit, no document).
    Source: docs/rules.md, P20.
    """
    sources, targets = _units(plan.source_ids), _units(plan.target_ids)
    require(may_reorganise(by, sources))
    rest_to = _checked(plan, sources, targets)
    same = _same_draft(plan, rest_to, by)
    if same is not None:
        return same
    made = UnitReorganisation(created_by=by)
    _take(made, plan, sources, targets, rest_to)
    audit.record("reorganisation.planned", made, by=by, after=_for_audit(plan), note=plan.document)
    return made


@as_program("an organisation's act finds everybody it has, seen or not")
@transaction.atomic
def change_plan(reorganisation_id: int, plan: Plan, *, by: User) -> UnitReorganisation:
    """Plan it otherwise; people chosen for a unit that is out now go with the rest. It must be looked at again.

    Repeating it changes nothing more. Raises as plan_reorganisation, and RuleBroken once it is being done.
    """
    reorganisation = locked(reorganisation_id, by=by)
    refuse_unless_planned(reorganisation)
    sources, targets = _units(plan.source_ids), _units(plan.target_ids)
    require(may_reorganise(by, sources))
    rest_to = _checked(plan, sources, targets)
    _take(reorganisation, plan, sources, targets, rest_to)
    reorganisation.people.exclude(target__in=goals(reorganisation)).delete()
    audit.record("reorganisation.changed", reorganisation, by=by, after=_for_audit(plan), note=plan.document)
    return reorganisation


@as_program("an organisation's act finds everybody it has, seen or not")
@transaction.atomic
def assign(
    reorganisation_id: int, retiree_ids: Collection[int], target_id: int | None, *, by: User
) -> UnitReorganisation:
    """Say where these people go in a split or move; the old unit means they stay, None: with the rest.

    Who is no member of the old unit is passed over. Repeating it changes nothing. Raises PermissionDenied,
    RuleBroken (everyone goes one way, no such target, being done).
    """
    reorganisation = locked(reorganisation_id, by=by)
    refuse_unless_planned(reorganisation)
    if reorganisation.kind not in (Kind.SPLIT, Kind.MOVE):
        raise RuleBroken("合并和撤销不用选人员：所有人都转到接收单位。", code="everyone")
    rows = ReorganisationPerson.objects.filter(reorganisation=reorganisation)
    chosen = list(
        UnitMembership.objects.planned(reorganisation)
        .filter(retiree__in=retiree_ids)
        .values_list("retiree_id", flat=True)
    )
    if target_id is None:
        rows.filter(retiree__in=chosen).delete()
    elif target_id not in {unit.pk for unit in goals(reorganisation)}:
        raise RuleBroken("这个单位不是接收单位，请重新选。", code="bad_target")
    else:
        ReorganisationPerson.objects.bulk_create(
            [
                ReorganisationPerson(reorganisation=reorganisation, retiree_id=pk, target_id=target_id)
                for pk in chosen
            ],
            update_conflicts=True,
            unique_fields=["reorganisation", "retiree"],
            update_fields=["target"],
        )
    _to_draft(reorganisation)
    reorganisation.save(update_fields=["state", "error"])
    after = {"people": len(chosen), "to": target_id}
    audit.record("reorganisation.assigned", reorganisation, by=by, after=after)
    return reorganisation


@as_program("an organisation's act finds everybody it has, seen or not")
@transaction.atomic
def preview(reorganisation_id: int, *, by: User) -> UnitReorganisation:
    """Look at what it would do: `counts`, and under `problems` what speaks against it. Without any it is ready.

    Nobody is moved. Repeating it looks again. Raises PermissionDenied, RuleBroken (being done, done).
    """
    reorganisation = locked(reorganisation_id, by=by)
    refuse_unless_planned(reorganisation)
    reorganisation.people.exclude(
        retiree__in=UnitMembership.objects.planned(reorganisation).values("retiree")
    ).delete()
    found = checking.problems(reorganisation)
    counts = checking.count(reorganisation)
    notices = len(checking.told(reorganisation)) + counts.get("communities", 0)
    _to_draft(reorganisation)
    if not found:
        reorganisation.move_to(State.READY)
    reorganisation.counts = {**counts, "notices": notices, "problems": found}
    reorganisation.fingerprint = checking.fingerprint(reorganisation)
    reorganisation.save(update_fields=["state", "counts", "fingerprint", "error"])
    after = {"state": str(reorganisation.state), "people": counts["people"]}
    audit.record("reorganisation.previewed", reorganisation, by=by, after=after)
    return reorganisation


def goals(reorganisation: UnitReorganisation) -> list[Organisation]:
    """Where a person can be told to go: the targets, and the old unit itself when it stays."""
    staying = [] if reorganisation.closes else list(reorganisation.sources.all())
    return [*reorganisation.targets.order_by("pk"), *staying]


def locked(reorganisation_id: int, *, by: User) -> UnitReorganisation:
    """The row, locked, for somebody who may reorganise its old units."""
    reorganisation = (
        UnitReorganisation.objects.select_for_update(of=("self",))
        .select_related("job", "rest_to__division")
        .get(pk=reorganisation_id)
    )
    require(may_reorganise(by, reorganisation.sources.select_related("division")))
    return reorganisation


def refuse_unless_planned(reorganisation: UnitReorganisation) -> None:
    if not reorganisation.may_be_changed:
        raise RuleBroken(
            f"这次撤并{reorganisation.get_state_display()}，不能再改。请刷新后再看。", code="not_planned"
        )


def _units(keys: tuple[int, ...]) -> list[Organisation]:
    found = Organisation.objects.select_related("division", "parent").in_bulk(list(keys))
    if len(found) < len(set(keys)):
        raise Organisation.DoesNotExist
    return [found[key] for key in dict.fromkeys(keys)]


def _checked(plan: Plan, sources: list[Organisation], targets: list[Organisation]) -> Organisation:
    """Where the rest goes; RuleBroken when the plan does not hold together."""
    closes = _closes(plan)
    checking.check_units(plan.kind, sources, targets, closes=closes)
    if closed := [unit for unit in (*sources, *targets) if unit.closed_on]:
        raise RuleBroken(f"“{closed[0].name}”已经撤销，请重新选单位。", code="unit_closed")
    if plan.kind in checking.CLOSING and not plan.document.strip():
        raise RuleBroken("合并、撤销要有文号，请填批准文件的文号。", code="no_document")
    checking.check_day(plan.effective_on, [*sources, *targets])
    if plan.kind in checking.CLOSING:
        return targets[0] if targets else overseer_of(sources[0])
    if plan.rest_to_id is None:
        if closes:
            raise RuleBroken("原单位撤销，请选没有单独指定的人转到哪里。", code="rest_missing")
        return sources[0]
    for unit in (*targets, *([] if closes else sources)):
        if unit.pk == plan.rest_to_id:
            return unit
    raise RuleBroken("其他人的去向应是接收单位之一，请重新选。", code="bad_rest")


def _closes(plan: Plan) -> bool:
    return plan.kind in checking.CLOSING or (plan.kind == Kind.SPLIT and plan.closes)


def _same_draft(plan: Plan, rest_to: Organisation, by: User) -> UnitReorganisation | None:
    drafts = UnitReorganisation.objects.filter(
        created_by=by,
        state=State.DRAFT,
        kind=plan.kind,
        effective_on=plan.effective_on,
        document=plan.document.strip(),
        words=plan.words.strip(),
        closes=_closes(plan),
        rest_to=rest_to,
    )
    for draft in drafts.prefetch_related("sources", "targets"):
        units = ({unit.pk for unit in draft.sources.all()}, {unit.pk for unit in draft.targets.all()})
        if units == (set(plan.source_ids), set(plan.target_ids)):
            return draft
    return None


def _take(
    reorganisation: UnitReorganisation,
    plan: Plan,
    sources: list[Organisation],
    targets: list[Organisation],
    rest_to: Organisation,
) -> None:
    """Write the plan into the row and save it."""
    reorganisation.kind, reorganisation.effective_on = plan.kind, plan.effective_on
    reorganisation.document, reorganisation.words = plan.document.strip()[:100], plan.words.strip()[:300]
    reorganisation.closes, reorganisation.rest_to = _closes(plan), rest_to
    reorganisation.counts, reorganisation.fingerprint = {}, ""
    _to_draft(reorganisation)
    reorganisation.save()
    reorganisation.sources.set(sources)
    reorganisation.targets.set(targets)


def _to_draft(reorganisation: UnitReorganisation) -> None:
    """Whatever was looked at holds no more. Does not save."""
    if reorganisation.state == State.RUNNING:  # its job gave up, see may_be_changed
        reorganisation.move_to(State.FAILED)
    if reorganisation.state != State.DRAFT:
        reorganisation.move_to(State.DRAFT)
    reorganisation.error = ""


def _for_audit(plan: Plan) -> dict[str, object]:
    return {
        "kind": str(plan.kind),
        "from": list(plan.source_ids),
        "to": list(plan.target_ids),
        "on": plan.effective_on.isoformat(),
        "rest": plan.rest_to_id,
    }
