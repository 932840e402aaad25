import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.display import words
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.party.models import PartyAffiliation, PartyOrganisation
from services.activities import notices
from services.activities.dates import starts_of
from services.activities.models import Activity, ActivityPreset, Participation, Series, Venue
from services.activities.permissions import may_organise, may_run

from .steps import (
    ENTERED_UNTIL,
    EVERYBODY,
    State,
    Way,
    Why,
    lock,
    lock_all,
    move_up,
    recount,
    refuse_cancelled,
)

Audience = Activity.Audience
LONGEST = timedelta(hours=14)


@dataclass(frozen=True)
class Plan:
    """What the clerk filled in. `area_code`, `branch_id`: of the audience; `times` dates in the `rhythm`."""

    preset_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    audience: str
    place: str = ""
    area_code: str | None = None
    branch_id: int | None = None
    venue_id: int | None = None
    places: int | None = None
    age_from: int | None = None
    age_to: int | None = None
    contact: str = ""
    words: str = ""
    link: str = ""
    rhythm: str = ""
    times: int = 1
    despite_clash: bool = False


@transaction.atomic
def create(organiser_id: int, plan: Plan, *, by: User) -> list[Activity]:
    """Announce an activity, or a series of them; members of a branch are expected at its 组织生活 without signing up.

    The same title at the same time again returns what is there. Raises Organisation.DoesNotExist, PermissionDenied,
    RuleBroken (times, audience, places, branch, hall taken). Source: docs/rules.md, T1, T2, T8.
    """
    organiser = (
        Organisation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("division")
        .get(pk=organiser_id)
    )
    require(may_organise(by, organiser))
    known = _known(organiser, plan)
    if known:
        return known
    preset = ActivityPreset.objects.get(pk=plan.preset_id, is_active=True)
    venue = _venue(plan.venue_id)
    _check(organiser, preset, plan, venue)
    starts = starts_of(plan.starts_at, plan.rhythm, plan.times) if plan.rhythm else [plan.starts_at]
    if venue is not None and not plan.despite_clash:
        refuse_taken(venue, [(start, start + (plan.ends_at - plan.starts_at)) for start in starts])
    series = None
    if len(starts) > 1:
        series = Series.objects.create(
            preset=preset, organiser=organiser, title=plan.title.strip(), rhythm=plan.rhythm
        )
    made = [
        _make(organiser, preset, plan, venue, series, number, start, by)
        for number, start in enumerate(starts, 1)
    ]
    audit.record_each(
        "activity.created", Activity, [row.pk for row in made], by=by, organisation_id=organiser.pk,
        after={"title": plan.title.strip(), "preset": preset.key},
    )  # fmt: skip
    return made


def _known(organiser: Organisation, plan: Plan) -> list[Activity]:
    first = Activity.objects.planned().filter(
        organiser=organiser, title=plan.title.strip(), starts_at=plan.starts_at
    )
    row = first.first()
    if row is None:
        return []
    return list(row.series.activities.order_by("number")) if row.series else [row]


def _venue(venue_id: int | None) -> Venue | None:
    """Locked, so that two clerks do not take the same hall at once."""
    if venue_id is None:
        return None
    rows = Venue.objects.select_related("keeper__division")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=venue_id, closed_on=None)


def _check(organiser: Organisation, preset: ActivityPreset, plan: Plan, venue: Venue | None) -> None:
    check_times(plan.starts_at, plan.ends_at)
    check_places(plan.places, venue)
    if not plan.title.strip() or not (plan.place.strip() or venue):
        raise RuleBroken("请填活动名称和地点。", code="empty")
    if plan.rhythm and not 1 < plan.times <= Series.MOST:
        raise RuleBroken(f"系列活动请填 2 到 {Series.MOST} 次。", code="times")
    if plan.age_from and plan.age_to and plan.age_from > plan.age_to:
        raise RuleBroken("年龄限制前一个数应不大于后一个数。", code="age")
    if preset.is_party and plan.audience != Audience.BRANCH:
        raise RuleBroken("组织生活由党支部开，对象请选支部。", code="branch")
    if plan.audience == Audience.BRANCH:
        branch = PartyOrganisation.objects.filter(pk=plan.branch_id or 0, host=organiser, closed_on=None)
        if not branch.exists():
            raise RuleBroken("请选本单位（社区）的一个党支部。", code="branch")
    if plan.audience == Audience.AREA and not _reaches(organiser, plan.area_code):
        raise RuleBroken("对象请选本社区、本街道或本区市。", code="area")


