"""Points and goods of a community, a bureau's fund with applications in every state, a month's list (四就近)."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from checkin.record.models import CheckIn, State
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from services.funds import actions as funds
from services.funds.models import Application, FundPreset
from services.ledger import actions as points
from services.ledger.models import Account, PointsReason

GOODS = (
    ("洗衣液", 60, 20),
    ("东北大米 5 公斤", 120, 12),
    ("花生油 1 升", 90, 8),
    ("理发券", 40, 30),
    ("电饭锅", 500, 2),
    ("毛巾", 20, 0),
)
CREDITS = (
    "志愿服务，周末值守 2 次",
    "建言献策，老楼加装扶手",
    "学习，书法班 4 次",
    "活动，重阳节合唱",
    "志愿服务，护学岗 5 次",
)
NEEDS = (
    "老伴患病住院，自费药一个月四千多元，积蓄已用完",
    "独子去年去世，孙辈还在上学，房租又涨了",
    "冬天暖气片坏了，楼层低、屋里冷，没有钱换",
    "摔伤后请了护工，退休金不够付",
    "老家的房子进水，要修屋顶",
    "女儿下岗，一家四口靠他的退休金生活",
)  # fmt: skip


def bring_money(
    today: date, community: Organisation, clerk: User, bureau: Organisation, office: User
) -> None:
    """Through the program's own acts, so that every balance has its entries."""
    people = _at_home(community)
    if not people:
        return
    _shop(community, clerk, people)
    _fund(today, community, clerk, people, bureau, office, _colleague(bureau, office))


def _at_home(community: Organisation) -> list[Retiree]:
    held = CheckIn.objects.filter(community=community, state=State.CONFIRMED).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=held, is_restricted=False)
    return [person for person in people.select_related("user").order_by("pk")[:40] if person.user is None][
        :20
    ] + [person for person in people.exclude(user=None).order_by("pk")[:5]]


def _colleague(office: Organisation, user: User) -> User:
    """A second one of the office, as plans are approved by a second person; logs in as the first one does."""
    made = User.objects.create(
        username=f"{user.username}2",
        display_name="丁晓东",
        password=user.password,
        date_joined=user.date_joined,
    )
    first = Assignment.objects.get(user=user, organisation=office)
    Assignment.objects.create(
        user=made, organisation=office, role=Assignment.Role.CLERK, valid_from=first.valid_from
    )
    return made


def _shop(community: Organisation, clerk: User, people: Sequence[Retiree]) -> None:
    shelf = []
    for name, cost, stock in GOODS:
        goods = points.change_goods(community.pk, name, points=cost, is_active=True, by=clerk)
        shelf.append(points.stock_goods(goods.pk, seen=0, counted=stock, by=clerk))
    reasons = list(PointsReason.objects.filter(is_active=True))
    for number, person in enumerate(people):
        for turn in range(2 + number % 3):
            given = reasons[(number + turn) % len(reasons)].points * (1 + number % 3)
            points.credit_points(
                person.pk, given, f"demo-{person.pk}-{turn}", organisation_id=community.pk, by=clerk,
                note=CREDITS[(number + turn) % len(CREDITS)],
            )  # fmt: skip
    able = Account.objects.filter(kind=Account.Kind.POINTS, retiree__in=people, balance__gte=60)
    for number, account in enumerate(able.order_by("pk")[:6]):
        goods = shelf[(0, 3)[number % 2]]
        made = points.redeem(account.retiree_id or 0, goods.pk, count=1, key=UUID(int=number + 1), by=clerk)
        if number == 5:
            points.cancel_redemption(made.pk, by=clerk)


def _fund(
    today: date,
    community: Organisation,
    clerk: User,
    people: Sequence[Retiree],
    bureau: Organisation,
    office: User,
    second: User,
) -> None:
    fund = funds.open_fund(bureau.pk, f"{today.year}年困难帮扶资金", by=office)
    funds.grant(fund.pk, 500_000_00, key=UUID(int=100), by=office, note="年初预算")
    hardship = FundPreset.objects.get(key="hardship")
    for number, (person, reason) in enumerate(zip(people, NEEDS, strict=False)):
        made = funds.apply(
            person.pk, fund.pk, preset_id=hardship.pk, organisation_id=community.pk, reason=reason,
            asked=(3 + number) * 100_000, household=1 + number % 4, by=clerk,
        )  # fmt: skip
        _carry_on(made, steps=number, office=office, second=second, clerk=clerk)
    subsidies = funds.open_fund(bureau.pk, f"{today.year}年支部书记补贴", by=office)
    funds.grant(subsidies.pk, 300_000_00, key=UUID(int=101), by=office, note="组织工作经费")
    preset = FundPreset.objects.get(key="secretary")
    last = today.replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    for month, is_booked in ((before, True), (last, False)):
        if not funds.eligible(preset, subsidies, month.replace(day=1)).exists():
            return
        made_list = funds.make_list(subsidies.pk, preset.pk, month.replace(day=1), by=office)
        if is_booked:
            funds.approve_list(made_list.pk, by=second)
            funds.book_list(made_list.pk, by=office)


def _carry_on(made: Application, *, steps: int, office: User, second: User, clerk: User) -> None:
    """As many steps of the way as `steps`: 0 waits for the check, 5 is closed."""
    amount = 2_500_00 + steps * 500_00
    way = (
        lambda: funds.check(made.pk, found="社区和我局一起上门看过，情况属实", by=office),
        lambda: funds.plan(
            made.pk, plan="一次性补助；联系街道办理临时救助；社区每周上门一次", amount=amount, by=office
        ),
        lambda: funds.approve(made.pk, amount=amount, by=second),
        lambda: funds.pay(made.pk, by=office),
        lambda: funds.close(made.pk, result="钱已到手，药费缓解，老人表示感谢", by=clerk),
    )
    for step in way[:steps]:
        step()
