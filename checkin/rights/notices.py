"""What is told about consent and erasure; no name where the person is to be forgotten."""

from communities.notices.actions import post
from communities.organisations.models import Organisation
from huifeng.display import words
from huifeng.texts.actions import send

from .models import ErasureRequest


def tell_asked(request: ErasureRequest) -> None:
    post(
        request.desk,
        key=f"erasure:{request.pk}",
        kind="erasure.asked",
        words=f"{request.retiree.name}同志申请删除个人信息，请在{words.short_day(request.due_on)}前决定。",
        person=request.retiree_id,
        link="page:rights/",
        data={"request": request.pk, "due": request.due_on.isoformat()},
    )


def tell_refused(request: ErasureRequest) -> None:
    if request.retiree.phone and request.retiree.died_on is None:
        send(
            key=f"erasure:{request.pk}:refused",
            phone=request.retiree.phone,
            words="【惠风家园】您申请删除信息，老干部局已经答复。请登录看“我的信息与权利”，或打电话问社区。",
        )


def tell_done(request: ErasureRequest, receivers: list[Organisation]) -> None:
    """The sides that had the person are told which number of request; they look their own papers up by it."""
    for receiver in receivers:
        post(
            receiver,
            key=f"erasure:{request.pk}:done",
            kind="erasure.done",
            words=f"一位老同志的个人信息已依法删除（申请 {request.pk} 号）。统计数字不变。",
            sender_id=request.desk_id,
            data={"request": request.pk},
        )