def _reaches(organiser: Organisation, code: str | None) -> bool:
    """A community invites its own, its street, its district; who oversees an area invites anywhere within it."""
    if organiser.kind not in Organisation.PLACE_KINDS or not code:
        return False
    own = str(organiser.division_id)
    if organiser.kind != Organisation.Kind.COMMUNITY and code.startswith(organiser.area):
        return Division.objects.filter(pk=code).exists()
    widths = (Division.PREFIX[Division.Level.DISTRICT], Division.PREFIX[Division.Level.STREET], 12)
    return code in {own[:width].ljust(12, "0") for width in widths}


def check_times(starts_at: datetime, ends_at: datetime) -> None:
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise RuleBroken("结束时间应在开始之后，当天结束。几天的活动请按系列分开。", code="times_in_order")
    if starts_at < timezone.now() - ENTERED_UNTIL:
        raise RuleBroken("60 天以前的活动不能再补登。", code="too_late")


def check_places(places: int | None, venue: Venue | None) -> None:
    if places == 0:
        raise RuleBroken("名额请填 1 以上；不限就不填。", code="places")
    if venue is not None and venue.capacity and places and places > venue.capacity:
        raise RuleBroken(
            f"{venue.name}只能容纳 {venue.capacity} 人，请把名额改少，或换个场所。", code="capacity"
        )


def refuse_taken(
    venue: Venue, spans: Sequence[tuple[datetime, datetime]], but: Activity | None = None
) -> None:
    """Raise RuleBroken when something else is on in the hall at one of the times."""
    at = Q(pk__in=[])
    for start, end in spans:
        at |= Q(starts_at__lt=end, ends_at__gt=start)
    rows = Activity.objects.planned().filter(at, venue=venue)
    found = list(rows.exclude(pk=but.pk if but else 0).order_by("starts_at")[:3])
    if found:
        named = "、".join(f"{words.stamp(row.starts_at)}“{row.title}”" for row in found)
        raise RuleBroken(
            f"{venue.name}那时已有活动：{named}。请改时间或换场所；确实可以同时办，请勾选“时间冲突也办”。",
            code="venue_taken",
        )


def _make(
    organiser: Organisation,
    preset: ActivityPreset,
    plan: Plan,
    venue: Venue | None,
    series: Series | None,
    number: int,
    starts_at: datetime,
    by: User,
) -> Activity:
    held_at = (venue.keeper if venue else organiser).division_id
    assert held_at is not None  # whoever has staff has a seat
    made = Activity.objects.create(
        preset=preset, title=plan.title.strip(), organiser=organiser, series=series, number=number, venue=venue,
        branch_id=plan.branch_id if plan.audience == Audience.BRANCH else None,
        place=plan.place.strip() or (f"{venue.address} {venue.name}" if venue else ""), division_id=held_at,
        starts_at=starts_at, ends_at=starts_at + (plan.ends_at - plan.starts_at), places=plan.places,
        audience=plan.audience, area_id=plan.area_code if plan.audience == Audience.AREA else None,
        age_from=plan.age_from, age_to=plan.age_to, contact=plan.contact.strip() or organiser.phone,
        words=plan.words.strip(), link=plan.link, code=_code(starts_at), token=secrets.token_urlsafe(16),
        created_by=by,
    )  # fmt: skip
    if preset.is_party:
        expect(made, by=by)
    return made


def _code(starts_at: datetime) -> str:
    """Six digits that no other activity around that time has."""
    around = (starts_at - timedelta(days=2), starts_at + timedelta(days=2))
    taken = set(Activity.objects.filter(starts_at__range=around).values_list("code", flat=True))
    while (code := f"{secrets.randbelow(1_000_000):06}") in taken:
        pass
    return code


def expect(activity: Activity, *, by: User) -> None:
    """Enter the members of the branch, and who takes part in it (参加多重组织生活), as expected (应到)."""
    with as_program("who belongs to a branch is expected at its meetings"):
        members = PartyAffiliation.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=activity.day),
            organisation=activity.branch_id, retiree__died_on=None, retiree__merged_into=None,
        )  # fmt: skip
        now = timezone.now()
        Participation.objects.bulk_create(
            (
                Participation(
                    activity=activity,
                    retiree_id=pk,
                    state=State.SIGNED,
                    way=Way.BRANCH,
                    since=now,
                    signed_by=by,
                )
                for pk in sorted(set(members.values_list("retiree", flat=True)))
            ),
            ignore_conflicts=True,
        )
    recount(activity)


