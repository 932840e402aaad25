"""A unit's roster on its way: one import written, one waiting to be looked at, and what units ask of each other."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from random import Random
from typing import Any

from openpyxl import Workbook

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes import labels
from members.people import id_numbers
from members.people.models import Retiree
from members.roster import actions
from members.units.models import UnitMembership

from .chance import stream

TITLE = "离退休干部花名册"
HEADINGS = [
    "序号",
    "姓名",
    "性别",
    "公民身份号码",
    "出生年月",
    "离退休类别",
    "职级",
    "离退休时间",
    "联系电话",
    "区市",
    "社区",
]
NEWCOMERS = ["于洪波", "綦秀珍", "逄卫东", "姜桂荣", "臧国栋", "法玉芳"]
type Row = list[Any]


def bring_rosters(seed: int, today: date, unit: Organisation, clerk: User) -> None:
    """Three files: of another unit (asking for one of ours), ours of last week (written), ours of today (a plan)."""
    chance = stream(seed, "imports")
    mine = _members(unit)
    other = _another(unit, mine)
    if other is None or len(mine) < 12:
        return
    theirs = _members(other)
    system = User.objects.system()
    _take_in([_row(mine[0]), *map(_row, theirs[:3])], "转入人员名册.xlsx", other, by=system, write=True)
    changed = [_row(person, rank=_next_rank(person)) for person in mine[1:4]]
    _take_in([*changed, _row(theirs[-1])], "2026年职级变动.xlsx", unit, by=clerk, write=True)
    plan = [_row(person) for person in mine[4:8]]
    plan += [_row(person, rank=_next_rank(person)) for person in mine[8:11]]
    plan += [_newcomer(name, today, chance) for name in NEWCOMERS]
    wrong, nameless, lost = (_newcomer(name, today, chance) for name in ("孙学礼", "", "王文斋"))
    wrong[3] = wrong[3][:-1] + ("0" if wrong[3][-1] != "0" else "1")
    lost[10] = "幸福里社区"
    plan += [wrong, nameless, lost, plan[7]]
    _take_in(plan, f"{TITLE}.xlsx", unit, by=clerk, write=False)


def _members(unit: Organisation) -> list[Retiree]:
    """Living members with an ID number and no account, so that none of the ready accounts moves."""
    members = UnitMembership.objects.open().filter(unit=unit).values("retiree")
    people = Retiree.objects.alive().filter(
        pk__in=members, user=None, id_index__isnull=False, is_restricted=False
    )
    return list(people.exclude(kind=Retiree.Kind.LIXIU).exclude(rank="").order_by("pk")[:40])


def _another(unit: Organisation, mine: Sequence[Retiree]) -> Organisation | None:
    others = (
        Organisation.objects.open().filter(kind=Organisation.Kind.UNIT).exclude(pk=unit.pk).order_by("pk")
    )
    return next((other for other in others[:20] if len(_members(other)) >= 5), None) if mine else None


def _next_rank(person: Retiree) -> str:
    """The rank below, in words: a correction somebody might really make."""
    codes = [code for code, _ in labels.choices("rank")]
    at = codes.index(person.rank) if person.rank in codes else 0
    return labels.label("rank", codes[min(at + 1, len(codes) - 2)])


def _row(person: Retiree, *, rank: str = "") -> Row:
    return [
        "", person.name, person.get_sex_display(), person.id_number, str(person.birth_date or "")[:7],
        person.get_kind_display(), rank or labels.label("rank", person.rank), person.retired_on, "", "", "",
    ]  # fmt: skip


def _newcomer(name: str, today: date, chance: Random) -> Row:
    year, month = today.year - 60, 1 + chance.randrange(12)
    body = f"370202{year}{month:02}{1 + chance.randrange(28):02}9{chance.randrange(10, 100)}"
    number = body + id_numbers.check_character(body)
    sex = Retiree.Sex(id_numbers.sex(number)).label
    retired = f"{today.year}年{today.month}月"
    return [
        "",
        name,
        sex,
        number,
        f"{year}.{month:02}",
        "退休",
        "正科级",
        retired,
        "",
        "市南区",
        "云霄路社区",
    ]


def _take_in(rows: list[Row], name: str, unit: Organisation, *, by: User, write: bool) -> None:
    batch = actions.receive(_workbook(rows), name, unit.pk, by=by, in_background=False)
    actions.plan_now(batch.pk, by=by)
    if write:
        actions.write_now(batch.pk, by=by)
    else:
        actions.keep_error_book(batch.pk, by=by)


def _workbook(rows: list[Row]) -> bytes:
    """As offices write it: a title above, totals and signatures below."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "花名册"
    sheet.append([TITLE])
    sheet.append(HEADINGS)
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row[1:]])
    sheet.append(["合计", len(rows)])
    sheet.append(["填表人：", "", "", "审核人：", "", "", "填报日期："])
    content = BytesIO()
    book.save(content)
    return content.getvalue()
