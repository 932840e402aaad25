"""What becomes of check-ins when two rows turn out to be one person (docs/rules.md, P15), and when that is undone.

Registered with members.people.registry; called with both people locked. The rows' values are written by the
merge; the events, the desks and the versions are written here.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.utils import timezone

from checkin.record import desks
from checkin.record.models import CheckIn, SeasonalStay, State
from huifeng.accounts.models import User
from huifeng.display import words
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from members.people.registry import Change, Told

from .steps import Move, finish

OFF_THE_DESK = {
    "desk_id": None,
    "due_on": None,
    "street_on": None,
    "bureau_on": None,
    "dates_provisional": False,
}


def told_of(people: Sequence[Retiree]) -> dict[int, Told]:
    """Every check-in of each, the newest first, with its state in words; one query."""
    found: dict[int, Told] = {person.pk: Told("报到", []) for person in people}
    rows = CheckIn.objects.filter(retiree__in=people).select_related("community").order_by("-pk")
    for row in rows:
        told = found[row.retiree_id]
        told.lines.append(_line(row))
        if row.state == State.CONFIRMED:
            found[row.retiree_id] = Told(told.title, told.lines, in_force=True)
    return found


def _line(row: CheckIn) -> str:
    place = row.community.name if row.community else "社区待定"
    at = words.day(timezone.localdate(row.confirmed_at)) if row.confirmed_at else ""
    return "，".join(part for part in (row.number or "草稿", place, row.get_state_display(), at) if part)


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """Check-ins and seasonal stays go over; one request and one check-in in force are left.

    Two in force, or two requests on desks: nobody can tell which one the person means, so that is settled first.
    A draft gives way to the other request. A request for the community where the person is checked in is
    withdrawn; one for another community is a move and names the one in force.
    """
    rows = list(CheckIn.objects.filter(retiree__in=[kept, other]).select_related("community").order_by("pk"))
    confirmed = [row for row in rows if row.state == State.CONFIRMED]
    waiting = [row for row in rows if row.state in CheckIn.AT_DESK]
    for several, what in ((confirmed, "报到"), (waiting, "正在办理的报到")):
        if len(several) > 1:
            named = "、".join(f"{row.number}（{row.community or '社区待定'}）" for row in several)
            raise RuleBroken(
                f"两份档案各有一件{what}：{named}。请先问本人以哪一件为准，把另一件终止或撤回，再合并。",
                code="two_checkins",
            )
    drafts = sorted(
        (row for row in rows if row.state == State.DRAFT), key=lambda row: row.retiree_id == other.pk
    )
    dropped = drafts if waiting else drafts[1:]
    in_force = confirmed[0] if confirmed else None
    withdrawn = {row.pk: "另有一件报到，草稿作废" for row in dropped}
    for row in waiting:
        if in_force is not None and row.community_id == in_force.community_id:
            withdrawn[row.pk] = f"已在{in_force.community}报到，这一件撤回"
    # A request that is withdrawn leaves its place before another takes it.
    rows.sort(key=lambda row: row.pk not in withdrawn)
    changes = [_change(row, kept, in_force, withdrawn.get(row.pk, "")) for row in rows]
    return [change for change in changes if change is not None] + _stays(kept, other)


def _change(row: CheckIn, kept: Retiree, in_force: CheckIn | None, withdrawn: str) -> Change | None:
    """What happens to one check-in; a request of the kept row is watched, because its desk may change."""
    values: dict[str, Any] = {}
    name = row.number or "草稿"
    moves = row.retiree_id != kept.pk
    said = f"报到 {name}（{row.get_state_display()}）转到保留的一份。" if moves else ""
    if moves:
        values["retiree_id"] = kept.pk
    if withdrawn:
        values |= {"state": State.WITHDRAWN, **OFF_THE_DESK}
        said = f"报到 {name}：{withdrawn}。"
    elif row.state in CheckIn.OPEN and in_force is not None and row.previous_id != in_force.pk:
        values["previous_id"] = in_force.pk
        said += f"它算作从{in_force.community}迁出的申请。"
    return Change(row, values, said) if values or row.state in CheckIn.AT_DESK else None


def _stays(kept: Retiree, other: Retiree) -> list[Change]:
    has_one = SeasonalStay.objects.filter(retiree=kept, ended_at=None).exists()
    changes = []
    for row in SeasonalStay.objects.filter(retiree=other).select_related("community").order_by("pk"):
        values: dict[str, Any] = {"retiree_id": kept.pk}
        said = "季节性居住的登记转到保留的一份。"
        if row.ended_at is None and has_one:
            values["ended_at"] = timezone.now()
            said = f"季节性居住两份都有，并入的一份（{row.community}）停止。"
        changes.append(Change(row, values, said))
    return changes


def follow_merge(kept: Retiree, other: Retiree, changes: list[Change], by: User) -> None:
    """Add the event to each check-in that went over or gave way; requests go to the desk of the person as known now."""
    for change in changes:
        row = change.row
        if not isinstance(row, CheckIn):
            continue
        row.retiree = kept
        from_state, desk_id, unit_id = _state_before(row), row.desk_id, row.unit_id
        if row.state in CheckIn.AT_DESK:
            row.unit = desks.unit_of(kept)
            if not change.values and (desk_id, unit_id) == (_next_desk_id(row), row.unit_id):
                continue
        move = Move.MERGED if change.values else Move.REDIRECTED
        if row.state == State.WITHDRAWN and from_state != State.WITHDRAWN:
            move = Move.WITHDRAWN
        said = (change.words or "合并档案后按合并后的档案办理")[:300]
        finish(row, move, by=by, from_state=from_state, words=said, after={"retiree": kept.pk})


def follow_unmerge(kept: Retiree, other: Retiree, rows: list[Model], by: User) -> None:
    """Add the event to each check-in that is as it was before the merge again."""
    for row in rows:
        if isinstance(row, CheckIn):
            row.retiree = kept if row.retiree_id == kept.pk else other
            finish(
                row,
                Move.UNMERGED,
                by=by,
                from_state=_state_before(row),
                words="撤销合并档案",
                after={"retiree": row.retiree_id},
            )


def _state_before(row: CheckIn) -> str:
    """The state as the last event left it."""
    last = row.events.order_by("-pk").first()
    return last.to_state if last is not None else row.state


def _next_desk_id(row: CheckIn) -> int | None:
    desk = desks.next_desk(row)
    return desk.pk if desk is not None else None
