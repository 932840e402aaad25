"""What is said of requests: notices to organisations, a text to the person. Never what was asked or answered."""

from datetime import date

from communities.notices.actions import post
from communities.organisations.models import Organisation
from huifeng.texts.actions import send

from .models import Request


def arrived(request: Request, *, passed_by: int | None = None, again: bool = False) -> None:
    """Ask the desk for an answer: a new one, one passed on by the organisation `passed_by`, or the same `again`."""
    urgent = "急难：" if request.is_urgent else ""
    how = "请再办一次" if again else "转来" if passed_by else "提出"
    step = f"desk-{request.desk_id}-{request.events.count()}"
    _post(
        request,
        request.desk,
        step=step,
        kind="request.arrived",
        words=f"{urgent}{_of(request)}{_title(request)}（{how}），请在{_day(request)}前答复。",
        sender_id=passed_by or request.taken_for_id,
    )


def over(request: Request) -> None:
    """The desk need not answer any more."""
    why = request.get_why_closed_display()
    _post(
        request,
        request.desk,
        step=f"over-{request.why_closed}",
        kind="request.over",
        words=f"{_of(request)}{_title(request)}不用再办：{why}。",
    )


def rated(request: Request) -> None:
    """Tell the desk of an answer that did not satisfy; the others are read on the board."""
    if request.rating == Request.Rating.POOR:
        _post(
            request,
            request.desk,
            step=f"rated-{request.rated_at:%Y%m%d%H%M%S}",
            kind="request.rated",
            words=f"{_of(request)}对{_title(request)}的答复不满意，请打电话问一问。",
        )


def urged(request: Request, on: date, *, sender_id: int | None) -> None:
    _post(
        request,
        request.desk,
        step=f"urged-{sender_id}-{on:%Y%m%d}",
        kind="request.urged",
        words=f"{_of(request)}{_title(request)}应在{_day(request)}前答复，请尽快办。",
        sender_id=sender_id,
    )


def received(request: Request) -> None:
    """Tell the person that it was written down, and until when there is an answer: only what others wrote down."""
    if request.taken_for_id is not None:
        words = f"您提的“{request.preset.name}”已经记下，{request.desk.name}在{_day(request)}前答复您。"
        _tell(request, "received", words)


def answered(request: Request) -> None:
    """Only that there is an answer: it stands on the person's own page, and was perhaps said in a call."""
    at = f"{request.answered_at:%Y%m%d%H%M%S}"
    _tell(
        request,
        f"answered-{at}",
        f"您提的“{request.preset.name}”，{request.answered_for or request.desk}已经答复。",
    )


def _tell(request: Request, step: str, words: str) -> None:
    retiree = request.retiree
    if retiree is None or not retiree.phone or retiree.died_on is not None:
        return
    send(key=f"request-{request.pk}-{step}", phone=retiree.phone, words=f"{retiree.name[:1]}同志：{words}")


def _post(
    request: Request,
    receiver: Organisation,
    *,
    step: str,
    kind: str,
    words: str,
    sender_id: int | None = None,
) -> None:
    """Owe the fact to `receiver`; of a restricted person to bureaus only."""
    if receiver.is_external or receiver.closed_on is not None:
        return
    retiree = request.retiree
    if retiree is not None and retiree.is_restricted and receiver.kind != Organisation.Kind.BUREAU:
        return
    post(
        receiver,
        key=f"request-{request.pk}-{step}",
        kind=kind,
        words=words,
        person=request.retiree_id,
        link=f"page:requests/{request.pk}/",
        sender_id=sender_id,
        data={"request": request.pk, "state": request.state},
    )


def _of(request: Request) -> str:
    return f"{request.retiree.name}同志的" if request.retiree is not None else "一位来电人的"


def _title(request: Request) -> str:
    """The kind, and nothing of what was said; a private one by its flag alone."""
    return "心里话" if request.is_private else request.preset.name


def _day(request: Request) -> str:
    return f"{request.due_on:%-m月%-d日}"
