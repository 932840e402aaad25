from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from checkin.record.actions import end_at_withdrawal
from checkin.record.models import CheckIn
from checkin.record.models import State as CheckInState
from checkin.rights import consents, notices
from checkin.rights.models import ErasureRequest
from checkin.rights.permissions import may_decide
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people import registry
from members.people.erasing import looked_for
from members.people.models import Retiree
from members.units.models import UnitMembership

from .asking import opened, refuse_decided

State, Source = ErasureRequest.State, ErasureRequest.Source
KEPT_AFTER_DEATH = timedelta(days=5 * 365)  # ours
KEPT_AFTER_LEAVING = timedelta(days=5 * 365)  # ours
A_NIGHT = 200  # people a run; the rest the next night
OVER = "保存期满，依法删除。"


@transaction.atomic
def refuse(request_id: int, *, reason: str, by: User) -> ErasureRequest:
    """The bureau says no, and why. Repeating it changes nothing. Raises PermissionDenied, AlreadyDone, RuleBroken."""
    retiree_id = ErasureRequest.objects.values_list("retiree_id", flat=True).get(pk=request_id)
    retiree = Retiree.objects.locked(retiree_id)
    request = _request(request_id, retiree)
    require(may_decide(by, request))
    if request.state == State.REFUSED and request.decided_by_id == by.pk:
        return request
    refuse_decided(request)
    _decide(request, State.REFUSED, reason, by)
    audit.record("erasure.refused", retiree, by=by, after={"request": request.pk}, note=reason[:200])
    notices.tell_refused(request)
    return request


@as_program("an erasure reaches everything that is kept of a person, also what its actor may not see")
@transaction.atomic
def erase(request_id: int, *, reason: str, by: User) -> ErasureRequest:
    """Erase what is kept of the person, everywhere, for good. Figures that were counted and the chain over the audit
    stay whole. One transaction: all of it or nothing; repeating it changes nothing.

    Raises PermissionDenied, AlreadyDone, RuleBroken (no reason, a name in it, the unit must keep its roster).
    Source: 个人信息保护法 art. 47; docs/rules.md, G5, G6; docs/security.md, Erasure.
    """
    retiree_id = ErasureRequest.objects.values_list("retiree_id", flat=True).get(pk=request_id)
    retiree = Retiree.objects.select_for_update(no_key=True, of=("self",)).get(pk=retiree_id)
    request = _request(request_id, retiree)
    require(may_decide(by, request))
    if request.state == State.DONE:
        return request
    retiree.check_is_there()
    refuse_decided(request)
    if keeps := what_keeps(retiree):
        raise RuleBroken(keeps, code="kept_by_law")
    known = looked_for(retiree, by)
    if known.is_in(reason):
        raise RuleBroken("理由会留下来，请不要写姓名、身份证号和电话。", code="names_the_person")
    receivers = _sides(retiree)
    end_at_withdrawal(retiree, by)
    for row in Retiree.objects.filter(pk__in=known.keys).order_by("pk").select_for_update(no_key=True):
        assert row.erased_at is None
    for eraser in registry.erasers:
        if eraser.erase is not None:
            eraser.erase(known)
    _decide(request, State.DONE, reason, by)
    audit.record("erasure.done", retiree, by=by, after={"request": request.pk, "source": request.source})
    notices.tell_done(request, receivers)
    return request


def what_keeps(retiree: Retiree) -> str:
    """Why the data may not be erased now, in words; "" when it may. Source: art. 13, 47; docs/rules.md, G5."""
    if retiree.died_on is not None:
        return ""
    unit = registry.units.unit_of(retiree)
    if unit is None:
        return ""
    return (
        f"这位老同志现在是“{unit.name}”管理的人员，单位依法要保留名册，不能删除。"
        "可以先撤回同意、清空联系方式；离开单位以后再申请。"
    )


def erase_what_is_over(*, by: User) -> int:
    """Erase people dead, or gone from every unit and community, for longer than is kept; how many.

    One transaction a person, so a run that is killed has erased some wholly and the others not at all; the next
    goes on. Source: docs/retention.md.
    """
    erased = 0
    for key in _over()[:A_NIGHT]:
        erased += _erase_over(key, by)
    return erased


@transaction.atomic
def _erase_over(retiree_id: int, by: User) -> int:
    """One person whose time is over; 0 when somebody else was faster, or things have changed."""
    retiree = Retiree.objects.select_for_update(no_key=True, of=("self",)).get(pk=retiree_id)
    if retiree.erased_at is not None or retiree_id not in _over([retiree_id]):
        return 0
    request = ErasureRequest.objects.filter(retiree=retiree, state=State.OPEN).first()
    request = request or opened(retiree, Source.RETENTION, by=by)
    erase(request.pk, reason=OVER, by=by)
    return 1


def _over(keys: list[int] | None = None) -> list[int]:
    """People (keys) whose time is over: dead since so long; or nobody's, without anything that happened since."""
    today, now = timezone.localdate(), timezone.now()
    member = UnitMembership.objects.filter(retiree=OuterRef("pk"))
    still = Q(valid_until=None) | Q(valid_until__gt=today - KEPT_AFTER_LEAVING)
    checkins = CheckIn.objects.filter(retiree=OuterRef("pk"))
    running = Q(state__in=consents.NOW) & ~Q(state=CheckInState.DRAFT) | Q(
        ended_at__gt=now - KEPT_AFTER_LEAVING
    )
    gone = (
        Q(died_on=None, created_at__lt=now - KEPT_AFTER_LEAVING, updated_at__lt=now - KEPT_AFTER_LEAVING)
        & ~Exists(member.filter(still))
        & ~Exists(checkins.filter(running))
    )
    people = Retiree.objects.people().filter(Q(died_on__lt=today - KEPT_AFTER_DEATH) | gone)
    if keys is not None:
        people = people.filter(pk__in=keys)
    return list(people.order_by("pk").values_list("pk", flat=True)[:A_NIGHT])


def _request(request_id: int, retiree: Retiree) -> ErasureRequest:
    request = ErasureRequest.objects.select_related("decided_by", "desk").get(pk=request_id)
    request.retiree = retiree
    return request


def _decide(request: ErasureRequest, state: str, reason: str, by: User) -> None:
    if not reason.strip():
        raise RuleBroken("请写明理由。", code="field_reason")
    request.state, request.reason = state, reason.strip()[:300]
    request.decided_by, request.decided_at = by, timezone.now()
    request.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _sides(retiree: Retiree) -> list[Organisation]:
    """Who answered for the person, and the communities that had them."""
    answering = registry.units.responsible_organisation(retiree)
    communities = CheckIn.objects.filter(retiree=retiree).exclude(community=None).values("community")
    found = Organisation.objects.filter(Q(pk=answering.pk) | Q(pk__in=communities)).order_by("pk")
    return [organisation for organisation in found if not organisation.is_external]
