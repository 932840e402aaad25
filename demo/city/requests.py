"""What people of the demo city ask for: on every board something new, in work, answered, rated, late (需求与服务)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from django.utils import timezone

from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.units.actions import unit_of
from services.requests import actions
from services.requests.models import Request, RequestPreset


@dataclass(frozen=True)
class Asked:
    """`days`: ago; `answered`: how many days later, with the answer; `rating`: what the person said to it."""

    key: str
    days: int
    words: str
    item: str = ""
    channel: str = "online"
    answered: int | None = None
    answer: str = ""
    outcome: str = "solved"
    rating: str = ""


# of people of the demo community, by its own desk
HERE = (
    Asked("urgent", 0, "水管爆了，厨房都是水，一个人在家", "emergency_aid", "phone"),
    Asked("meals", 0, "这周腿脚不方便，想订午饭，不放辣", "meals"),
    Asked("medical", 0, "下周三去市立医院复查，想有人陪着", "outpatient"),
    Asked("housework", 1, "油烟机不转了", "repairs", "phone"),
    Asked("heart", 1, "老伴走了半年，晚上一个人睡不着，想找人说说话"),
    Asked("learning", 2, "想学用手机挂号、交水电费", "digital"),
    Asked("housework", 9, "卫生间想装扶手", "ageing_home", "home_visit"),
    Asked("need", 12, "楼道的灯坏了好久", "", "home_visit"),
    Asked("meals", 20, "想订晚饭", "meals", "phone", 1, "从明天起由社区食堂送餐到家。", rating="good"),
    Asked(
        "medical",
        22,
        "降压药快吃完了，下不了楼",
        "medicine",
        "phone",
        0,
        "药已取好，送到您家里。",
        rating="good",
    ),
    Asked(
        "housework", 25, "家里的水龙头漏水", "repairs", "counter", 2, "已请师傅上门，修好了。", rating="fair"
    ),
    Asked("learning", 30, "老年大学书法班还有名额吗", "courses", "online", 4, "已为您报名，周二上午上课。"),
    Asked("escort", 6, "去眼科做检查", "outpatient", "phone", 1, "已约好陪诊的人，到时到您家里接。"),
    Asked("window", 3, "问医药费怎么报销", "medical_insurance", "counter", 0, "已当场办好。", rating="good"),
    Asked(
        "cleaning", 40, "想定时打扫", "cleaning", "phone", 2, "已安排保洁人员每周四上午上门。", rating="good"
    ),
)
# of people all over the city, on the bureau's hotline and in its letters
THERE = (
    Asked("hotline", 2, "问高龄津贴从哪个月发", "", "phone", 0, "已在电话里说明清楚。", "explained", "good"),
    Asked(
        "hotline",
        5,
        "问荣退证书丢了怎么补",
        "",
        "phone",
        1,
        "已转有关方面办理，并回电告诉您。",
        "solved",
        "good",
    ),
    Asked("hotline", 0, "问体检安排在哪一天", "checkup", "phone"),
    Asked("letter", 8, "反映小区车辆占道，出入不便", "other", "letter"),
    Asked(
        "letter",
        33,
        "反映住房漏水，多次找物业没有结果",
        "housing",
        "letter",
        6,
        "您来信反映的问题，已经解决。",
        rating="good",
    ),
    Asked(
        "suggestion",
        18,
        "建议社区图书室周末也开门",
        "culture",
        "letter",
        9,
        "您的建议已采纳，正在落实。",
        rating="good",
    ),
    Asked("opinion", 26, "希望多组织就近的活动", "arts", "home_visit", 7, "问题已经解决。"),
    Asked("opinion", 27, "希望补发早年的医药费", "", "home_visit", 8, "已说明情况。", "explained", "fair"),
    Asked("hotline", 14, "问异地就医备案", "", "phone", 0, "已在电话里说明清楚。", "explained", "good"),
    Asked(
        "hotline",
        16,
        "腿疼，想请家庭医生上门",
        "family_doctor",
        "phone",
        2,
        "已联系家庭医生，医生会上门看您。",
        rating="good",
    ),
)


def ask_for_help(
    unit: Organisation, unit_clerk: User, community: Organisation, clerk: User, bureau_clerk: User
) -> None:
    """Through the program's own acts. Some online where the person has an account, the rest written down."""
    bureau = bureau_clerk.assignments.order_by("pk")[0].organisation
    here = _people(CheckIn.objects.filter(community=community))
    if not here:
        return
    made = [_ask(*pair, community, clerk) for pair in zip(HERE, cycle(here), strict=False)]
    for told, person in zip(THERE, _people(CheckIn.objects.exclude(community=community)), strict=False):
        _ask(told, person, bureau, bureau_clerk)
    _unknown(community, clerk)
    _begun(made, clerk)
    _passed_to_unit(unit, unit_clerk, here, community, clerk)
    actions.escalate()


