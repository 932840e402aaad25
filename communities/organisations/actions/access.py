"""Somebody lost the second factor of their login: whoever appoints them resets it."""

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.actions import end_sessions, forget_second_factor
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.texts.actions import send

from ..permissions import may_reset_second_factor

RESET = (
    "【惠风家园】您的工作账号的第二步验证已由{by}重设，所有设备都已退出。下次登录请重新设。"
    "如不是您提出的，请马上打电话给本单位负责人。"
)


@transaction.atomic
def reset_second_factor(user_id: int, *, by: User, reason: str) -> int:
    """Take away every second factor of an account and log it out everywhere. Returns how many there were.

    At the next login a new one is set up. Without any there is nothing to do, and nothing is recorded. The person is
    told by text, where there is a phone. Raises User.DoesNotExist, PermissionDenied, RuleBroken (no reason).
    """
    user = User.objects.select_for_update().get(pk=user_id)
    require(may_reset_second_factor(by, user))
    reason = reason.strip()
    if not reason:
        raise RuleBroken("请写明为什么重设，例如“手机丢了，本人当面提出”。", code="no_reason")
    forgotten = forget_second_factor(user.pk)
    if not forgotten:
        return 0
    audit.record(
        "second_factor.reset",
        user,
        by=by,
        before={"factors": forgotten},
        after={"factors": []},
        note=reason[:200],
    )
    end_sessions(user.pk, by=by, why="第二步验证已重设")
    if user.phone:
        key = f"factor-reset:{user.pk}:{timezone.now().timestamp():.3f}"
        send(key=key, phone=user.phone, words=RESET.format(by=by.display_name))
    return len(forgotten)