@transaction.atomic
def change(
    activity_id: int,
    *,
    by: User,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    places: int | None,
    contact: str,
    words: str,
    despite_clash: bool = False,
) -> Activity:
    """Change one date. Who holds a place is told of another time or place; more places move the queue up.

    The same values again change nothing. Raises PermissionDenied, RuleBroken (over, cancelled, fewer places than
    taken, hall taken).
    """
    activity = lock(activity_id)
    require(may_run(by, activity))
    refuse_cancelled(activity)
    new = {
        "title": title.strip(), "starts_at": starts_at, "ends_at": ends_at, "place": place.strip(),
        "places": places, "contact": contact.strip(), "words": words.strip(),
    }  # fmt: skip
    before = {name: getattr(activity, name) for name in new if getattr(activity, name) != new[name]}
    if not before:
        return activity
    _check_change(activity, new, before, despite_clash)
    for name in before:
        setattr(activity, name, new[name])
    activity.save(update_fields=list(before))
    said = {name: str(value) for name, value in before.items()}
    audit.record(
        "activity.changed", activity, by=by, organisation_id=activity.organiser_id, before=said,
        after={name: str(new[name]) for name in before},
    )  # fmt: skip
    if {"starts_at", "place"} & before.keys() and starts_at > timezone.now():
        version = f"{timezone.now():%Y%m%d%H%M%S}"
        notices.changed(activity, _holding(activity), version)
    move_up(activity, by=by)
    return activity


def _check_change(
    activity: Activity, new: dict[str, object], before: dict[str, object], despite_clash: bool
) -> None:
    if not new["title"] or not new["place"]:
        raise RuleBroken("请填活动名称和地点。", code="empty")
    starts_at, ends_at, places = new["starts_at"], new["ends_at"], new["places"]
    assert isinstance(starts_at, datetime)
    assert isinstance(ends_at, datetime)
    assert places is None or isinstance(places, int)
    if {"starts_at", "ends_at"} & before.keys():
        if activity.arrived:
            raise RuleBroken("已经有人签到，时间不能再改。", code="arrived")
        check_times(starts_at, ends_at)
        if activity.venue is not None and not despite_clash:
            venue = _venue(activity.venue.pk) or activity.venue
            refuse_taken(venue, [(starts_at, ends_at)], activity)
    check_places(places, activity.venue)
    if places is not None and places < activity.taken:
        raise RuleBroken(f"已经有 {activity.taken} 人报名，名额不能比这还少。", code="places_taken")


def _holding(activity: Activity, *states: str) -> list[int]:
    with as_program(EVERYBODY):
        rows = Participation.objects.filter(activity=activity, state__in=states or Participation.HOLDS_PLACE)
        return list(rows.values_list("retiree_id", flat=True))


@transaction.atomic
def cancel_activity(activity_id: int, *, reason: str, by: User, with_rest: bool = False) -> list[Activity]:
    """取消活动: everybody signed up or waiting is told by text and is off the list. Repeating it changes nothing.

    `with_rest`: the later dates of its series too. Raises PermissionDenied, RuleBroken (no reason, over, somebody has
    signed in). Source: docs/rules.md, T5.
    """
    first = Activity.objects.get(pk=activity_id)
    keys = [first.pk]
    if with_rest and first.series_id is not None:
        later = Activity.objects.planned().filter(series=first.series_id, starts_at__gte=first.starts_at)
        keys = sorted({first.pk, *later.values_list("pk", flat=True)})
    rows = lock_all(keys)
    for activity in rows:
        require(may_run(by, activity))
        cancel_one(activity, reason.strip()[:100], by=by)
    return rows


def cancel_one(activity: Activity, reason: str, *, by: User) -> None:
    if activity.cancelled_at is not None:
        return
    if not reason:
        raise RuleBroken("请写明为什么取消，报了名的老同志会收到。", code="no_reason")
    if activity.arrived:
        raise RuleBroken(
            f"“{activity.title}”已有 {activity.arrived} 人签到，不能取消。确实没有办成，请先撤销签到。",
            code="arrived",
        )
    if activity.ends_at < timezone.now() and not activity.taken:
        pass  # nobody came: may be crossed out afterwards
    elif activity.ends_at < timezone.now():
        raise RuleBroken("活动已经结束，不能取消。请补登签到，或写小结。", code="over")
    told = _holding(activity, State.SIGNED, State.QUEUED)
    now = timezone.now()
    activity.cancelled_at, activity.cancel_reason = now, reason
    activity.save(update_fields=["cancelled_at", "cancel_reason"])
    with as_program(EVERYBODY):
        off = Participation.objects.filter(activity=activity, state__in=(State.SIGNED, State.QUEUED))
        off.update(state=State.CANCELLED, cancelled_at=now, why=Why.ACTIVITY)
    recount(activity)
    audit.record(
        "activity.cancelled", activity, by=by, organisation_id=activity.organiser_id,
        after={"told": len(told)}, note=reason,
    )  # fmt: skip
    notices.cancelled(activity, told)
