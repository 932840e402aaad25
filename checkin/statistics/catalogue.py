"""What is counted: every measure of the statistics, each defined once; dimensions.py says how it is cut.

A measure is a condition on the fact relation (facts.py). Totals, cuts and the list behind a cell are all made from
that condition, so they cannot differ. In print and on screen the sentence stands beside the figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from huifeng.errors import RuleBroken

from . import registry


class At(StrEnum):
    """Which place of a row a measure counts at."""

    PLACE = "place"  # where the person counts at the end
    FROM = "from_place"  # where they were at the start, or passed through
    ASKED = "asked_place"  # where the request under way goes


@dataclass(frozen=True)
class Measure:
    """People who fulfil `condition`, counted at `at`. `part_of`: the measure it is a share of."""

    key: str
    title: str
    sentence: str
    condition: str
    at: At = At.PLACE
    group: str = ""
    part_of: str = ""


@dataclass(frozen=True)
class Ratio:
    """Two figures divided: per cent, or days per person. No list of its own: its parts have theirs."""

    key: str
    title: str
    sentence: str
    of: str
    by: str
    is_share: bool = True
    group: str = ""


@dataclass(frozen=True)
class Sum:
    """The sum of a column over those who fulfil `condition`; its list is that of `over`."""

    key: str
    title: str
    sentence: str
    column: str
    over: str
    group: str = ""


def _m(
    key: str,
    title: str,
    sentence: str,
    condition: str,
    at: At = At.PLACE,
    group: str = "",
    part_of: str = "",
) -> Measure:
    return Measure(key, title, sentence, condition, at, group, part_of)


NEW = "came <> '' AND came = 'new'"
ONLINE, COUNTER = ("online",), ("counter", "phone", "home_visit", "import")


def _new_by(*channels: str) -> str:
    return f"{NEW} AND channel IN ({', '.join(repr(channel) for channel in channels)})"


def _present(condition: str) -> str:
    return f"present AND {condition}"


def _in(condition: str) -> str:
    return f"checked_in AND {condition}"


STOCK, FLOW, NEWS, MAKE_UP, AGES, RANKS, UNITS, PARTY, WORK, YEAR = (
    "总数", "增减", "新增报到", "已报到构成", "已报到年龄", "已报到职级", "已报到原单位", "党建", "办理", "年度",
)  # fmt: skip

MEASURES: tuple[Measure, ...] = (
    _m("total", "离退休干部总数", "月末在世、列入统计的离退休干部。", "present", group=STOCK),
    _m("lixiu", "离休", "总数中离退休类型为离休的人。", _present("kind = 'lixiu'"), group=STOCK, part_of="total"),
    _m("tuixiu", "退休", "总数中离退休类型为退休的人。", _present("kind = 'tuixiu'"), group=STOCK, part_of="total"),
    _m("kind_unknown", "类型不明", "总数中没有填离退休类型的人。", _present("kind NOT IN ('lixiu', 'tuixiu')"),
       group=STOCK, part_of="total"),
    _m("male", "男", "总数中的男性。", _present("sex = 'M'"), group=STOCK, part_of="total"),
    _m("female", "女", "总数中的女性。", _present("sex = 'F'"), group=STOCK, part_of="total"),
    _m("sex_unknown", "性别不明", "总数中没有填性别的人。",
       _present("sex NOT IN ('M', 'F')"), group=STOCK, part_of="total"),
    _m("expected", "应报到", "总数中居住在本市的人，加上住在外地但已报到的人。", "expected", group=STOCK),
    _m("checked_in", "累计已报到", "月末报到有效的人（期末数）。", "checked_in", group=STOCK, part_of="expected"),
    _m("not_checked_in", "未报到", "应报到而月末没有有效报到的人。", "expected AND NOT checked_in", group=STOCK,
       part_of="expected"),
    _m("opening", "期初已报到", "上月末报到有效的人；上月已封存的，以封存时为准。", "was_in", At.FROM, FLOW),
    _m("new", "本月新增报到", "本月起有有效报到、上月末没有的人，从别的社区转来和恢复的除外；本月报到又终止的也算。",
       NEW, group=FLOW),
    _m("moved_in", "本月迁入", "上月末在别的社区报到、月末在本社区的人；含社区撤并转入和恢复（恢复在世等）。",
       "came <> '' AND came IN ('moved', 'merged', 'restored')", group=FLOW),
    _m("moved_out", "本月迁出", "上月末在本社区报到、月末在别的社区报到的人；含社区撤并转出。",
       "gone <> '' AND gone IN ('moved', 'merged')", At.FROM, FLOW),
    _m("died_in", "本月去世（已报到）", "上月末或本月曾有有效报到、月末前去世的人。", "gone <> '' AND gone = 'died'",
       At.FROM, FLOW),
    _m("withdrawn", "本月撤销",
       "上月末或本月曾有有效报到、月末没有的人，去世、迁出除外：本人撤销、社区终止、撤销确认、不列入统计；"
       "以前月份已计去世、恢复后又登记去世的也在这里。",
       "gone <> '' AND gone IN ('withdrawn', 'other', 'undone', 'excluded', 'again')", At.FROM, FLOW),
    _m("late", "以前月份补记", "本月的新增报到和去世中，发生在以前月份、该月封存后才登记的人。",
       "(came <> '' OR gone <> '' OR died) AND late", group=FLOW),
    _m("deaths", "本月去世",
       "本月去世的离退休干部，不论是否报到；含以前月份补记；一人只计一次，已封存的月份计过的不再计。",
       "died", group=FLOW),
    _m("new_online", "线上", "新增报到中本人网上办理的人。", _new_by("online"), group=NEWS, part_of="new"),
    _m("new_counter", "线下", "新增报到中社区窗口、电话、上门办理和导入的人。",
       _new_by("counter", "phone", "home_visit", "import"), group=NEWS, part_of="new"),
    _m("new_family", "代办", "新增报到中家人帮办的人。", _new_by("family"), group=NEWS, part_of="new"),
    _m("new_ceremony", "荣退即报到", "新增报到中在荣退仪式上办理的人。",
       _new_by("ceremony"), group=NEWS, part_of="new"),
    _m("on_time", "按时确认", "新增报到中社区在期限内确认的人。", f"{NEW} AND on_time", group=NEWS, part_of="new"),
    _m("in_lixiu", "离休", "已报到的离休干部。", _in("kind = 'lixiu'"), group=MAKE_UP, part_of="checked_in"),
    _m("in_tuixiu", "退休", "已报到的退休干部。", _in("kind = 'tuixiu'"), group=MAKE_UP, part_of="checked_in"),
    _m("in_male", "男", "已报到的男性。", _in("sex = 'M'"), group=MAKE_UP, part_of="checked_in"),
    _m("in_female", "女", "已报到的女性。", _in("sex = 'F'"), group=MAKE_UP, part_of="checked_in"),
    _m("in_sex_unknown", "性别不明", "已报到，没有填性别。", _in("sex NOT IN ('M', 'F')"), group=MAKE_UP,
       part_of="checked_in"),
    _m("from_outside", "外地来青报到", "已报到、原单位在市外的人。", _in("unit_level = 'outside'"), group=MAKE_UP,
       part_of="checked_in"),
    _m("elsewhere", "异地居住", "总数中居住在外地的人。", _present("elsewhere <> ''"), group=MAKE_UP),
    _m("elsewhere_province", "异地居住（省内）", "总数中居住在市外、省内的人。", _present("elsewhere = 'province'"),
       group=MAKE_UP),
    _m("elsewhere_outside", "异地居住（省外）", "总数中居住在省外的人。",
       _present("elsewhere = 'outside'"), group=MAKE_UP),
    _m("resettled", "易地安置", "总数中有易地安置时间的人。", _present("resettled"), group=MAKE_UP),
    _m("before_scheme", "已离退休多年报到", "已报到、标明已离退休多年的人。", _in("before_scheme"), group=MAKE_UP,
       part_of="checked_in"),
    _m("age_under_60", "不满60岁", "已报到，月末不满60岁。", _in("age < 60"), group=AGES, part_of="checked_in"),
    _m("age_60", "60至69岁", "已报到，月末60至69岁。", _in("age BETWEEN 60 AND 69"), group=AGES, part_of="checked_in"),
    _m("age_70", "70至79岁", "已报到，月末70至79岁。", _in("age BETWEEN 70 AND 79"), group=AGES, part_of="checked_in"),
    _m("age_80", "80至89岁", "已报到，月末80至89岁。", _in("age BETWEEN 80 AND 89"), group=AGES, part_of="checked_in"),
    _m("age_90", "90岁及以上", "已报到，月末90岁及以上。", _in("age >= 90"), group=AGES, part_of="checked_in"),
    _m("age_unknown", "年龄不明", "已报到，没有出生日期。", _in("age IS NULL"), group=AGES, part_of="checked_in"),
    _m("rank_ministry", "省部级", "已报到，职级归并为省部级。", _in("rank_group = 'ministry'"), group=RANKS,
       part_of="checked_in"),
    _m("rank_bureau", "厅局级", "已报到，职级归并为厅局级。",
       _in("rank_group = 'bureau'"), group=RANKS, part_of="checked_in"),
    _m("rank_county", "县处级", "已报到，职级归并为县处级。",
       _in("rank_group = 'county'"), group=RANKS, part_of="checked_in"),
    _m("rank_section", "科以下", "已报到，职级归并为科以下。", _in("rank_group = 'section'"), group=RANKS,
       part_of="checked_in"),
    _m("rank_unknown", "职级不明", "已报到，没有填职级。",
       _in("rank_group NOT IN ('ministry', 'bureau', 'county', 'section')"), group=RANKS, part_of="checked_in"),
    _m("unit_city", "市级机关事业单位", "已报到，现管单位由市级主管，不是企业。",
       _in("unit_level = 'city' AND unit_nature <> 'enterprise'"), group=UNITS, part_of="checked_in"),
    _m("unit_district", "区级及以下机关事业单位", "已报到，现管单位由区市级主管，不是企业。",
       _in("unit_level = 'district' AND unit_nature <> 'enterprise'"), group=UNITS, part_of="checked_in"),
    _m("unit_enterprise", "企业", "已报到，现管单位在本市，是企业。",
       _in("unit_level IN ('city', 'district') AND unit_nature = 'enterprise'"), group=UNITS, part_of="checked_in"),
    _m("unit_unknown", "单位不明", "已报到，没有现管单位。",
       _in("unit_level = ''"), group=UNITS, part_of="checked_in"),
    _m("party", "党员数", "已报到的中共党员和预备党员。", _in("party"), group=PARTY, part_of="checked_in"),
    _m("in_branch", "已编入社区支部", "月末参加社区党组织生活或组织关系在社区的人。", "in_branch", group=PARTY),
    _m("joined_branch", "转入组织关系", "本月组织关系转入社区的人。", "joined_branch", group=PARTY),
    _m("pending", "待确认", "月末已提交、还没有确认的人（含待单位核实、待补充），算在要去的社区。", "pending <> ''",
       At.ASKED, WORK),
    _m("pending_unit", "待单位核实", "待确认中等单位核实的人。",
       "pending <> '' AND pending = 'submitted'", At.ASKED, WORK,
       "pending"),
    _m("pending_community", "待社区确认", "待确认中等社区确认的人。",
       "pending <> '' AND pending = 'verified'", At.ASKED, WORK,
       "pending"),
    _m("returned", "退回补充", "待确认中等本人补充的人。",
       "pending <> '' AND pending = 'returned'", At.ASKED, WORK, "pending"),
    _m("overdue", "超期未确认", "待确认中，月末已过期限的人。",
       "pending <> '' AND overdue", At.ASKED, WORK, "pending"),
    _m("retired_now", "本月办理退休", "离退休时间在本月的人。", _present("retired_now"), group=YEAR),
)  # fmt: skip

SUMS: tuple[Sum, ...] = (
    Sum("confirm_days", "确认天数合计", "新增报到从提交到确认的天数之和。", "confirm_days", "new", NEWS),
)
RATIOS: tuple[Ratio, ...] = (
    Ratio("rate", "报到率", "累计已报到 ÷ 应报到。", "checked_in", "expected", group=STOCK),
    Ratio("on_time_rate", "确认及时率", "按时确认 ÷ 本月新增报到。", "on_time", "new", group=NEWS),
    Ratio(
        "average_days", "平均确认天数", "确认天数合计 ÷ 本月新增报到。", "confirm_days", "new", False, NEWS
    ),
)

BY_KEY: Mapping[str, Measure] = {measure.key: measure for measure in MEASURES}
SUM_BY_KEY: Mapping[str, Sum] = {each.key: each for each in SUMS}
COUNTED = (*BY_KEY, *SUM_BY_KEY)  # the order of the values of a closed month

# The monthly statement as it is printed, in its order.
M1 = (
    "total", "lixiu", "tuixiu", "kind_unknown", "expected", "opening", "checked_in", "rate", "new", "moved_in",
    "moved_out", "died_in", "withdrawn", "late", "new_online", "new_counter", "new_family", "new_ceremony",
    "average_days", "pending", "overdue", "from_outside", "elsewhere", "before_scheme", "in_male", "in_female",
    "in_sex_unknown", "party", "in_branch", "joined_branch", "unit_city", "unit_district", "unit_enterprise",
    "unit_unknown", "rank_ministry", "rank_bureau", "rank_county", "rank_section", "rank_unknown", "age_under_60",
    "age_60", "age_70", "age_80", "age_90", "age_unknown",
)  # fmt: skip


def measure(key: str) -> Measure:
    """Raises RuleBroken for a key nobody defined."""
    known = BY_KEY.get(key)
    if known is None and key in SUM_BY_KEY:
        known = BY_KEY[SUM_BY_KEY[key].over]
    if known is None:
        raise RuleBroken("没有这个统计项，请从报表里点数字。", code="unknown_measure")
    return known


def title(key: str) -> str:
    return _entry(key).title


def sentence(key: str) -> str:
    """The definition (口径) of a figure, one sentence."""
    return _entry(key).sentence


def group_of(key: str) -> str:
    """The head over a figure."""
    return _entry(key).group


def unit(key: str) -> str:
    """What a figure counts: 人, or what the room that registered it says."""
    return registry.columns[key].unit if key in registry.columns else "人"


def is_known(key: str) -> bool:
    return key in BY_KEY or key in SUM_BY_KEY or key in registry.columns or key in _RATIO_BY_KEY


def ratio(key: str) -> Ratio | None:
    return _RATIO_BY_KEY.get(key)


def _entry(key: str) -> "Measure | Ratio | Sum | registry.Column":
    for known in (BY_KEY, SUM_BY_KEY, _RATIO_BY_KEY, registry.columns):
        if key in known:
            return known[key]
    raise RuleBroken("没有这个统计项，请从报表里点数字。", code="unknown_measure")


_RATIO_BY_KEY: Mapping[str, Ratio] = {each.key: each for each in RATIOS}
registry.taken.update(COUNTED, _RATIO_BY_KEY)
