"""Relatives who act for a retiree (家人帮办), with the retiree's consent."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.codes import labels
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from huifeng.sealed import blind_index, is_index_of

from .. import notices
from ..models import Helper, HelperRequest, Retiree
from ..permissions import may_decide_helping, may_stop_helper
from .changing import phone_or_rule

CODE_GOOD_FOR = timedelta(minutes=10)
CALL_GOOD_FOR = timedelta(days=7)
A_DAY = timedelta(days=1)
MOST_ASKED_A_DAY = 5  # requests of one account
MOST_TEXTS_A_DAY = 3  # codes to one retiree
REQUEST_STAYS = timedelta(days=90)  # after it ended; ours
CONSENT_TEXT = "helper-2026-11"

State = HelperRequest.State


@transaction.atomic
def ask_to_help(
    *,
    name: str,
    relation: str,
    elder_name: str,
    birth_month: str,
    phone: str,
    by: User,
    by_call: bool = False,
) -> HelperRequest:
    """Ask to act for an elder: a 6-digit code goes to the elder's phone, or staff call (`by_call`).

    The answer is the same whether or not anybody matches (`birth_month`: "1948-07"). Repeating it while a
    request for the same elder is open returns that request and sends nothing; for another elder it takes
    its place.
    Raises RuleBroken (wrong value, too often). Source: docs/rules.md, P8.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    phone = phone_or_rule(phone)
    if not labels.is_known("relation", relation):
        raise RuleBroken("请从列表里选您和老人的关系。", code="field_relation")
    if not name.strip() or not elder_name.strip():
        raise RuleBroken("请填您的姓名和老人的姓名。", code="field_name")
    asked = HelperRequest.objects.filter(user=user, created_at__gt=timezone.now() - A_DAY)
    open_one = asked.filter(state=State.OPEN, expires_at__gt=timezone.now()).first()
    wanted = (elder_name.strip(), birth_month, phone, by_call)
    if open_one and wanted == (
        open_one.elder_name, open_one.elder_birth_month, open_one.elder_phone, open_one.by_call,
    ):  # fmt: skip
        return open_one
    if asked.count() >= MOST_ASKED_A_DAY:
        raise RuleBroken("今天申请的次数多了，请明天再来，或请社区工作人员帮忙。", code="too_often")
    HelperRequest.objects.filter(user=user, state=State.OPEN).update(state=State.EXPIRED)
    return _ask(user, name.strip(), relation, *wanted)


def _ask(
    user: User, name: str, relation: str, elder_name: str, birth_month: str, phone: str, by_call: bool
) -> HelperRequest:
    code = f"{secrets.randbelow(10**6):06d}"
    request = HelperRequest.objects.create(
        user=user,
        retiree=_meant(elder_name, birth_month, phone),
        name=name,
        relation=relation,
        elder_name=elder_name,
        elder_birth_month=birth_month,
        elder_phone=phone,
        by_call=by_call,
        code_hash=blind_index(*_code(user, phone, code)),
        expires_at=timezone.now() + (CALL_GOOD_FOR if by_call else CODE_GOOD_FOR),
    )
    audit.record("helper.asked", request, by=user)
    if request.retiree is None:
        return request
    if by_call:
        notices.helper_wants_call(request)
    elif _texts_today(request) <= MOST_TEXTS_A_DAY:
        notices.helper_code(request, code, good_for=CODE_GOOD_FOR)
    return request


def _meant(elder_name: str, birth_month: str, phone: str) -> Retiree | None:
    """The living person all three agree on, if exactly one."""
    with as_program("who asks does not see the elder, and learns nothing from the answer"):
        found = [
            retiree
            for retiree in Retiree.objects.alive().with_phone(phone).filter(name=elder_name)[:10]
            if retiree.birth_date and f"{retiree.birth_date:%Y-%m}" == birth_month
        ]
    return found[0] if len(found) == 1 else None


def _texts_today(request: HelperRequest) -> int:
    return HelperRequest.objects.filter(
        retiree=request.retiree, by_call=False, created_at__gt=timezone.now() - A_DAY
    ).count()


def _code(user: User, phone: str, code: str) -> tuple[str, str]:
    """What is hashed of a code, and its kind."""
    return f"{user.pk}:{phone}:{code}", "helper_code"


def accept_by_code(request_id: int, code: str, *, by: User) -> Helper:
    """The asker types the code the elder read out. Five tries; a wrong one is counted even though it is
    refused.

    Repeating it after success returns the helper. Raises PermissionDenied, RuleBroken (wrong, expired,
    three already).
    """
    helper, refusal = _try_code(request_id, code, by)
    if helper is None:
        raise RuleBroken(refusal, code="code_wrong")
    return helper


