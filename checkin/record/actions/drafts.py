from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from checkin.record import clock, consent, desks, registry
from checkin.record.models import Act, Channel, CheckIn, NumberSeries, State
from checkin.record.permissions import may_edit, may_start
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.permissions import may_act_for

from .steps import Move, already, begin, finish, lock_person, refuse_done, refuse_stale

DECLARED = (
    "living_situation",
    "health",
    "mobility",
    "skills",
    "interests",
    "needs",
    "joins_community_party_life",
)


@as_program("a community starts for whoever asks it, wherever they are from")
@transaction.atomic
def start(retiree_id: int, *, by: User, channel: Channel | None = None) -> CheckIn:
    """The open draft of a retiree, a new one if there is none.

    `channel`: left out for the person (online) and for a helper (family). A confirmed check-in elsewhere stays
    in force and is named as `previous`: confirming the new one ends it (搬家). Repeating returns the same draft.
    Raises RuleBroken when a request is under way or the person has died. Source: docs/rules.md, C2, C12.
    """
    retiree = lock_person(retiree_id)
    require(may_start(by, retiree))
    helper = retiree.helpers.filter(user=by, ended_at=None).first()
    if may_act_for(by, retiree):
        channel = Channel.FAMILY if helper else Channel.ONLINE
    if channel is None:
        raise PermissionDenied  # staff say whether it was the counter, the phone or a visit
    if retiree.died_on is not None:
        raise RuleBroken(f"{retiree.name}同志已登记去世，不能办理报到。如有错误，请联系原单位更正。")
    open_request = CheckIn.objects.open().filter(retiree=retiree).select_related("community").first()
    if open_request is not None:
        if open_request.state == State.DRAFT:
            return open_request
        raise RuleBroken(
            f"{retiree.name}同志已有一件报到正在办理（{open_request.number}，"
            f"{open_request.get_state_display()}），不用再报一次。"
        )
    now = timezone.now()
    checkin = CheckIn(
        retiree=retiree,
        channel=channel,
        unit=desks.unit_of(retiree),
        previous=CheckIn.objects.filter(retiree=retiree, state=State.CONFIRMED).first(),
        helper=helper,
        created_by=by,
        created_at=now,
        address=retiree.residence_address,
    )
    checkin.version = 0  # finish() counts the first save
    finish(checkin, Move.STARTED, by=by, from_state="", tell=False)
    return checkin


@transaction.atomic
def write_down(checkin_id: int, *, by: User, version: int | None = None, **fields: Any) -> CheckIn:
    """Keep what was filled in so far of a draft or a returned request; saved at once, so nothing is lost.

    `fields`: address, remarks, data_correct, community_id, area_id, and the keys of DECLARED (None removes one).
    Not an event of its own: the submission records what was said in the end. Raises RuleBroken once submitted.
    """
    checkin = begin(checkin_id)
    require(may_edit(by, checkin))
    if checkin.state not in (State.DRAFT, State.RETURNED):
        raise RuleBroken("已经提交，不能再改。社区确认前可以先撤回，再重新填写。")
    refuse_stale(checkin, version)
    for name in ("address", "remarks", "data_correct"):
        if name in fields:
            setattr(checkin, name, fields.pop(name))
    if "community_id" in fields:
        take_community(checkin, fields.pop("community_id"))
    if "area_id" in fields:
        area_id = fields.pop("area_id")
        if checkin.community is None:
            checkin.area = Division.objects.get(pk=area_id) if area_id else None
    unknown = set(fields) - set(DECLARED)
    if unknown:
        raise TypeError(f"write_down has no field {', '.join(sorted(unknown))}")
    checkin.declared = {k: v for k, v in {**checkin.declared, **fields}.items() if v not in (None, "", [])}
    checkin.version += 1
    checkin.save()
    return checkin


def take_community(checkin: CheckIn, community_id: int | None) -> None:
    """Take the community, and with it the area; None leaves the finding to the street or bureau."""
    if community_id is None:
        checkin.community = None
        return
    community = Organisation.objects.select_related("division").get(pk=community_id)
    if community.kind not in (Organisation.Kind.COMMUNITY, Organisation.Kind.EXTERNAL_COMMUNITY):
        raise RuleBroken("请选一个社区（村）。")
    if community.closed_on is not None:
        raise RuleBroken(f"{community.name}已经撤销，请另选社区。")
    checkin.community = community
    checkin.area = community.division


