from datetime import date

from django.db import transaction
from django.utils import timezone

from checkin.record import clock, consent
from checkin.record.models import Act, Ceremony, Channel, CheckIn, State
from checkin.record.permissions import may_hold_ceremony
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree
from members.units.models import UnitMembership

from .drafts import auto_verify, next_number, take_community
from .steps import Move, finish, lock_person


@transaction.atomic
def hold_ceremony(
    unit_id: int, *, by: User, held_on: date, people: list[tuple[int, int, str]], place: str = ""
) -> Ceremony:
    """A retirement ceremony (荣退+报到): hand over everyone retiring that day to their communities, in one act.

    `people`: (retiree id, community id, address) each. All or none: the refusal names everyone who cannot be
    handed over and why. The check-in date is the day of the ceremony; the communities confirm afterwards.
    Holding it again with the same people adds nothing; with more people adds them. Source: docs/rules.md, C27.
    """
    unit = Organisation.objects.select_for_update(no_key=True).get(pk=unit_id)
    require(may_hold_ceremony(by, unit))
    if held_on > timezone.localdate():
        raise RuleBroken("仪式还没有到日子，请在当天或之后办理。")
    ceremony, is_new = Ceremony.objects.get_or_create(
        unit=unit, held_on=held_on, defaults={"place": place, "created_by": by}
    )
    # Everyone is locked, in order, before the first number is taken: a submission takes them the same way round.
    rows = [
        (lock_person(retiree_id), community_id, address)
        for retiree_id, community_id, address in sorted(people)
    ]
    verdicts = [(retiree, _why_not(retiree, unit, ceremony)) for retiree, _, _ in rows]
    troubles = [f"{retiree.name}：{trouble}" for retiree, trouble in verdicts if trouble]
    if troubles:
        raise RuleBroken("还不能一次办理，请先处理：" + "；".join(troubles))
    for (retiree, community_id, address), (_, verdict) in zip(rows, verdicts, strict=True):
        if verdict is None:
            _hand_over(retiree, unit, ceremony, community_id=community_id, address=address, by=by)
    if is_new:
        audit.record("ceremony.held", ceremony, by=by, organisation_id=unit.pk, after={"people": len(people)})
    return ceremony


def _why_not(retiree: Retiree, unit: Organisation, ceremony: Ceremony) -> str | None:
    """None: hand over. "": handed over before at this ceremony. Else the reason why not."""
    if retiree.died_on is not None:
        return "已登记去世"
    if not UnitMembership.objects.open().filter(retiree=retiree, unit=unit).exists():
        return "不在本单位名册"
    standing = CheckIn.objects.filter(retiree=retiree, state__in=(*CheckIn.OPEN, State.CONFIRMED)).exclude(
        state=State.DRAFT
    )
    if standing.filter(ceremony=ceremony).exists():
        return ""
    other = standing.first()
    return None if other is None else f"已有报到 {other.number}（{other.get_state_display()}）"


def _hand_over(
    retiree: Retiree, unit: Organisation, ceremony: Ceremony, *, community_id: int, address: str, by: User
) -> None:
    now = timezone.now()
    checkin = CheckIn.objects.filter(retiree=retiree, state=State.DRAFT).first()
    if checkin is None:
        checkin = CheckIn(retiree=retiree, created_at=now, version=0)
    checkin.retiree = retiree
    checkin.channel = Channel.CEREMONY
    checkin.created_by = by
    checkin.unit = unit
    checkin.ceremony = ceremony
    checkin.address = address or retiree.residence_address
    checkin.data_correct = True
    take_community(checkin, community_id)
    checkin.move(Act.SUBMIT)
    checkin.consent_text, checkin.consented_at = consent.VERSION, now
    checkin.number = next_number(ceremony.held_on.year)
    checkin.submitted_at = now
    clock.start(checkin, now)
    finish(
        checkin,
        Move.SUBMITTED,
        by=by,
        from_state=State.DRAFT,
        words=f"荣退仪式 {ceremony.held_on}",
        tell=False,
    )
    auto_verify(checkin)
