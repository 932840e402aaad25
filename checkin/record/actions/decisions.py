from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from checkin.record import clock, periods
from checkin.record.lists import warnings_of
from checkin.record.models import Act, CheckIn, EndReason, State
from checkin.record.permissions import may_receive, may_return, may_verify
from communities.calendar.periods import moment
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from members.people import actions as people
from members.people.fields import missing_for_confirmation
from members.people.models import Retiree

from .drafts import take_community
from .steps import Move, already, begin, finish, refuse_done, refuse_stale

MOST_AT_ONCE = 50


@transaction.atomic
def verify(checkin_id: int, *, by: User, version: int | None = None, words: str = "") -> CheckIn:
    """The unit vouches: this is one of ours (是本单位). Somebody not on its roster is entered there.

    Repeating by the same person changes nothing; by a colleague it tells who did it. Source: docs/rules.md, C7.
    """
    checkin = begin(checkin_id)
    require(may_verify(by, checkin))
    if checkin.state == State.VERIFIED:
        if already(checkin, by, Move.VERIFIED):
            return checkin
        refuse_done(checkin, State.VERIFIED)
    refuse_stale(checkin, version)
    checkin.move(Act.VERIFY)
    if checkin.unit is not None:
        people.confirm_standing(checkin.retiree_id, unit_id=checkin.unit.pk, by=by)
        checkin.retiree.refresh_from_db()
    checkin.verified_at = timezone.now()
    clock.start(checkin, checkin.verified_at)
    finish(checkin, Move.VERIFIED, by=by, from_state=State.SUBMITTED, words=words)
    return checkin


@transaction.atomic
def return_to_person(
    checkin_id: int, *, by: User, reason: str, words: str = "", version: int | None = None
) -> CheckIn:
    """Ask the person to add or mend something, with a coded reason and words; the clock of the person starts.

    It stays on the desk that returned it, so that somebody keeps asking. Source: docs/rules.md, C10.
    """
    checkin = begin(checkin_id)
    require(may_return(by, checkin))
    if checkin.state == State.RETURNED:
        if already(checkin, by, Move.RETURNED):
            return checkin
        refuse_done(checkin, State.RETURNED)
    refuse_stale(checkin, version)
    if not reason:
        raise RuleBroken("请选退回的原因，老同志才知道要补什么。")
    before = State(checkin.state)
    checkin.move(Act.RETURN)
    checkin.return_reason, checkin.return_words = reason, words
    clock.start(checkin, timezone.now())
    finish(checkin, Move.RETURNED, by=by, from_state=before, reason=reason, words=words)
    return checkin


def forward(
    checkin_id: int, *, by: User, community_id: int, words: str = "", version: int | None = None
) -> CheckIn:
    """Not ours: hand it to the right community. The clock starts again there, the history stays.

    Repeating by the same person changes nothing. Source: docs/rules.md, C11.
    """
    return _send_on(
        checkin_id, Move.FORWARDED, by=by, community_id=community_id, words=words, version=version
    )


def place(
    checkin_id: int, *, by: User, community_id: int, words: str = "", version: int | None = None
) -> CheckIn:
    """The street or bureau found the community of somebody who asked for it (请社区帮我找).

    Repeating by the same person changes nothing. Source: docs/rules.md, C6.
    """
    return _send_on(checkin_id, Move.PLACED, by=by, community_id=community_id, words=words, version=version)


@transaction.atomic
def _send_on(
    checkin_id: int, move: Move, *, by: User, community_id: int, words: str, version: int | None
) -> CheckIn:
    checkin = begin(checkin_id)
    sent_before = checkin.community_id == community_id and already(checkin, by, move)
    require(sent_before or may_receive(by, checkin))
    if sent_before:
        return checkin
    refuse_stale(checkin, version)
    if move == Move.PLACED and checkin.community is not None:
        raise RuleBroken(f"已经分到{checkin.community}，不用再分。请刷新后再看。")
    if move == Move.FORWARDED and checkin.waits_for_place:
        raise RuleBroken("还没有分到社区，请用“分到社区”。")
    checkin.move(Act.SEND_ON)
    if checkin.community_id == community_id:
        raise RuleBroken("已经在这个社区，请选别的社区。")
    before = {"community": checkin.community_id}
    take_community(checkin, community_id)
    clock.start(checkin, timezone.now())
    finish(
        checkin,
        move,
        by=by,
        from_state=State.VERIFIED,
        words=words,
        before=before,
        after={"community": community_id},
    )
    return checkin


@transaction.atomic
def confirm(
    checkin_id: int,
    *,
    by: User,
    version: int | None = None,
    contact: str = "",
    phone: str = "",
    incomplete_because: str = "",
) -> CheckIn:
    """The community accepts (接收): the person is checked in, and a check-in elsewhere ends in the same act.

    `contact`, `phone`: who looks after the person; the clerk and the community's phone if left out. What the
    person declared becomes the person's data now. When data that a confirmation needs is missing,
    `incomplete_because` says why it is accepted all the same. Repeating by the same person changes nothing;
    a colleague reads who did it and when. Source: docs/rules.md, C13, C14.
    """
    checkin = begin(checkin_id)
    require(may_receive(by, checkin))
    if checkin.state == State.CONFIRMED:
        if already(checkin, by, Move.CONFIRMED):
            return checkin
        refuse_done(checkin, State.CONFIRMED)
    refuse_stale(checkin, version)
    if checkin.community is None:
        raise RuleBroken("还没有分到社区，不能确认。请先选社区。")
    checkin.move(Act.CONFIRM)
    missing = [title for _, title in missing_for_confirmation(checkin.retiree)]
    if missing and not incomplete_because:
        raise RuleBroken(f"还缺：{'、'.join(missing)}。请先补上；确实补不了，请写明原因。")
    now = timezone.now()
    _end_previous(checkin, by=by)
    checkin.confirmed_at, checkin.confirmed_by = now, by
    checkin.community_contact = contact or by.display_name
    checkin.community_phone = phone or checkin.community.phone
    _settle(checkin, by=by)
    finish(
        checkin,
        Move.CONFIRMED,
        by=by,
        from_state=State.VERIFIED,
        words=incomplete_because if missing else "",
        after={"community": checkin.community_id, "contact": checkin.community_contact},
    )
    return checkin


