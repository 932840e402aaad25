"""How a table may be cut and a list be narrowed: every dimension of the statistics, each defined once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from huifeng.codes import labels
from members.people.models import Retiree


@dataclass(frozen=True)
class Dimension:
    """`expression` gives the value of a row; `choices` every value with its words, in order.

    `is_open`: the column may hold words that no list holds any more; these people stand with the unknown ("").
    """

    key: str
    title: str
    expression: str
    choices: Callable[[], list[tuple[str, str]]]
    is_open: bool = False

    @property
    def sql(self) -> str:
        """The value of a row, always one of the choices."""
        if not self.is_open:
            return self.expression
        known = ", ".join(_quoted(value) for value, _ in self.choices() if value) or "NULL"
        return f"CASE WHEN {self.expression} IN ({known}) THEN {self.expression} ELSE '' END"


def _quoted(value: str) -> str:
    """A word of a list as SQL in a query with parameters."""
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def _fixed(*pairs: tuple[str, str]) -> Callable[[], list[tuple[str, str]]]:
    return lambda: list(pairs)


def _of_list(name: str, unknown: str) -> Callable[[], list[tuple[str, str]]]:
    return lambda: [*labels.choices(name), ("", unknown)]


YES_NO = _fixed(("yes", "是"), ("no", "否"))
AGE_BANDS = (
    ("under_60", "不满60岁"),
    ("60", "60至69岁"),
    ("70", "70至79岁"),
    ("80", "80至89岁"),
    ("90", "90岁及以上"),
)
AGE_SQL = (
    "CASE WHEN age IS NULL THEN '' WHEN age < 60 THEN 'under_60' WHEN age < 70 THEN '60'"
    " WHEN age < 80 THEN '70' WHEN age < 90 THEN '80' ELSE '90' END"
)

RANK_STEPS = (
    ("正省部级", ("ministry_1",)), ("副省部级", ("ministry_2",)), ("正厅局级", ("bureau_1",)),
    ("副厅局级", ("bureau_2",)), ("正县处级", ("county_1",)), ("副县处级", ("county_2",)),
    ("正乡科级", ("section_1",)), ("副乡科级", ("section_2",)),
)  # fmt: skip
OTHER_RANK = "科员办事员及其他"
RANK_STEP_SQL = (
    "CASE rank "
    + " ".join(f"WHEN '{code}' THEN '{step}'" for step, codes in RANK_STEPS for code in codes)
    + f" ELSE '{OTHER_RANK}' END"
)
# The periods of the annual forms. A partial date counts as its first day. Source: domain.md §1.10.
REVOLUTION_PERIODS = (
    ("1927-07-31", "1927年7月底以前"),
    ("1937-07-06", "1927年8月1日至1937年7月6日"),
    ("1942-12-31", "1937年7月7日至1942年12月"),
    ("1945-09-02", "1943年1月1日至1945年9月2日"),
    ("1949-09-30", "1945年9月3日至1949年9月30日"),
)
REVOLUTION_SQL = (
    "CASE WHEN joined_work_on = '' THEN '' "
    + " ".join(
        f"WHEN joined_work_on COLLATE \"C\" <= '{last}' THEN '{last}'" for last, _ in REVOLUTION_PERIODS
    )
    + " ELSE '' END"
)


def _flag(column: str) -> str:
    return f"CASE WHEN {column} THEN 'yes' ELSE 'no' END"


DIMENSIONS: Mapping[str, Dimension] = {
    each.key: each
    for each in (
        Dimension(
            "kind", "离休/退休", "kind", lambda: [*Retiree.Kind.choices, ("", "类型不明")], is_open=True
        ),
        Dimension("sex", "性别", "sex", lambda: [*Retiree.Sex.choices, ("", "性别不明")], is_open=True),
        Dimension("age", "年龄段", AGE_SQL, _fixed(*AGE_BANDS, ("", "年龄不明"))),
        Dimension("rank", "职级", "rank_group", _of_list("rank_group", "职级不明"), is_open=True),
        Dimension("party", "是否党员", _flag("party"), YES_NO),
        Dimension(
            "channel",
            "报到渠道",
            "channel",
            _fixed(
                ("online", "本人网上"),
                ("counter", "社区窗口"),
                ("family", "家人帮办"),
                ("phone", "电话登记"),
                ("home_visit", "上门登记"),
                ("ceremony", "荣退仪式"),
                ("import", "导入"),
                ("", "没有报到"),
            ),
        ),
        Dimension("nature", "单位性质", "unit_nature", _of_list("unit_nature", "性质不明"), is_open=True),
        Dimension("tier", "单位层级", "unit_tier", _of_list("unit_tier", "层级不明"), is_open=True),
        Dimension(
            "level",
            "主管层级",
            "unit_level",
            _fixed(("city", "市级"), ("district", "区市级"), ("outside", "市外单位"), ("", "单位不明")),
        ),
        Dimension(
            "elsewhere",
            "异地居住",
            "elsewhere",
            _fixed(("", "居住在本市"), ("province", "省内"), ("outside", "省外")),
        ),
        Dimension("resettled", "易地安置", _flag("resettled"), YES_NO),
        Dimension("before_scheme", "已离退休多年", _flag("before_scheme"), YES_NO),
        Dimension("dependent", "生活不能自理", _flag("dependent"), YES_NO),
        Dimension(
            "rank_step",
            "职级（九级）",
            RANK_STEP_SQL,
            _fixed(*((step, step) for step, _ in RANK_STEPS), (OTHER_RANK, OTHER_RANK)),
        ),
        Dimension(
            "period",
            "参加革命工作时间",
            REVOLUTION_SQL,
            _fixed(*REVOLUTION_PERIODS, ("", "1949年10月以后或不明")),
        ),
    )
}
