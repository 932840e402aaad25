"""What a check-in page shows of a request: the declaration beside the roster, and what has happened."""

from dataclasses import dataclass
from typing import Any

from huifeng.accounts.models import User
from huifeng.codes import labels
from huifeng.display import words
from members.people.models import Retiree

from . import lists, registry
from .models import CheckIn, CheckInEvent, EndReason, State


@dataclass(frozen=True)
class Compared:
    """One line of the two columns: what the person says, and what the roster says."""

    label: str
    declared: str
    known: str
    differs: bool = False


def compared(row: CheckIn) -> list[Compared]:
    """The declaration beside the roster, ID number and phone masked; what differs is marked.

    Who is on the roster was shown its data and said whether they are right; who is not has said them.
    """
    retiree = row.retiree
    rostered = retiree.standing == Retiree.Standing.ROSTER
    said = not rostered or row.data_correct
    identity = [
        ("姓名", retiree.name),
        ("性别、出生日期", _born(retiree)),
        ("身份证号", words.mask_id(retiree.id_number)),
        ("手机", words.mask_phone(retiree.phone)),
        ("原工作单位", retiree.original_unit or (row.unit.name if row.unit else "")),
        ("类别", retiree.get_kind_display()),
    ]
    lines = [(label, value if said else "", value if rostered else "") for label, value in identity]
    lines += [
        ("现居地址", row.address, retiree.residence_address),
        ("社区", row.community.name if row.community else "请社区帮我找", str(retiree.residence or "")),
    ]
    for name, code_list, label in (
        ("living_situation", "living_situation", "居住状态"),
        ("health", "health", "健康状况"),
        ("mobility", "mobility", "活动能力"),
    ):
        declared = row.declared.get(name, "")
        if declared or getattr(retiree, name):
            lines.append(
                (label, labels.label(code_list, declared), labels.label(code_list, getattr(retiree, name)))
            )
    own = [Compared(label, told, known, _differs(label, told, known, row)) for label, told, known in lines]
    if row.data_correct is False or row.remarks:
        own.append(Compared("本人说明", row.remarks or "有不对的地方", "", row.data_correct is False))
    return own


def proposed(retiree: Retiree, user: User, *, decided: bool = False) -> list[registry.Proposals]:
    """What was proposed to correct about the person, and how it stands, as `user` may read it."""
    return [ask(retiree, user, decided) for ask in registry.proposals_about]


def _differs(label: str, told: str, known: str, row: CheckIn) -> bool:
    if label == "社区":
        place, home = row.community, row.retiree.residence_id
        return bool(place and home and place.division_id != home)
    return lists.differs(told, known)


def _born(retiree: Retiree) -> str:
    return "，".join(part for part in (retiree.get_sex_display(), words.day(retiree.birth_date)) if part)


def timeline(row: CheckIn) -> list[dict[str, Any]]:
    """What has happened, oldest first, and who has to act now."""
    events = row.events.select_related("organisation").order_by("pk")
    items = [
        {
            "title": event.get_move_display(),
            "state": "done",
            "at": event.at,
            "who": f"{event.organisation.name} {event.actor_name}" if event.organisation else _who(event),
            "note": _note(event),
        }
        for event in events
    ]
    if row.desk is not None and row.due_on is not None:
        by = "本人" if row.state == State.RETURNED else row.desk.name
        items.append(
            {
                "title": "待分社区" if row.waits_for_place else row.get_state_display(),
                "state": "back" if row.state == State.RETURNED else "now",
                "at": None,
                "who": f"{by}，最晚 {words.day(row.due_on)}",
                "note": "",
            }
        )
    return items


def _who(event: CheckInEvent) -> str:
    return event.actor_name if event.role in ("本人", "系统") else f"{event.actor_name}（{event.role}）"


def _note(event: CheckInEvent) -> str:
    reason = labels.label("return_reason", event.reason)
    if event.reason in EndReason.values:
        reason = EndReason(event.reason).label
    return "：".join(part for part in (reason, event.words) if part)
