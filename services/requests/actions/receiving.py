"""A request comes in: from the person, a helper, or staff who write down what they were told."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes import labels
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.permissions import is_helper_of, may_see

from .. import notices
from ..desks import area_of, first_desk
from ..models import Request, RequestPreset
from ..permissions import may_handle, may_raise
from .steps import WHY, Move, begin, said, set_dates, write

Channel, Priority = Request.Channel, Request.Priority
OWN = (Channel.ONLINE, Channel.HELPER)


@as_program(WHY)
@transaction.atomic
def receive(
    preset_id: int,
    retiree_id: int | None,
    *,
    words: str,
    by: User,
    channel: str = Channel.ONLINE,
    organisation_id: int | None = None,
    item: str = "",
    wanted_desk: str | None = None,
    is_urgent: bool = False,
    is_private: bool = False,
    wants_call: bool = False,
    caller: str = "",
    caller_phone: str = "",
    form_key: UUID | None = None,
    at: datetime | None = None,
) -> Request:
    """Write a request down and lay it on its first desk, which is told. Returns it.

    `organisation_id`: for whom `by` writes it down; None for the person and helpers, who leave `channel` alone.
    `wanted_desk`: a RequestPreset.Desk, "" for the organisation that took it, None for what the preset says.
    `caller`: of whoever nobody knows, with `retiree_id` None. `words` may be empty where the person wants to be
    called. `form_key`: sent again it returns the request made first. `at`: when it came in, now if left out.
    Raises PermissionDenied, RuleBroken: code "dead", "words_missing", "item", "caller_missing", "merged", "off".
    Source: docs/rules.md, Q1, Q2.
    """
    retiree = Retiree.objects.locked(retiree_id) if retiree_id is not None else None
    organisation = Organisation.objects.get(pk=organisation_id) if organisation_id is not None else None
    require(may_raise(by, retiree, organisation))
    if form_key is not None and (known := Request.objects.filter(form_key=form_key).first()) is not None:
        require(known.raised_by_id == by.pk)
        return known
    preset = RequestPreset.objects.get(pk=preset_id)
    words = said(words)
    _check(preset, retiree, words=words, item=item, wants_call=wants_call, caller=caller)
    if organisation is None:
        channel = Channel.HELPER if retiree is not None and is_helper_of(by, retiree) else Channel.ONLINE
        require(bool(preset.asked_as))
    request = Request(
        preset=preset,
        retiree=retiree,
        caller_name="" if retiree is not None else caller.strip()[:40],
        caller_phone="" if retiree is not None else caller_phone,
        item=item,
        channel=channel,
        priority=Priority.URGENT if is_urgent or preset.is_urgent else Priority.NORMAL,
        is_private=is_private or preset.is_private,
        wants_call=wants_call,
        raised_by=by,
        taken_for=organisation,
        received_at=at or timezone.now(),
        form_key=form_key,
    )
    request.desk = _desk(request, wanted_desk)
    request.area_id = area_of(retiree, request.desk, organisation)
    set_dates(request, request.received_at)
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:  # of a caller nobody knows there is no person to lock: the other page came first
        return Request.objects.get(form_key=form_key, raised_by=by)
    write(request, Move.RECEIVED, by=by, words=words, at=request.received_at)
    notices.arrived(request)
    notices.received(request)
    return request


def _check(
    preset: RequestPreset, retiree: Retiree | None, *, words: str, item: str, wants_call: bool, caller: str
) -> None:
    if not preset.is_active:
        raise RuleBroken(f"“{preset.name}”已经停用，请换一类再登记。", code="off")
    if retiree is None and not caller.strip():
        raise RuleBroken("请填写来电人怎么称呼，例如“一位姓王的老同志”。", code="caller_missing")
    if retiree is not None and retiree.died_on is not None:
        raise RuleBroken(f"{retiree.name}同志已登记去世，不能再登记需求。", code="dead")
    if not words and not wants_call:
        raise RuleBroken("请写几句需要什么，或者选“请打电话给我”。", code="words_missing")
    if item and not labels.is_known(preset.catalogue, item):
        raise RuleBroken("没有这个事项，请从列表里选。", code="item")


def _desk(request: Request, wanted: str | None) -> Organisation:
    preset = request.preset
    if wanted is None:
        wanted = preset.first_desk
    if request.is_private and wanted == RequestPreset.Desk.UNIT:
        wanted = RequestPreset.Desk.COMMUNITY
    desk = first_desk(wanted, request.retiree, request.taken_for)
    if request.is_private and desk.kind == Organisation.Kind.UNIT:
        raise RuleBroken("心里话不交给单位。请选由社区或老干部局来办。", code="private_to_unit")
    return desk


@as_program(WHY)
@transaction.atomic
def link(request_id: int, retiree_id: int, *, by: User) -> Request:
    """Say who the caller nobody knew is. Repeating it changes nothing.

    Raises Request.DoesNotExist, PermissionDenied, RuleBroken (somebody else is named already, dead).
    """
    retiree = Retiree.objects.locked(retiree_id)
    if Request.objects.filter(pk=request_id, retiree__isnull=False).exclude(retiree=retiree).exists():
        raise RuleBroken("这件事已经记在另一位老同志名下，请刷新后再看。", code="linked")
    request = begin(request_id)
    require(may_handle(by, request) and may_see(by, retiree))
    if request.retiree_id == retiree_id:
        return request
    if retiree.died_on is not None:
        raise RuleBroken(f"{retiree.name}同志已登记去世，请核对是不是同一位。", code="dead")
    request.retiree, request.caller_name, request.caller_phone = retiree, "", ""
    write(request, Move.LINKED, by=by, fields=["retiree", "caller_name", "caller_phone"])
    return request
