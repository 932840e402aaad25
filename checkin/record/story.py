"""A check-in told to the person: where it stands in one sentence, and what happened so far, step by step."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.display import words

from .models import CheckIn, CheckInEvent, State

Move = CheckInEvent.Move

TITLES = {
    Move.SUBMITTED: "您已提交",
    Move.RESUBMITTED: "您已补充，再次提交",
    Move.AUTO_VERIFIED: "和原单位名册相符",
    Move.VERIFIED: "原单位已核对",
    Move.RETURNED: "请您补充过一次",
    Move.PLACED: "已为您找到社区",
    Move.FORWARDED: "已转到合适的社区",
    Move.CONFIRMED: "社区已确认，报到完成",
    Move.UNDONE: "社区要重新核对",
    Move.WITHDRAWN: "已经撤回",
    Move.ENDED: "这次报到已经结束",
    Move.RESTORED: "报到已经恢复",
    Move.REDIRECTED: "换了经办单位",
}
BY_STAFF = (Move.VERIFIED, Move.RETURNED, Move.PLACED, Move.FORWARDED, Move.CONFIRMED, Move.UNDONE)


@dataclass(frozen=True)
class Step:
    """One line of the timeline, as parts/timeline.html shows it. `state`: done, now, back or todo."""

    title: str
    state: str
    at: datetime | None = None
    who: str = ""
    phone: str = ""
    note: str = ""
    url: str = ""
    action: str = ""


def is_late(checkin: CheckIn, today: date | None = None) -> bool:
    """Whether a desk let its day pass; a request that waits for the person is never late to the person."""
    waiting = checkin.state in (State.SUBMITTED, State.VERIFIED)
    return waiting and checkin.due_on is not None and checkin.due_on < (today or timezone.localdate())


def place_of(checkin: CheckIn) -> str:
    return checkin.community.name if checkin.community else "社区"


def desk_of(checkin: CheckIn) -> Organisation | None:
    """Whom to call about it now: the desk, else the community."""
    return checkin.desk or checkin.community


def answer(checkin: CheckIn) -> str:
    """Where it stands, in one or two short sentences."""
    place = place_of(checkin)
    match checkin.state:
        case State.DRAFT:
            return "您填了一部分，还没有提交。"
        case State.SUBMITTED | State.VERIFIED if is_late(checkin):
            who = checkin.desk.name if checkin.desk else place
            return f"{who}还没回话，我们已经提醒他们。您也可以打电话。"
        case State.SUBMITTED:
            return f"原单位正在核对，{_latest(checkin)}。"
        case State.VERIFIED if checkin.waits_for_place:
            return f"正在为您找社区，{_latest(checkin)}。"
        case State.VERIFIED:
            return f"{place}正在核对，{_latest(checkin)}。"
        case State.RETURNED:
            return "还要请您补充一点内容。"
        case State.CONFIRMED:
            return f"您已在{place}报到。"
        case State.WITHDRAWN:
            return "您已经撤回这次报到。"
        case _:
            return f"您在{place}的报到已经结束。"


def _latest(checkin: CheckIn) -> str:
    about = "大约" if checkin.dates_provisional else "最晚"
    return f"{about} {words.short_day(checkin.due_on)}给您回话"


def amendment(checkin: CheckIn, reasons: dict[str, str]) -> str:
    """What a returned request needs, in the clerk's words and the reason's. `reasons`: code → label."""
    parts = [reasons.get(checkin.return_reason, ""), checkin.return_words]
    return "。".join(part for part in parts if part and part != "其他")


def tell(checkin: CheckIn, events: Iterable[CheckInEvent], *, in_public: bool = False) -> list[Step]:
    """The steps so far, the present one and those to come. In public no person and no remark is named."""
    past = [event for event in events if event.move in TITLES]
    last_return = max((event.pk for event in past if event.move == Move.RETURNED), default=None)
    steps = []
    for event in past:
        if checkin.state == State.RETURNED and event.pk == last_return:
            continue  # it is the present step
        steps.append(_past(checkin, event, in_public))
    return [*steps, *_present(checkin, in_public), *_to_come(checkin)]


def _past(checkin: CheckIn, event: CheckInEvent, in_public: bool) -> Step:
    who = note = phone = ""
    if event.move == Move.CONFIRMED:
        phone = checkin.community_phone
        if checkin.state == State.CONFIRMED and checkin.unit and not checkin.unit.is_external:
            note = "我们已经告诉您的原单位。"
    if event.move == Move.REDIRECTED and not in_public:
        note = event.words
    if event.move in BY_STAFF and event.organisation:
        who = event.organisation.name if in_public else f"{event.organisation.name} {event.actor_name}"
    elif event.move in (Move.SUBMITTED, Move.RESUBMITTED) and not in_public:
        who = _submitted_by(event)
    return Step(TITLES[Move(event.move)], "done", event.at, who, phone, note)


def _submitted_by(event: CheckInEvent) -> str:
    """Who handed it in, when it was not the person."""
    if event.organisation:
        return f"{event.organisation.name} {event.actor_name}"
    return f"家人{event.actor_name}代办" if event.role.startswith("家人") else ""


def _present(checkin: CheckIn, in_public: bool) -> list[Step]:
    desk = checkin.desk
    who, phone = (desk.name, desk.phone) if desk else ("", "")
    match checkin.state:
        case State.SUBMITTED:
            title = "原单位正在核对"
        case State.VERIFIED:
            title = "正在为您找社区" if checkin.waits_for_place else "社区正在核对"
        case State.RETURNED:
            return [Step("等您补充", "back", None, who, phone)]
        case _:
            return []
    note = "还没回话，我们已经提醒他们。" if is_late(checkin) else f"{_latest(checkin)}。"
    return [Step(title, "now", None, who, phone, note)]


def _to_come(checkin: CheckIn) -> list[Step]:
    done = Step("报到完成", "todo")
    match checkin.state:
        case State.SUBMITTED:
            return [Step("社区核对", "todo"), done]
        case State.RETURNED if checkin.verified_at is None:
            return [Step("原单位核对", "todo"), Step("社区核对", "todo"), done]
        case State.RETURNED:
            return [Step("社区核对", "todo"), done]
        case State.VERIFIED:
            return [done]
        case _:
            return []
