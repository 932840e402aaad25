"""The words that go out with each move: to the organisations concerned, and to the person as a text message."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from communities.notices.actions import post, post_each
from communities.organisations.models import Organisation
from huifeng.texts.actions import send
from members.units import notices as units
from members.units.models import UnitReorganisation

from .models import CheckIn, CheckInEvent

Move = CheckInEvent.Move

# Who is told of a move, besides whoever made it.
DESK, UNIT, COMMUNITY = "desk", "unit", "community"
TOLD = {
    Move.SUBMITTED: (DESK,),
    Move.RESUBMITTED: (DESK,),
    Move.AUTO_VERIFIED: (DESK, UNIT),
    Move.VERIFIED: (DESK,),
    Move.RETURNED: (UNIT, COMMUNITY),
    Move.PLACED: (DESK, UNIT),
    Move.FORWARDED: (DESK, UNIT),
    Move.CONFIRMED: (UNIT,),
    Move.UNDONE: (UNIT,),
    Move.WITHDRAWN: (UNIT, COMMUNITY),
    Move.ENDED: (UNIT, COMMUNITY),
    Move.RESTORED: (UNIT, COMMUNITY),
    Move.REDIRECTED: (DESK, UNIT),
}

EXTERNAL = (Organisation.Kind.EXTERNAL_UNIT, Organisation.Kind.EXTERNAL_COMMUNITY)


def tell(checkin: CheckIn, event: CheckInEvent) -> None:
    """Owe the fact to each organisation concerned, and the words to the person's phone. Once per event."""
    for role in TOLD.get(Move(event.move), ()):
        if (organisation := getattr(checkin, role)) is not None:
            _owe(checkin, event, organisation)
    words = words_for_person(checkin, event)
    if words and checkin.retiree.phone and checkin.retiree.died_on is None:
        send(key=f"checkin:{event.pk}", phone=checkin.retiree.phone, words=words)


def tell_again(event: CheckInEvent, receiver: Organisation) -> None:
    """Owe the fact of a past move to `receiver` once more, in the words of today; who has it already gets nothing.

    For the reconciliation, which found that it is missing there. No text goes out.
    """
    _owe(event.checkin, event, receiver)


def _owe(checkin: CheckIn, event: CheckInEvent, receiver: Organisation) -> None:
    if not is_told(checkin, event, receiver):
        return
    post(
        receiver,
        key=f"checkin:{event.pk}",
        kind=f"checkin.{event.move}",
        words=_for_organisation(checkin, event),
        person=checkin.retiree_id,
        link=f"checkin:{checkin.pk}",
        sender_id=event.organisation_id,
        data=fact(checkin, event),
    )


def is_told(checkin: CheckIn, event: CheckInEvent, receiver: Organisation) -> bool:
    """Nobody hears what they did themselves, or reads here what goes out by letter; of a restricted person
    (限制查看) bureaus alone hear (docs/rules.md, C31)."""
    if not checkin.number or receiver.pk == event.organisation_id or receiver.kind in EXTERNAL:
        return False
    return not checkin.retiree.is_restricted or receiver.kind == Organisation.Kind.BUREAU


def fact(checkin: CheckIn, event: CheckInEvent) -> dict[str, Any]:
    """A move as a program reads it: codes and dates, no name, no ID number, no phone."""
    return {
        "checkin": checkin.number,
        "move": event.move,
        "state": event.to_state,
        "community": checkin.community.code if checkin.community else None,
        "unit": checkin.unit.code if checkin.unit else None,
        "on": timezone.localdate(event.at).isoformat(),
    }


def remind(checkin: CheckIn, step: str, receiver: Organisation) -> None:
    """Tell `receiver` that a request is late; once per step of one clock."""
    assert checkin.clock_started_at is not None
    assert checkin.due_on is not None
    assert checkin.desk is not None
    if receiver.kind in EXTERNAL:
        return
    post(
        receiver,
        key=f"late:{checkin.pk}:{checkin.clock_started_at:%Y%m%d%H%M%S}:{step}",
        kind="checkin.late",
        words=(
            f"{checkin.retiree.name}同志的报到（{checkin.number}）应在"
            f"{_day(checkin.due_on)}前办，{checkin.desk.name}还没有办。"
        ),
        person=checkin.retiree_id,
        link=f"checkin:{checkin.pk}",
    )


