# ruff: noqa: E501, SIM905 -- word lists
"""Work units: of the city and of its districts, some outside, one merged and one dissolved; communities elsewhere."""

from dataclasses import dataclass
from datetime import timedelta

from communities.organisations import credit_codes
from communities.organisations.models import Organisation

from .chance import Weighted, stream
from .days import Days
from .store import Store

Kind = Organisation.Kind
DEMO_UNIT = "青岛市市场监督管理局"
MERGED, SUCCESSOR, DISSOLVED = "青岛市机电工业公司", "青岛市工业和信息化局", "青岛市第二印刷厂"
CITY_ORGANS = (
    "市场监督管理局 教育局 工业和信息化局 科学技术局 公安局 民政局 司法局 财政局 人力资源和社会保障局 自然资源和规划局 "
    "生态环境局 住房和城乡建设局 交通运输局 水务管理局 农业农村局 商务局 文化和旅游局 卫生健康委员会 退役军人事务局 应急管理局 "
    "审计局 统计局 体育局 发展和改革委员会 信访局 总工会 妇女联合会 中级人民法院 人民检察院 供销合作社联合社"
).split()
CITY_INSTITUTIONS = (
    "市立医院 第三人民医院 第五人民医院 妇女儿童医院 中医医院 第一中学 第二中学 第九中学 第十七中学 第三十九中学 "
    "实验小学 图书馆 博物馆 档案馆 群众艺术馆 歌舞剧院 农业科学研究院 水利勘测设计院 环境监测站 疾病预防控制中心 "
    "职业技术学院 老年大学 体育运动学校 气象台 地震台 规划设计研究院 建筑设计院 科技馆 少年宫 盲人学校"
).split()
CITY_ENTERPRISES = (
    "纺织总公司 港务集团 造船厂 啤酒厂 橡胶集团 机床厂 钢铁总厂 化工厂 公共交通集团 自来水集团 热电集团 粮油公司 "
    "第一百货商店 食品公司 医药集团 电子仪表公司 建筑集团 轮渡公司 出租汽车公司 印刷集团"
).split()
DISTRICT_BODIES = (
    ("organ", "委办公室 人民政府办公室 委组织部 人大常委会办公室 政协办公室 教育和体育局 民政局 财政局 人力资源和社会保障局 "
     "住房和城乡建设局 农业农村局 商务局 文化和旅游局 卫生健康局 市场监督管理局 司法局 总工会 人民法院"),
    ("institution", "人民医院 实验小学 第一中学 图书馆"),
)  # fmt: skip
EXTERNAL_UNITS = (
    ("江苏省南京市", "南京市机械工业学校"),
    ("上海市", "上海市闸北丝绸公司"),
    ("辽宁省大连市", "大连市第六造船研究所"),
    ("北京市", "北京市仪表工业设计所"),
    ("山东省济南市", "济南市柴油机配件厂"),
    ("山东省烟台市", "烟台市罐头食品公司"),
    ("黑龙江省哈尔滨市", "哈尔滨市量具厂"),
    ("陕西省西安市", "西安市纺织工业学校"),
    ("四川省成都市", "成都市无线电专科学校"),
    ("河南省郑州市", "郑州市煤矿设计院"),
)
EXTERNAL_COMMUNITIES = (
    ("海南省三亚市", "天涯区海坡社区"),
    ("山东省威海市", "环翠区望岛社区"),
    ("上海市", "杨浦区五角场社区"),
    ("北京市", "海淀区双榆树社区"),
)
NATURES = {
    "organ": credit_codes.PUBLIC_BODY,
    "institution": credit_codes.INSTITUTION,
    "enterprise": credit_codes.COMPANY,
}


@dataclass
class Units:
    """The units that manage people, with draws; `closed` ones are not drawn from."""

    city: list[Organisation]
    district: dict[str, list[Organisation]]
    external: list[Organisation]
    external_communities: list[Organisation]
    demo: Organisation
    merged: Organisation
    successor: Organisation
    dissolved: Organisation

    def __post_init__(self) -> None:
        first = self.city.index(self.demo)
        sizes = [1 / (place + 14) ** 0.7 for place in range(len(self.city))]
        sizes[first] = max(sizes)
        self.of_city = Weighted(zip(self.city, sizes, strict=True))
        self.of_district = {
            code: Weighted((unit, 1 / (place + 6)) for place, unit in enumerate(units))
            for code, units in self.district.items()
        }

    @property
    def open(self) -> list[Organisation]:
        return [unit for units in (self.city, *self.district.values()) for unit in units]


def found_units(seed: int, days: Days, store: Store, bureaus: dict[str, Organisation]) -> Units:
    """Make every unit. `bureaus` by area prefix: "3702" and the districts."""
    chance = stream(seed, "units")
    serial = iter(range(10_000_001, 10_001_000))

    def unit(name: str, nature: str, bureau: Organisation) -> Organisation:
        assert bureau.division is not None
        code = credit_codes.make(next(serial), region=bureau.division.code[:6], kind=NATURES[nature])
        return store.add(
            Organisation(
                code=code,
                credit_code=code,
                kind=Kind.UNIT,
                name=name,
                division=bureau.division,
                parent=bureau,
                nature=nature,
                tier="soe" if nature == "enterprise" else "below_province",
                opened_on=days.launch - timedelta(days=365 * 20),
            )
        )

    names = [(f"青岛市{name}", "organ") for name in CITY_ORGANS]
    names += [(f"青岛市{name}", "institution") for name in CITY_INSTITUTIONS]
    names += [(f"青岛市{name}", "enterprise") for name in CITY_ENTERPRISES]
    city = [unit(name, nature, bureaus["3702"]) for name, nature in names]
    district = {}
    for code, bureau in sorted(bureaus.items()):
        if len(code) == 6:
            assert bureau.division is not None
            district[code] = [
                unit(f"{_of(bureau.division.name, body)}", nature, bureau)
                for nature, bodies in DISTRICT_BODIES
                for body in bodies.split()
            ]
    merged = unit(MERGED, "enterprise", bureaus["3702"])
    dissolved = unit(DISSOLVED, "enterprise", bureaus["3702"])
    by_name = {row.name: row for row in city}
    merged.closed_on, merged.successor = days.back(160), by_name[SUCCESSOR]
    dissolved.closed_on = days.back(260)
    external = [
        store.add(
            Organisation(
                code=f"W{9_000 + place:012d}",
                kind=Kind.EXTERNAL_UNIT,
                name=name,
                region=region,
                address=f"{region}建设路{chance.randrange(1, 200)}号",
                phone=f"0{chance.randrange(21, 99)}-8{chance.randrange(10**6):06d}",
                contact="离退休干部科",
                opened_on=days.launch,
            )
        )
        for place, (region, name) in enumerate(EXTERNAL_UNITS)
    ]
    elsewhere = [
        store.add(
            Organisation(
                code=f"W{9_100 + place:012d}",
                kind=Kind.EXTERNAL_COMMUNITY,
                name=name,
                region=region,
                contact="社区老龄专干",
                opened_on=days.launch,
            )
        )
        for place, (region, name) in enumerate(EXTERNAL_COMMUNITIES)
    ]
    return Units(
        city, district, external, elsewhere, by_name[DEMO_UNIT], merged, by_name[SUCCESSOR], dissolved
    )


def _of(district: str, body: str) -> str:
    """市南区 + 委办公室 is 市南区委办公室; 胶州市 + 委办公室 is 胶州市委办公室."""
    return f"{district}{body}" if district.endswith("市") else f"青岛市{district}{body}"