@as_program("who asks reaches the elder only once the elder has agreed")
@transaction.atomic(durable=True)
def _try_code(request_id: int, code: str, by: User) -> tuple[Helper | None, str]:
    """One try, committed whatever its end: (helper, "") or (None, why not)."""
    request = _locked(request_id)
    require(request.user_id == by.pk)
    if request.state == State.ACCEPTED:
        return Helper.objects.get(retiree=request.retiree, user=by, ended_at=None), ""
    if request.state != State.OPEN or request.expires_at <= timezone.now():
        return None, "这个数字过了时间，已经不能用。请重新申请。"
    if request.tries >= HelperRequest.TRIES:
        return None, "试的次数多了，请重新申请，或请社区工作人员帮忙。"
    request.tries += 1
    request.save(update_fields=["tries"])
    right = is_index_of(request.code_hash, *_code(by, request.elder_phone, code.strip()))
    if not right or request.by_call or request.retiree is None:
        left = HelperRequest.TRIES - request.tries
        return None, f"数字不对，请看看短信，再输一次（还可以试 {left} 次）。"
    if _is_full(request.retiree):
        return None, f"这位老人已有 {Helper.MOST} 位家人帮办，请先停掉一位。"
    return _accept(request, Helper.Consent.CODE, by=by), ""


@transaction.atomic
def accept_by_staff(request_id: int, *, by: User) -> Helper:
    """Staff called the elder, who agreed. Repeating it changes nothing.

    Raises PermissionDenied, AlreadyDone (refused), RuleBroken (expired, three already, the elder died).
    """
    request = _locked(request_id)
    require(may_decide_helping(by, request))
    if request.state == State.ACCEPTED:
        return Helper.objects.filter(retiree=request.retiree, user=request.user).latest("pk")
    _still_open(request)
    if request.retiree is not None and _is_full(request.retiree):
        raise RuleBroken(f"这位老人已有 {Helper.MOST} 位家人帮办，请先停掉一位。", code="full")
    return _accept(request, Helper.Consent.STAFF, by=by)


@transaction.atomic
def refuse_by_staff(request_id: int, *, by: User) -> HelperRequest:
    """Staff called, and the elder does not agree or could not be reached. Repeating it changes nothing."""
    request = _locked(request_id)
    require(may_decide_helping(by, request))
    if request.state == State.REFUSED:
        return request
    _still_open(request)
    request.state = State.REFUSED
    request.save(update_fields=["state"])
    audit.record("helper.refused", request, by=by)
    notices.helper_answered(request)
    return request


@transaction.atomic
def stop_helper(helper_id: int, *, by: User) -> Helper:
    """The retiree, the helper or staff end the help. Repeating it changes nothing."""
    retiree = Retiree.objects.locked(Helper.objects.values_list("retiree_id", flat=True).get(pk=helper_id))
    helper = Helper.objects.select_related("retiree").get(pk=helper_id)
    retiree.check_has(helper)
    require(may_stop_helper(by, helper))
    if helper.ended_at is not None:
        return helper
    helper.ended_at = timezone.now()
    helper.save(update_fields=["ended_at"])
    audit.record("helper.stopped", helper, by=by)
    return helper


def expire_requests() -> int:
    """Close requests whose time has passed; how many."""
    over = HelperRequest.objects.filter(state=State.OPEN, expires_at__lte=timezone.now())
    return over.update(state=State.EXPIRED)


def _locked(request_id: int) -> HelperRequest:
    """The request, locked after its person, so that a fourth helper cannot slip in."""
    retiree_id = HelperRequest.objects.values_list("retiree_id", flat=True).get(pk=request_id)
    retiree = Retiree.objects.locked(retiree_id) if retiree_id else None
    request = HelperRequest.objects.select_for_update(of=("self",)).select_related("user").get(pk=request_id)
    if retiree is not None:
        retiree.check_has(request)
    request.retiree = retiree
    return request


def _still_open(request: HelperRequest) -> None:
    if request.state != State.OPEN or request.expires_at <= timezone.now():
        raise RuleBroken("这件申请已经处理过，或过了时间。请家人重新申请。", code="not_open")
    if request.retiree is not None and request.retiree.died_on is not None:
        raise RuleBroken("这位老同志已登记去世，不能再帮办。", code="dead")


def _is_full(retiree: Retiree) -> bool:
    return Helper.objects.filter(retiree=retiree, ended_at=None).count() >= Helper.MOST


def _accept(request: HelperRequest, consent: Helper.Consent, *, by: User) -> Helper:
    """Record the consent. The person is locked. Somebody who helps already stays the helper they are."""
    helper, made = Helper.objects.get_or_create(
        retiree=request.retiree,
        user=request.user,
        ended_at=None,
        defaults={
            "name": request.name,
            "relation": request.relation,
            "consent": consent,
            "consent_text": CONSENT_TEXT,
            "consented_at": timezone.now(),
            "confirmed_by": by if consent == Helper.Consent.STAFF else None,
        },
    )
    request.state = State.ACCEPTED
    request.save(update_fields=["state"])
    if made:
        audit.record("helper.accepted", helper, by=by, after={"consent": consent.value})
        notices.helper_answered(request)
    return helper


@transaction.atomic
def forget_old_requests() -> int:
    """Delete requests to help that are over for three months; the helpers they made stay. Returns how many."""
    over = HelperRequest.objects.exclude(state=State.OPEN).filter(
        expires_at__lt=timezone.now() - REQUEST_STAYS
    )
    deleted, _ = over.delete()
    return deleted