def tell_communities(reorganisation: UnitReorganisation, people: Mapping[int, int], *, back: bool) -> None:
    """One notice for each community (by its key) with how many of its people have another unit now."""
    end = "已经撤回，人员仍归原单位。" if back else "请今后与新单位联系。"
    fact = units.told(reorganisation)
    post_each(
        {community: f"{fact}，涉及你们社区 {number} 位老同志，{end}" for community, number in people.items()},
        key=f"reorganisation:{reorganisation.pk}:{'undone' if back else 'done'}",
        kind=units.KIND,
    )


def _day(day: object) -> str:
    return f"{day:%-m月%-d日}"


def _for_organisation(checkin: CheckIn, event: CheckInEvent) -> str:
    place = checkin.community.name if checkin.community else "居住地社区"
    head = f"{checkin.retiree.name}同志（{checkin.number}）"
    match event.move:
        case Move.SUBMITTED | Move.RESUBMITTED:
            text = f"{head}报到{place}，请核实身份。"
        case Move.AUTO_VERIFIED | Move.VERIFIED if checkin.community is None:
            text = f"{head}要报到，还没有定社区，待分派。"
        case Move.AUTO_VERIFIED | Move.VERIFIED:
            text = f"{head}报到{place}，待社区确认。"
        case Move.PLACED | Move.FORWARDED:
            text = f"{head}转到{place}，待确认。"
        case Move.RETURNED:
            text = f"{head}的报到需要补充材料。"
        case Move.CONFIRMED:
            text = f"{head}已在{place}报到，社区联系人{checkin.community_contact}，电话{checkin.community_phone}。"
        case Move.UNDONE:
            text = f"{head}在{place}的确认已撤销，将重新核对。"
        case Move.WITHDRAWN:
            text = f"{head}已撤回报到。"
        case Move.ENDED:
            text = f"{head}在{place}的报到已终止：{checkin.get_end_reason_display()}。"
        case Move.RESTORED:
            text = f"{head}在{place}的报到已恢复。"
        case _:
            text = f"{head}：{event.words}。"
    return text


def words_for_person(checkin: CheckIn, event: CheckInEvent) -> str:
    """What is sent to the person as a text for a move; "" for none.

    A surname at most, short sentences, and what comes next.
    """
    title = f"{checkin.retiree.name[:1]}同志："
    place = checkin.community.name if checkin.community else "社区"
    match event.move:
        case Move.SUBMITTED | Move.RESUBMITTED:
            return f"{title}您的报到已收到，编号{checkin.number}。原单位正在核对，请等回话。"
        case Move.AUTO_VERIFIED | Move.VERIFIED:
            if checkin.community is None:
                return f"{title}您的报到已收到，编号{checkin.number}。正在为您找社区，请等回话。"
            assert checkin.due_on is not None
            return f"{title}您的报到已收到，编号{checkin.number}。{place}最晚{_day(checkin.due_on)}给您回话。"
        case Move.PLACED | Move.FORWARDED:
            return f"{title}您的报到已转到{place}，会有人联系您。"
        case Move.RETURNED:
            return f"{title}您的报到还要补充一点内容，请打开“办到哪一步了”看看，或打电话给社区。"
        case Move.CONFIRMED:
            phone = f"，电话{checkin.community_phone}" if checkin.community_phone else ""
            return f"{title}您已在{place}报到。联系人{checkin.community_contact}{phone}。"
        case Move.UNDONE:
            return f"{title}{place}正在重新核对您的报到，会有人联系您。"
        case Move.ENDED if checkin.end_reason != CheckIn.EndReason.MOVED:
            return f"{title}您在{place}的报到已终止。如有疑问，请打电话给社区。"
        case _:
            return ""
