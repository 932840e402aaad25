"""The columns of a list of people, in the groups of the registration form (F1), and which side may have which.

A side gets what its screens show it (checkin.record.views.persons): a community neither rank nor treatment. Heads
are those of the roster template, and dates are written as it takes them, so that a list can be read in again.
Source: docs/rules.md, P1 and E2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from huifeng.display import words
from huifeng.spreadsheets.writing import Column

from . import registry

UNIT, COMMUNITY, BUREAU = "unit", "community", "bureau"
ALL = frozenset([UNIT, COMMUNITY, BUREAU])
UNIT_SIDE = ALL - {COMMUNITY}
COMMUNITY_SIDE = ALL - {UNIT}


def _iso(value: Any) -> str:
    return value.isoformat() if value else ""


def _yes(value: bool | None) -> str:
    return {True: "是", False: "否", None: ""}[value]


@dataclass(frozen=True)
class OfPerson:
    """A column read from the person's row: `field`, in words by `show` or by the code list `codes`.

    `mask`: how it is shown unless full numbers were asked for. `place`: which part of the division's code names
    the place to be shown (6 digits the district, 9 the street, 12 the community).
    """

    key: str
    group: str
    column: Column
    field: str
    sides: frozenset[str] = ALL
    show: Callable[[Any], str] = str
    codes: str = ""
    mask: Callable[[object], str] | None = None
    place: int = 0


def _own(
    key: str, group: str, title: str, width: float = 12, meaning: str = "", *, field: str = "", **more: Any
) -> OfPerson:
    return OfPerson(key, group, Column(title, width, meaning), field or key, **more)


_PERSON, _CONTACT, _RETIREMENT, _PARTY = "本人", "联系方式", "离退休", "政治面貌"
_RESIDENCE, _ABILITY, _NEEDS = "居住", "专长", "健康和需要"
_MASKED = "没有申请完整号码时只显示一部分"
_PARTIAL = "只知道年或年月的，就只写年或年月"

OWN: tuple[OfPerson, ...] = (
    _own("name", _PERSON, "姓名", 10),
    _own("sex", _PERSON, "性别", 6, show={"": "", "M": "男", "F": "女"}.__getitem__),
    _own("id_number", _PERSON, "身份证号", 21, _MASKED, mask=words.mask_id),
    _own("birth_date", _PERSON, "出生日期", 12, show=_iso),
    _own("ethnicity", _PERSON, "民族", 8, codes="ethnicity", sides=UNIT_SIDE),
    _own("native_place", _PERSON, "籍贯", 14, sides=UNIT_SIDE),
    _own("former_name", _PERSON, "曾用名", 10, sides=UNIT_SIDE),
    _own("phone", _CONTACT, "手机号码", 14, _MASKED, mask=words.mask_phone),
    _own("landline", _CONTACT, "固定电话", 15, _MASKED, mask=words.mask_phone),
    _own("emergency_name", _CONTACT, "紧急联系人", 12),
    _own("emergency_relation", _CONTACT, "与本人关系", 12, codes="relation"),
    _own("emergency_phone", _CONTACT, "紧急联系电话", 14, _MASKED, mask=words.mask_phone),
    _own("kind", _RETIREMENT, "离退休类别", 12, show={"": "", "lixiu": "离休", "tuixiu": "退休"}.__getitem__),
    _own("retired_on", _RETIREMENT, "离退休时间", 12, _PARTIAL, sides=UNIT_SIDE),
    _own("joined_work_on", _RETIREMENT, "参加工作时间", 14, _PARTIAL, sides=UNIT_SIDE),
    _own("original_unit", _RETIREMENT, "原工作单位", 28),
    _own("original_post", _RETIREMENT, "原职务", 16, sides=UNIT_SIDE),
    _own("unit", _RETIREMENT, "现管单位", 28, "现在负责联系这位老同志的单位", field="managing__unit__name"),
    _own("category", _RETIREMENT, "人员类别", 12, codes="person_category", sides=UNIT_SIDE),
    _own("rank", _RETIREMENT, "职级", 14, codes="rank", sides=UNIT_SIDE),
    _own("treatment", _RETIREMENT, "现享受待遇", 14, codes="treatment", sides=UNIT_SIDE),
    _own("political_status", _PARTY, "政治面貌", 12, codes="political_status"),
    _own("party_joined_on", _PARTY, "入党时间", 12, _PARTIAL, sides=UNIT_SIDE),
    _own("joins_party_life", _PARTY, "愿意参加社区组织生活", 22, field="joins_community_party_life",
         show=_yes, sides=COMMUNITY_SIDE),
    _own("district", _RESIDENCE, "居住区市", 12, field="residence_id", place=6),
    _own("street", _RESIDENCE, "街道", 18, field="residence_id", place=9),
    _own("community", _RESIDENCE, "社区", 18, "现在居住地所在的社区", field="residence_id", place=12),
    _own("residence_address", _RESIDENCE, "详细地址", 36),
    _own("elsewhere", _RESIDENCE, "异地居住", 12, show={"": "", "province": "省内", "outside": "省外"}.__getitem__),
    _own("living_situation", _RESIDENCE, "居住状态", 12, codes="living_situation"),
    _own("education", _ABILITY, "文化程度", 12, codes="education", sides=UNIT_SIDE),
    _own("title", _ABILITY, "职称", 14, sides=UNIT_SIDE),
    _own("skills", _ABILITY, "专业特长", 24),
    _own("interests", _ABILITY, "兴趣爱好", 24, codes="interest"),
    _own("health", _NEEDS, "健康状况", 12, codes="health"),
    _own("mobility", _NEEDS, "活动能力", 12, codes="mobility"),
    _own("needs", _NEEDS, "需要的服务", 28, codes="need", sides=COMMUNITY_SIDE),
)  # fmt: skip
BY_KEY = {column.key: column for column in OWN}
USUAL = (
    "name",
    "sex",
    "birth_date",
    "phone",
    "kind",
    "original_unit",
    "street",
    "community",
    "residence_address",
)


def offered(side: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What staff of a side may choose: groups of (key, title)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for own in OWN:
        if side in own.sides:
            found.setdefault(own.group, []).append((own.key, own.column.title))
    for group in registry.groups:
        if side in group.sides:
            found.setdefault(group.title, []).extend((group.key(c), c.title) for c in group.columns)
    return list(found.items())


def allowed(side: str) -> set[str]:
    return {key for _, choices in offered(side) for key, _ in choices}


def usual(side: str) -> list[str]:
    """What is ticked for who never exported before."""
    return [key for key in USUAL if key in allowed(side)]


def in_order(keys: Sequence[str]) -> list[str]:
    """The keys in the order of the form, whatever order they were sent in; unknown ones dropped."""
    known = [*BY_KEY, *(group.key(column) for group in registry.groups for column in group.columns)]
    return [key for key in known if key in keys]


def titles(keys: Sequence[str]) -> list[str]:
    return [column.title for column in heads(keys)]


def heads(keys: Sequence[str]) -> list[Column]:
    of_groups = {group.key(column): column for group in registry.groups for column in group.columns}
    return [BY_KEY[key].column if key in BY_KEY else of_groups[key] for key in keys]


def reveals(keys: Sequence[str]) -> bool:
    """Whether any of these columns is masked unless full numbers are asked for."""
    return any(key in BY_KEY and BY_KEY[key].mask for key in keys)
