"""Who is looked after: classes, teams, visits made, late and agreed, the list for the Spring Festival (走访)."""

from datetime import date, timedelta

from django.utils import timezone

from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.units.models import UnitMembership
from services.care import actions
from services.care.actions import Seat
from services.care.models import Attention, CareClass, Obligation

CLOSE, LATE = 12, 5  # people with a class; of them late
WHY = ("独居，子女都在外地", "高龄，行动不便", "刚出院，要多去看看", "老伴去世不久")
SAID = (
    ("steady", "精神不错，每天下楼走走。想参加合唱队。", 1, 1),
    ("good", "血压平稳，女儿每周来一次。", 0, 0),
    ("weak", "腿脚不好，卫生间想装扶手，已联系社区志愿者。", 2, 1),
    ("trouble", "家里暖气不热，当天报给物业。", 1, 0),
)
SEATS = {
    "lixiu_team": ("刘建华", "赵春梅", "孙志刚", "", "于海燕"),
    "card": ("赵春梅", "王立新", "刘建华", "李敏"),
}
POSTS = ("副局长", "科长", "副主任", "主任", "副院长")


def plant_visits(unit: Organisation, unit_clerk: User, community: Organisation, clerk: User) -> None:
    """Through the program's own acts; what happened earlier is then dated back."""
    people = _checked_in(community)
    _classes(people, community, clerk)
    _teams(people, unit, unit_clerk, clerk)
    actions.make_all_due()
    _visits(community, clerk)
    _occasions(people, community, clerk)
    day = _festival(timezone.localdate())
    actions.start_campaign(community.pk, "spring", by=clerk, title=f"{day.year}年春节慰问", due_on=day)
    actions.start_campaign(unit.pk, "big_visit", by=unit_clerk, title="冬季大走访", due_on=day)


def _checked_in(community: Organisation) -> list[Retiree]:
    """Of the community, who has an account first, so that the ready accounts have somebody around them."""
    rows = CheckIn.objects.filter(community=community, state=State.CONFIRMED).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=rows, is_restricted=False)
    return sorted(people.order_by("pk")[:200], key=lambda person: (person.user_id is None, person.pk))


def _classes(people: list[Retiree], community: Organisation, clerk: User) -> None:
    """Closely, regularly and now and then, in turn; the first ones were due some days ago."""
    for place, retiree in enumerate(people[:CLOSE]):
        attention = list(Attention)[place % 3]
        why = WHY[place % len(WHY)]
        made = actions.set_class(retiree.pk, attention, by=clerk, why=why, office=community.pk)
        if place % 2 == 0:
            _date_back(made, days=70 if attention == Attention.REGULAR else 40 + place)


def _date_back(made: CareClass, *, days: int) -> None:
    since = made.since - timedelta(days=days)
    CareClass.objects.filter(pk=made.pk).update(since=since)
    for row in Obligation.objects.open().filter(retiree=made.retiree_id, preset__mode="care_class"):
        row.due_on = since + (row.due_on - row.opened_on)
        row.opened_on = since
        row.save(update_fields=["opened_on", "due_on"])


def _teams(people: list[Retiree], unit: Organisation, unit_clerk: User, clerk: User) -> None:
    """Cards for some of the community, teams for 离休 cadres of the unit (a seat is empty), pairs for some."""
    for retiree in people[:4]:
        _seat(retiree, "card", by=clerk)
    members = UnitMembership.objects.open().filter(unit=unit).values("retiree")
    ours = Retiree.objects.alive().filter(pk__in=members, is_restricted=False).order_by("pk")
    for retiree in ours.filter(kind=Retiree.Kind.LIXIU)[:3]:
        _seat(retiree, "lixiu_team", by=unit_clerk)
    for retiree in ours[:8]:
        actions.seat_team(retiree.pk, "pair", [Seat("陈志强", "处长", "0532-85911203")], by=unit_clerk)


def _seat(retiree: Retiree, key: str, *, by: User) -> None:
    seats = [
        Seat(name, POSTS[place], f"0532-8591120{place}") if name else Seat()
        for place, name in enumerate(SEATS[key])
    ]
    actions.seat_team(retiree.pk, key, seats, by=by)


def _visits(community: Organisation, clerk: User) -> None:
    """Of what is late some was answered; the rest is on today's list."""
    today = timezone.localdate()
    late = Obligation.objects.late(today).filter(organisation=community).order_by("due_on", "pk")
    for place, row in enumerate(list(late)[LATE // 2 :]):
        condition, words, opinions, solved = SAID[place % len(SAID)]
        actions.record_visit(
            row.pk, by=clerk, visited_on=today - timedelta(days=1 + place), condition=condition, words=words,
            opinions=opinions, solved=solved, next_on=today + timedelta(days=7) if place % 2 else None,
        )  # fmt: skip


def _occasions(people: list[Retiree], community: Organisation, clerk: User) -> None:
    today = timezone.localdate()
    for retiree, (key, words) in zip(
        people[CLOSE:],
        (("hospital", "市立医院东院，家属陪护"), ("family", "老伴病重"), ("birthday", "九十大寿")),
        strict=False,
    ):
        actions.note_occasion(retiree.pk, key, by=clerk, on=today, words=words, office=community.pk)


def _festival(today: date) -> date:
    """Towards the end of January: before every Spring Festival."""
    return date(today.year + 1, 1, 20)