def _settle(checkin: CheckIn, *, by: User) -> None:
    """Make what the person declared the person's residence and data."""
    assert checkin.community is not None
    people.set_residence(
        checkin.retiree_id,
        residence_id=checkin.community.division_id,
        address=checkin.address,
        elsewhere=_elsewhere(checkin),
        declared=checkin.declared,
        by=by,
    )


def _elsewhere(checkin: CheckIn) -> str:
    """In or out of the province, for a community outside the city; "" for one inside."""
    if checkin.community is None or checkin.community.division_id is not None:
        return ""
    assert checkin.area is not None
    province = Division.objects.get(code=checkin.area.code[:2].ljust(12, "0"))
    within = checkin.community.region.startswith(province.name[:2])
    return Retiree.Elsewhere.PROVINCE if within else Retiree.Elsewhere.OUTSIDE


def _end_previous(checkin: CheckIn, *, by: User) -> None:
    """End the check-in that is in force elsewhere: one person, one community."""
    for old in CheckIn.objects.select_related("community", "unit").filter(
        retiree=checkin.retiree, state=State.CONFIRMED
    ):
        old.retiree = checkin.retiree
        old.move(Act.END)
        old.ended_at, old.end_reason = timezone.now(), EndReason.MOVED
        finish(old, Move.ENDED, by=by, from_state=State.CONFIRMED, reason=EndReason.MOVED)
        checkin.previous = old


@dataclass(frozen=True)
class Outcome:
    """What became of one item of a batch: `refusal` is empty when it was confirmed."""

    checkin_id: int
    refusal: str


def confirm_many(checkin_ids: list[int], *, by: User) -> list[Outcome]:
    """Confirm up to 50 at once, each on its own: one that is refused does not hold up the others.

    One that somebody should look at first (lists.warnings_of) is refused, judged under the person's lock.
    Outcomes in the order asked. Repeating is safe. Source: docs/rules.md, C15.
    """
    if len(checkin_ids) > MOST_AT_ONCE:
        raise RuleBroken(f"一次最多确认 {MOST_AT_ONCE} 件，请分几次。")
    outcomes = []
    for checkin_id in checkin_ids:
        try:
            _confirm_sure(checkin_id, by=by)
        except RuleBroken as refused:
            outcomes.append(Outcome(checkin_id, refused.message))
        except (PermissionDenied, CheckIn.DoesNotExist):
            outcomes.append(Outcome(checkin_id, "这一件不归您办理。"))
        else:
            outcomes.append(Outcome(checkin_id, ""))
    return outcomes


@transaction.atomic
def _confirm_sure(checkin_id: int, *, by: User) -> None:
    checkin = begin(checkin_id)
    require(may_receive(by, checkin))
    if checkin.state == State.VERIFIED and (doubts := warnings_of(checkin)):
        raise RuleBroken(f"要单独核对：{'、'.join(doubts)}")
    confirm(checkin_id, by=by)


@transaction.atomic
def undo_confirm(checkin_id: int, *, by: User, version: int | None = None, words: str = "") -> CheckIn:
    """Take a confirmation back within 24 hours; a check-in that it ended is in force again. Source: C16.

    The community's clock runs on from where it started, so undoing wins no time.
    """
    checkin = begin(checkin_id)
    require(may_receive(by, checkin))
    if checkin.state == State.VERIFIED and already(checkin, by, Move.UNDONE):
        return checkin
    refuse_stale(checkin, version)
    confirmed_at = checkin.confirmed_at
    checkin.move(Act.UNDO)
    assert confirmed_at is not None
    if timezone.now() > moment(periods.UNDO, confirmed_at):
        raise RuleBroken("确认已超过可以撤销的时间。确需更正，请办理终止或迁出。")
    checkin.confirmed_at = checkin.confirmed_by = None
    clock.set_dates(checkin)
    finish(checkin, Move.UNDONE, by=by, from_state=State.CONFIRMED, words=words)
    if checkin.previous is not None:
        _restore_previous(checkin.previous, by=by)
    return checkin


def _restore_previous(old: CheckIn, *, by: User) -> None:
    """Put the check-in that a move ended back in force; its community may have closed meanwhile."""
    old = CheckIn.objects.select_related("community__successor", "unit", "retiree").get(pk=old.pk)
    if old.state != State.ENDED or old.end_reason != EndReason.MOVED:
        return
    assert old.community is not None
    if old.community.closed_on is not None and old.community.successor is not None:
        old.community = Organisation.objects.select_related("division").get(pk=old.community.successor.pk)
        old.area = old.community.division
    old.move(Act.RESTORE)
    old.ended_at, old.end_reason = None, ""
    finish(old, Move.RESTORED, by=by, from_state=State.ENDED)
    _settle(old, by=User.objects.system())  # the clerk who undoes works for the other community
