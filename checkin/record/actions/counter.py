import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from checkin.record import photos
from checkin.record.models import Channel, CheckIn, ConsentPaper, State
from checkin.record.permissions import may_receive, may_verify
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program

from .decisions import confirm, verify
from .drafts import start, submit, write_down


@as_program("whoever stands at the counter may be of any unit and any place")
@transaction.atomic
def register(
    retiree_id: int,
    *,
    by: User,
    channel: Channel,
    community_id: int,
    address: str,
    paper: bytes | None = None,
    **declared: Any,
) -> CheckIn:
    """The counter twin of the online steps (线下登记): one act from nothing to the receipt.

    The same record by the same steps; when the community is the clerk's own and the roster agrees, it ends
    confirmed, because the person stands at the counter with the paper. Otherwise it waits where it belongs.
    `channel`: counter, phone or home_visit; `declared` as for write_down. The consent paper is signed before;
    `paper` is its photograph as photos.clean gives it. All or nothing, but for the file of the photograph: it
    is written before its row, and after a rollback it stays behind as a harmless orphan that no row names.
    Raises RuleBroken when a request is already under way, saying where. Source: C19.
    """
    if channel not in (Channel.COUNTER, Channel.PHONE, Channel.HOME_VISIT):
        raise RuleBroken("请选来访方式：到场、电话或上门。")
    checkin = start(retiree_id, by=by, channel=channel)
    if checkin.created_by_id != by.pk or checkin.channel != channel:
        checkin.channel, checkin.created_by = channel, by
        checkin.save(update_fields=["channel", "created_by"])
    write_down(checkin.pk, by=by, community_id=community_id, address=address, **declared)
    checkin = submit(checkin.pk, by=by, consented=True)
    if checkin.state == State.SUBMITTED and may_verify(by, checkin):
        checkin = verify(checkin.pk, by=by)
    if checkin.state == State.VERIFIED and may_receive(by, checkin):
        checkin = confirm(checkin.pk, by=by, incomplete_because="窗口登记，资料随后补齐")
    if paper is not None:
        _add_paper(checkin, paper, by)
    return checkin


def _add_paper(checkin: CheckIn, content: bytes, by: User) -> None:
    """File the photograph with `checkin`: the file first, then the row that names it."""
    ConsentPaper.objects.create(
        checkin=checkin,
        file_name=photos.store(content),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        uploaded_by=by,
        uploaded_at=timezone.now(),
    )