def _ask(told: Asked, person: Retiree, office: Organisation, by: User) -> Request:
    """Received then, answered and rated some days later, as far as that is past."""
    at = _moment(told.days)
    online = told.channel == "online" and person.user is not None
    more: dict[str, Any] = (
        {} if online else {"organisation_id": office.pk, "wanted_desk": "", "item": told.item}
    )
    asker = person.user if online and person.user is not None else by
    channel = told.channel if told.channel != "online" or online else "phone"
    preset = RequestPreset.objects.get(key=told.key)
    request = actions.receive(
        preset.pk, person.pk, words=told.words, by=asker, channel=channel, at=at, **more
    )
    if told.answered is None or request.desk != office:
        return request
    then = at + timedelta(days=told.answered, hours=3)
    actions.answer(request.pk, words=told.answer, outcome=told.outcome, by=by, at=then)
    if told.rating:
        actions.rate(request.pk, rating=told.rating, by=by, at=then + timedelta(hours=20))
    return request


def _begun(made: list[Request], clerk: User) -> None:
    """The old ones that nobody answered are in work, with who does it."""
    for request, provider in zip(made[6:8], ("康乐适老改造服务站", "小区物业"), strict=False):
        if request.is_open:
            actions.take_up(request.pk, by=clerk, provider=provider)


def _passed_to_unit(
    unit: Organisation, unit_clerk: User, here: list[Retiree], community: Organisation, clerk: User
) -> None:
    """Three questions only the unit can answer: one waits, one is late, one is answered."""
    ours = [person for person in here if unit_of(person) == unit][:3]
    words = ("问工龄认定的补贴", "要一份退休审批表的复印件", "问单位今年的体检")
    for number, (person, said) in enumerate(zip(ours, words, strict=False)):
        told = Asked("need", 1 + 9 * number % 17, said, channel="phone")
        request = _ask(told, person, community, clerk)
        actions.pass_on(request.pk, unit.pk, reason="要查单位的档案", by=clerk)
        if number == 2:
            actions.answer(
                request.pk,
                words="体检安排在下月，会打电话通知您。",
                outcome="explained",
                by=unit_clerk,
                by_call=True,
            )


def _unknown(community: Organisation, clerk: User) -> None:
    """Somebody called and hung up before saying a name."""
    hotline = RequestPreset.objects.get(key="hotline")
    actions.receive(
        hotline.pk,
        None,
        words="问社区食堂几点开饭，没有说姓名就挂了",
        by=clerk,
        channel="phone",
        organisation_id=community.pk,
        wanted_desk="",
        wants_call=True,
        caller="一位老先生",
        caller_phone="13900000123",
    )


def _people(checkins: Any) -> list[Retiree]:
    """People who are checked in there, those with an account first."""
    held = checkins.filter(state=State.CONFIRMED).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=held, is_restricted=False).select_related("user")
    return sorted(people.order_by("pk")[:60], key=lambda person: (person.user is None, person.pk))


def _moment(days: int) -> datetime:
    """The morning so many days ago, never in the future."""
    now = timezone.now()
    return min(now, (timezone.localtime(now) - timedelta(days=days)).replace(hour=9, minute=12, second=0))