@transaction.atomic
def submit(checkin_id: int, *, by: User, version: int | None = None, consented: bool = False) -> CheckIn:
    """Hand a draft, or a returned request, to the unit and the community, and give it its number.

    A person on the roster who found nothing wrong is verified at once (名册相符); anyone else waits for the unit.
    `consented`: the person agreed to consent.LINES, now. Repeating by the same person changes nothing.
    Raises RuleBroken when address, place or consent is missing, or the place did not change in a move.
    Source: docs/rules.md, C3, C4.
    """
    checkin = begin(checkin_id)
    require(may_edit(by, checkin))
    if checkin.state in (State.SUBMITTED, State.VERIFIED):
        if already(checkin, by, Move.SUBMITTED, Move.RESUBMITTED, Move.AUTO_VERIFIED):
            return checkin
        if _submitted_by(checkin, by):
            return checkin
        refuse_done(checkin, State(checkin.state))
    refuse_stale(checkin, version)
    before = State(checkin.state)
    checkin.move(Act.SUBMIT)
    _require_complete(checkin, consented)
    now = timezone.now()
    if consented:
        checkin.consent_text, checkin.consented_at = consent.VERSION, now
    if not checkin.number:
        checkin.number = next_number(timezone.localtime(now).year)
    if checkin.area is None:
        checkin.area = _area_of_unit(checkin)
    checkin.submitted_at = now
    first = before == State.DRAFT
    clock.start(checkin, now)
    verified_before = checkin.verified_at is not None and checkin.data_correct is not False
    auto = verified_before or matches_roster(checkin)
    finish(
        checkin,
        Move.SUBMITTED if first else Move.RESUBMITTED,
        by=by,
        from_state=before,
        words=checkin.remarks[:300],
        after={"address": checkin.address, "community": checkin.community_id, "declared": checkin.declared},
        tell=not auto,
    )
    for follow in registry.on_declared:
        follow(checkin, by)
    if auto:
        auto_verify(checkin)
    return checkin


def _submitted_by(checkin: CheckIn, by: User) -> bool:
    last = checkin.events.filter(move__in=(Move.SUBMITTED, Move.RESUBMITTED)).order_by("-pk").first()
    return last is not None and last.actor_id == by.pk


def matches_roster(checkin: CheckIn) -> bool:
    """Whether the unit has nothing to check: it vouches for the person, who found nothing wrong in its data."""
    unit = checkin.unit
    return (
        checkin.retiree.standing == Retiree.Standing.ROSTER
        and checkin.data_correct is not False
        and unit is not None
        and unit.kind != Organisation.Kind.EXTERNAL_UNIT
    )


def auto_verify(checkin: CheckIn) -> None:
    """Verify in the unit's name, because its own roster says so. Call with the person locked."""
    checkin.move(Act.VERIFY)
    checkin.verified_at = checkin.submitted_at
    assert checkin.submitted_at is not None
    clock.start(checkin, checkin.submitted_at)
    finish(checkin, Move.AUTO_VERIFIED, by=User.objects.system(), from_state=State.SUBMITTED)


def _require_complete(checkin: CheckIn, consented: bool) -> None:
    if not checkin.address.strip():
        raise RuleBroken("还没有填现在的住址，请先填住址。")
    if checkin.community is None and checkin.area is None:
        raise RuleBroken("还没有选社区。不知道是哪个社区，请选区市，再点“请社区帮我找”。")
    if not consented and not checkin.consent_text:
        raise RuleBroken("请先看同意书，并勾选“我同意”。")
    previous = checkin.previous
    if (
        previous is not None
        and previous.state == State.CONFIRMED
        and previous.community_id == checkin.community_id
    ):
        raise RuleBroken(f"您已经在{previous.community}报到，社区没有变，不用再报。")


def _area_of_unit(checkin: CheckIn) -> Division | None:
    """For somebody living outside the city: the request is counted where the unit is."""
    return checkin.unit.division if checkin.unit else None


def next_number(year: int) -> str:
    """The next number of `year`, FX-2026-000001. The year's row is locked until COMMIT; numbers have no gaps."""
    NumberSeries.objects.get_or_create(year=year)
    series = NumberSeries.objects.select_for_update().get(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return str(series)
