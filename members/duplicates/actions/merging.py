from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people import fields, registry
from members.people.actions import changing
from members.people.models import Retiree

from .. import notices, snapshots
from ..models import PersonMerge
from ..permissions import may_merge
from ..plan import Plan, plan


@as_program("a row that is merged is nobody's any more, half way through the act")
@transaction.atomic
def merge(
    kept_id: int,
    other_id: int,
    *,
    by: User,
    take_from_other: Collection[str] = (),
    kept_version: int | None = None,
    other_version: int | None = None,
) -> PersonMerge:
    """`other` is the same person as `kept`: everything written of it goes over, and it is seen nowhere any more.

    `take_from_other`: fields of the unit whose value is the other's; what is empty in the kept row is filled in
    any case. The versions are those of the page. Repeating it returns the merge that holds. Raises
    PermissionDenied, AlreadyDone (merged otherwise), RuleBroken (stale, or what must be settled first).
    Source: docs/rules.md, P23, P24.
    """
    kept, other = Retiree.objects.locked_pair(kept_id, other_id)
    require(may_merge(by, *(row for row in (kept, other) if row.merged_into_id is None)))
    if (held := _merge_that_holds(kept, other)) is not None:
        return held
    changing.check_version(kept, kept_version)
    changing.check_version(other, other_version)
    todo = plan(kept, other, take_from_other)
    told, account = notices.concerned(kept, other), other.user if todo.leaves_account else None
    rows = [kept, other, *(change.row for change in todo.changes)]
    before, audited = [snapshots.values_of(row) for row in rows], fields.for_audit(kept, todo.given)
    exchanged = _carry_out(kept, other, todo, by=by)
    done = PersonMerge.objects.create(
        kept=kept,
        other=other,
        by=by,
        at=timezone.now(),
        words=todo.words,
        moved=snapshots.entries(rows, before, exchanged),
        exchanged=exchanged,
    )
    after: dict[str, Any] = {"merge": done.pk, "kept": kept.pk, "other": other.pk}
    _audit("retiree.merged", done, by, before=audited, after=after | fields.for_audit(kept, todo.given))
    notices.merged(done, told | notices.concerned(kept))
    if account is not None:
        notices.account_left(done, account)
    return done


def _merge_that_holds(kept: Retiree, other: Retiree) -> PersonMerge | None:
    """The merge that was asked for, when it is done already; refused when either row was merged otherwise."""
    row = next((row for row in (other, kept) if row.merged_into_id is not None), None)
    if row is None:
        return None
    held = PersonMerge.objects.select_related("by").get(other=row, undone_at=None)
    if row is other and other.merged_into_id == kept.pk:
        return held
    raise AlreadyDone("合并了其中一份档案", who=held.by.display_name, at=held.at)


def _carry_out(kept: Retiree, other: Retiree, todo: Plan, *, by: User) -> list[str]:
    """Write the plan and tell the rooms above; the sealed fields whose values the two rows exchanged.

    A sealed value is exchanged and not copied: an ID number stands once, and an undo needs no copy of it.
    """
    for change in todo.changes:
        _write(change.row, change.values)
    exchanged = sorted(todo.given & fields.SEALED)
    theirs, ours = _values(other, todo.given), _values(kept, exchanged)
    fields.take(other, dict.fromkeys(exchanged, ""))
    other.merged_into, other.user = kept, None
    changing.save(other, ["merged_into", "user", *exchanged])
    fields.take(kept, theirs | todo.standing)
    fields.check_agreement(kept)
    written = frozenset(todo.given | todo.standing.keys())
    changing.save(kept, written)
    if any(ours.values()):
        fields.take(other, ours)
        changing.save(other, exchanged)
    _tell(registry.on_merged, kept, other, todo.changes, written, by)
    return exchanged


