"""What makes a visit due by hand: how closely somebody is looked after, what happened, who is around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from communities.calendar.days import add_working_days
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require

from ..making import make_due, responsible
from ..models import Attention, CareClass, CareNote, CarePreset, CareSeat, CareTeam, Obligation
from ..permissions import may_plan
from .steps import Ended, end, living, office_of, preset_of, record

Mode = CarePreset.Mode


@transaction.atomic
def set_class(retiree_id: int, attention: Attention | str, *, by: User, why: str, office: int) -> CareClass:
    """Say how closely somebody is looked after, and why (sealed, read by `office` only). The same again is once.

    Lines of the class before are over; the new interval counts from today, or from the last visit if that is
    today. A line made by the nightly job meanwhile waits for this or this for it. Raises PermissionDenied, RuleBroken.
    Source: docs/rules.md, V3.
    """
    retiree = living(retiree_id)
    require(may_plan(by, retiree))
    if not why.strip():
        raise RuleBroken("请写明为什么这样分级，只有本单位看得到。", code="why_missing")
    before = CareClass.objects.select_for_update().filter(retiree=retiree, ended_on=None).first()
    if before is not None and before.attention == attention:
        return before
    today = timezone.localdate()
    if before is not None:
        before.ended_on, before.ended_reason = today, Ended.CLASS
        before.save(update_fields=["ended_on", "ended_reason"])
    end(Obligation.objects.filter(retiree=retiree, preset__mode=Mode.CARE_CLASS), Ended.CLASS)
    made = CareClass.objects.create(
        retiree=retiree, attention=attention, since=today, set_by=by, organisation_id=office
    )
    CareNote.objects.create(
        organisation_id=office, care_class=made, words=why.strip()[:300], written_at=timezone.now()
    )
    make_due(retiree_id=retiree.pk)
    record(
        "care.classed", retiree, by=by, office=office,
        after={"attention": str(attention), "before": before.attention if before else ""},
    )  # fmt: skip
    return made


@transaction.atomic
def note_occasion(
    retiree_id: int, key: str, *, by: User, on: date, words: str = "", office: int
) -> Obligation:
    """Something happened (住院, 家庭变故 …): a visit is due within the working days its preset says.

    `on`: the day, today or up to 30 days ago. `words`: sealed, read by who visits. The same occasion on the same
    day is once. Raises PermissionDenied, RuleBroken. Source: docs/rules.md, V4.
    """
    retiree = living(retiree_id)
    require(may_plan(by, retiree))
    preset = preset_of(key, Mode.OCCASION)
    today = timezone.localdate()
    if not 0 <= (today - on).days <= 30:
        raise RuleBroken("日期请填今天或者最近30天以内的。", code="day")
    who = responsible(retiree.pk, preset.pk)
    obligation, is_new = Obligation.objects.get_or_create(
        retiree=retiree,
        preset=preset,
        period=str(on),
        defaults={
            "organisation_id": who,
            "opened_on": on,
            "due_on": add_working_days(today, preset.working_days).day,
        },
    )
    if is_new:
        if words.strip() and who == office:  # another side's words about health do not travel
            CareNote.objects.create(
                organisation_id=who,
                obligation=obligation,
                words=words.strip()[:300],
                written_at=timezone.now(),
            )
        record("care.occasion_noted", retiree, by=by, office=office, after={"preset": preset.key})
    return obligation


@dataclass(frozen=True)
class Seat:
    """Who takes a seat; no `name` leaves it empty."""

    name: str = ""
    post: str = ""
    phone: str = ""


@transaction.atomic
def seat_team(retiree_id: int, key: str, seats: Sequence[Seat], *, by: User) -> CareTeam:
    """Write down who is around somebody, in the order of the preset's seats. Empty seats stand on a list.

    The first time forms the team, and what depends on it becomes due. The same again changes nothing.
    Raises PermissionDenied, RuleBroken. Source: docs/rules.md, V6.
    """
    retiree = living(retiree_id)
    require(may_plan(by, retiree))
    preset = preset_of(key, Mode.TEAM)
    team, is_new = CareTeam.objects.get_or_create(
        retiree=retiree, preset=preset, ended_on=None, defaults={"formed_on": timezone.localdate()}
    )
    known = {seat.place: seat for seat in team.seats.all()}
    changed = []
    for place, title in enumerate(preset.seat_names, start=1):
        given = seats[place - 1] if place <= len(seats) else Seat()
        seat = known.get(place) or CareSeat(team=team, place=place, title=title)
        values = (given.name.strip()[:30], given.post.strip()[:60], given.phone.strip()[:20])
        if seat.pk is None or (seat.name, seat.post, seat.phone) != values:
            seat.name, seat.post, seat.phone = values
            seat.save()
            changed.append(title)
    if is_new:
        make_due(retiree_id=retiree.pk)
    if changed:
        office = office_of(by)
        record("care.seated", retiree, by=by, office=office, after={"preset": preset.key, "seats": changed})
    return team


@transaction.atomic
def end_team(team_id: int, *, by: User) -> CareTeam:
    """The team is over; the visits it makes due too. Twice is once. Raises PermissionDenied."""
    retiree = living(CareTeam.objects.values_list("retiree_id", flat=True).get(pk=team_id))
    team = CareTeam.objects.select_related("preset").get(pk=team_id)
    retiree.check_has(team)
    require(may_plan(by, retiree))
    if team.ended_on is not None:
        return team
    team.ended_on, team.ended_reason = timezone.localdate(), Ended.TEAM
    team.save(update_fields=["ended_on", "ended_reason"])
    end(Obligation.objects.filter(retiree=retiree, preset__team=team.preset.key), Ended.TEAM)
    record("care.team_ended", retiree, by=by, office=office_of(by), after={"preset": team.preset.key})
    return team
