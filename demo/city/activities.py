"""What is on and what was on lately at the demo community, its unit and its bureau; through the program's own acts."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.party.models import PartyOrganisation
from members.people.models import Retiree
from services.activities import actions
from services.activities.models import Activity, ActivityPreset

AREA, UNIT, BRANCH = Activity.Audience.AREA, Activity.Audience.UNIT, Activity.Audience.BRANCH
# key, name, day from today, begins, minutes, places, how many sign up, what to bring
PAST = (
    ("safety_talk", "防诈骗讲座：冒充公检法怎么认", -20, "09:30", 90, 40, 14, "派出所民警来讲，请带手机"),
    ("culture", "重阳节文艺演出", -33, "14:30", 120, 100, 22, "可以带家属"),
    ("volunteer", "文明路口劝导", -9, "07:30", 90, 12, 8, "穿红马甲，在居委会集合"),
    ("preaching", "进校园讲红色故事", -14, "10:00", 60, 6, 4, ""),
    ("visit", "参观海军博物馆", -27, "08:30", 210, 30, 17, "请带身份证，8 点在小区北门上车"),
)
COMING = (
    ("lecture", "健康讲座：冬天怎样护心", 3, "09:30", 90, 30, 13, "市立医院医生来讲"),
    ("culture", "书法班写春联", 6, "14:00", 120, 6, 9, "纸墨社区准备"),
    ("discussion", "小区加装电梯听意见座谈会", 9, "09:00", 120, 25, 6, ""),
    ("checkup", "下半年集中体检（第一批）", 12, "07:30", 120, 50, 11, "请空腹，带医保卡"),
)
SERIES = (
    ("course", "太极拳班", -21, "08:00", 60, 25, 12, 8, "穿软底鞋"),
    ("duty", "红齐驿站坐班", -14, "09:00", 180, 7, 5, 6, "两位一班，签到后记时长"),
)
REPORTS = {
    "preaching": (126, "讲了三个家史故事，学生提问很多"),
    "volunteer": (310, "早高峰两小时，劝导闯红灯 40 多起"),
}
PLACES = {"visit": "小区北门集合", "culture": "小区广场", "volunteer": "云霄路口"}  # else the hall itself
RATINGS = (("good", "讲得清楚，案例就在身边"), ("good", ""), ("fair", "后排听不太清"))


def plant_activities(community: Organisation, clerk: User, unit: Organisation, unit_clerk: User) -> None:
    """Some of every state: over, going on in a series, full with a queue, cancelled, of a branch, of the unit."""
    people = _people(community)
    home = actions.add_venue(
        community.pk, kind="home", name="银领之家", address=community.address, capacity=60, by=clerk
    )
    station = actions.add_venue(
        community.pk,
        kind="station",
        name="红齐驿站",
        address=f"{community.address} 小区东门",
        capacity=20,
        by=clerk,
    )
    venues = {"duty": station.pk, "volunteer": station.pk, "visit": None, "culture": None}
    for key, title, day, at, minutes, places, number, words in (*PAST, *COMING):
        plan = _plan(
            community, key, title, day, at, minutes, places, words, venue_id=venues.get(key, home.pk)
        )
        (row,) = actions.create(community.pk, plan, by=clerk)
        _sign_up(row, people[:number], clerk)
        if day < 0:
            _held(row, people[:number], clerk, key)
    for key, title, day, at, minutes, places, number, times, words in SERIES:
        more = {"rhythm": "weekly", "times": times, "venue_id": venues.get(key, home.pk)}
        plan = _plan(community, key, title, day, at, minutes, places, words, **more)
        for row in actions.create(community.pk, plan, by=clerk):
            _sign_up(row, people[:number], clerk)
            if row.ends_at < timezone.now():
                _held(row, people[:number], clerk, key)
    _meetings(community, clerk)
    off = _plan(community, "visit", "赏菊花", 2, "09:00", 180, 30, "")
    (row,) = actions.create(community.pk, off, by=clerk)
    _sign_up(row, people[:5], clerk)
    actions.cancel_activity(row.pk, reason="预报有大风，改到下周", by=clerk)
    plan = _plan(
        unit, "discussion", "离退休干部情况通报会", 10, "09:30", 120, None, "会后有座谈", audience=UNIT
    )
    actions.create(unit.pk, plan, by=unit_clerk)


def _plan(
    organisation: Organisation, key: str, title: str, day: int, at: str, minutes: int, places: int | None,
    words: str, **more: Any,
) -> actions.Plan:  # fmt: skip
    begin = _at(day, at)
    place = PLACES.get(key, "") or ("" if more.get("venue_id") else "二楼会议室")
    known: dict[str, Any] = {
        "preset_id": ActivityPreset.objects.get(key=key).pk, "title": title, "starts_at": begin,
        "ends_at": begin + timedelta(minutes=minutes), "audience": AREA, "area_code": organisation.division_id,
        "place": place, "places": places, "words": words, "despite_clash": True,
    }  # fmt: skip
    return actions.Plan(**(known | more))


def _at(day: int, at: str) -> datetime:
    hour, minute = (int(part) for part in at.split(":"))
    today = timezone.localtime().replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today + timedelta(days=day)


def _people(community: Organisation) -> list[Retiree]:
    """Those checked in here; who has an account comes first, so that a retiree finds something of their own."""
    rows = CheckIn.objects.filter(community=community, state=State.CONFIRMED).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=rows, is_restricted=False).select_related("user")
    return sorted(people, key=lambda person: (person.user_id is None, person.pk))


def _sign_up(row: Activity, people: list[Retiree], clerk: User) -> None:
    """Whom age and audience allow: themselves if they have an account and it is still to come."""
    for person in people:
        own = person.user if row.starts_at > timezone.now() else None
        if row.starts_at > timezone.now() or not Activity.objects.get(pk=row.pk).is_full:
            actions.sign_up(row.pk, person.pk, by=own or clerk)


def _held(row: Activity, people: list[Retiree], clerk: User, key: str) -> None:
    """All but every fifth came; those with an account said how it was; what came of it was written down."""
    came = [person for place, person in enumerate(people) if place % 5 != 4]
    actions.tick(row.pk, [person.pk for person in came], by=clerk)
    if row.ends_at > timezone.now() - timedelta(days=30):
        with_account = [person for person in came if person.user is not None]
        for person, (rating, words) in zip(with_account, RATINGS, strict=False):
            assert person.user is not None
            actions.rate(row.pk, person.pk, rating=rating, words=words, by=person.user)
    if key in REPORTS:
        served, words = REPORTS[key]
        actions.report(row.pk, served=served, words=words, by=clerk)


def _meetings(community: Organisation, clerk: User) -> None:
    """组织生活 of the community's branch: one that was, with who came, and the next."""
    branch = PartyOrganisation.objects.filter(host=community, kind=PartyOrganisation.Kind.BRANCH).first()
    if branch is None:
        return
    for key, title, day in (
        ("party_day", "主题党日：学习新精神", -17),
        ("three_meetings", "支部党员大会", 5),
    ):
        plan = _plan(
            community,
            key,
            title,
            day,
            "15:00",
            90,
            None,
            "",
            audience=BRANCH,
            area_code=None,
            branch_id=branch.pk,
        )
        (row,) = actions.create(community.pk, plan, by=clerk)
        if day < 0:
            members = list(row.participations.order_by("pk").values_list("retiree_id", flat=True))
            actions.tick(row.pk, members[: len(members) * 4 // 5], by=clerk)