@as_program("a row that is merged is nobody's any more, half way through the act")
@transaction.atomic
def undo_merge(merge_id: int, *, by: User) -> PersonMerge:
    """They are two people after all: all rows are as before the merge. Repeating it changes nothing.

    Possible as long as nothing that went over has changed since; what has is named. Events, audit and notices
    stay, versions count on. Raises PersonMerge.DoesNotExist, PermissionDenied, RuleBroken.
    Source: docs/rules.md, P25.
    """
    done = PersonMerge.objects.get(pk=merge_id)
    kept, other = Retiree.objects.locked_pair(done.kept_id, done.other_id)
    done = PersonMerge.objects.select_related("kept", "other").get(
        pk=merge_id
    )  # the people's locks hold it too
    require(may_merge(by, kept.merged_into or kept) and by.pk not in _accounts(done))
    if done.undone_at is not None:
        return done
    if kept.merged_into_id is not None:
        raise RuleBroken("合并后的档案后来又并入了另一份，请先撤销那一次合并。", code="merged")
    rows = snapshots.rows_of(done.moved)
    if changed := snapshots.changed_since(done.moved, rows):
        raise _changed_since("、".join(changed))
    told = notices.concerned(kept)
    try:
        with transaction.atomic():
            _take_back(kept, other, done, rows, by=by)
    except IntegrityError as error:  # what came after stands in the place of what would come back
        raise _changed_since("报到、账号或单位关系") from error
    done.undone_at, done.undone_by = timezone.now(), by
    done.save(update_fields=["undone_at", "undone_by"])
    _audit(
        "retiree.unmerged", done, by, before={"merge": done.pk}, after={"kept": kept.pk, "other": other.pk}
    )
    notices.undone(done, told | notices.concerned(kept, other), by=by)
    return done


def _changed_since(what: str) -> RuleBroken:
    return RuleBroken(
        f"合并以后{what}又有变动，不能整个撤销。请打电话给老干部局，核对后分别更正。", code="changed_since"
    )


def _accounts(done: PersonMerge) -> list[int]:
    """The accounts the two rows had before, one of which may have been unlinked: nobody undoes one's own merge."""
    return [entry["before"]["user_id"] for entry in done.moved if entry["before"].get("user_id")]


def _take_back(kept: Retiree, other: Retiree, done: PersonMerge, rows: list[Model], *, by: User) -> None:
    """Write back what was, the last first, so that nothing comes back before its place is free again."""
    before = {(type(row), row.pk): entry["before"] for row, entry in zip(rows, done.moved, strict=True)}
    of_kept, of_other = before.pop((Retiree, kept.pk), {}), before.pop((Retiree, other.pk))
    exchanged = done.exchanged
    theirs, ours = _values(kept, exchanged), _values(other, exchanged)
    fields.take(kept, dict.fromkeys(exchanged, ""))
    snapshots.put_back(kept, of_kept)
    changing.save(kept, [*of_kept, *exchanged])
    fields.take(other, theirs)
    snapshots.put_back(other, of_other)
    changing.save(other, [*of_other, *exchanged])
    if any(ours.values()):
        fields.take(kept, ours)
        changing.save(kept, exchanged)
    moved = [row for row in rows if (type(row), row.pk) in before]
    for row in reversed(moved):
        snapshots.put_back(row, before[type(row), row.pk])
        row.save(update_fields=before[type(row), row.pk])
    _tell(registry.on_unmerged, kept, other, moved, frozenset([*of_kept, *exchanged]), by)


def _tell(
    hooks: Any, kept: Retiree, other: Retiree, what: list[Any], names: frozenset[str], by: User
) -> None:
    for follow in hooks:
        follow(kept, other, what, by)
    for tell in registry.on_changed if names else ():
        tell(kept, names, by)


def _values(row: Retiree, names: Collection[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _write(row: Model, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    if values:
        row.save(update_fields=list(values))


def _audit(
    action: str, done: PersonMerge, by: User, *, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """On both people: whoever reads the story of either finds it."""
    for row in (done.kept, done.other):
        audit.record(action, row, by=by, before=before, after=after)
