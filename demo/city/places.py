# ruff: noqa: SIM905 -- word lists
"""Where people live: 小区, road stretches and hamlets of every community, and how communities are reached."""

from dataclasses import dataclass, field
from random import Random

from communities.divisions.models import Division, NamedPlace
from communities.divisions.names import sound_of
from communities.organisations.models import Organisation

from .chance import Weighted, stream
from .store import Store

# How many of the city's retirees live in a district, and roads there.
DISTRICTS = {
    "370202": (
        300,
        "香港中路 香港西路 江西路 闽江路 南京路 宁夏路 延安三路 东海西路 福州南路 漳州路 湛山路 太平路 中山路 云南路",
    ),
    "370203": (
        260,
        "敦化路 辽阳西路 台东一路 威海路 延安路 登州路 合肥路 山东路 黑龙江南路 人民路 兴隆路 洛阳路 鞍山路",
    ),
    "370211": (110, "长江中路 香江路 井冈山路 江山中路 珠江路 滨海大道 世纪大道 双珠路 灵山卫路 紫金山路"),
    "370212": (110, "香港东路 海尔路 秦岭路 苗岭路 仙霞岭路 银川东路 同安路 辽阳东路 松岭路"),
    "370213": (80, "京口路 书院路 夏庄路 向阳路 永平路 振华路 兴城路 九水路 金水路 峰山路"),
    "370214": (60, "正阳路 长城路 明阳路 春阳路 山城路 重庆北路 崇阳路 文阳路"),
    "370215": (35, "鹤山路 振华街 岙兰路 烟青路 文化路 嵩山二路 蓝鳌路 泰山一路"),
    "370281": (20, "福州南路 澳门路 兰州东路 北京路 扬州路 郑州西路 温州路"),
    "370283": (15, "杭州路 人民路 郑州路 红旗路 青岛路 胜利路 天柱山路"),
    "370285": (10, "烟台路 威海路 北京路 上海路 长岛路 石岛路 黄海路"),
}
ESTATE_ENDINGS = "花园 家园 佳苑 新苑 小区 雅居 馨苑 名苑 公寓 嘉园 景苑 华庭".split()
ESTATE_MIDDLES = "惠风 和畅 春晓 海韵 安康 颐和 康乐 松鹤 枫林 观澜 祥和 银龄".split()
VILLAGE_SHARE = 0.12  # a village holds this much of what a town community does
STRETCH = 60
FIRST_DEMO_COMMUNITY = "370202001001"
SECOND_DEMO_COMMUNITY = "370202001014"


@dataclass
class Home:
    """A community as a place to live: what addresses there look like."""

    organisation: Organisation
    division: Division
    district: str
    street: str
    estates: list[str] = field(default_factory=list)
    stretches: list[NamedPlace] = field(default_factory=list)

    @property
    def is_village(self) -> bool:
        return "200" <= self.division.code[9:] < "400" or "500" <= self.division.code[9:] < "600"

    def address(self, chance: Random) -> str:
        """An address that leads to this community."""
        door = f"{chance.randrange(1, 5)}单元{chance.randrange(1, 7)}0{chance.randrange(1, 3)}户"
        if self.estates and (not self.stretches or chance.random() < 0.6):
            return f"{self.district}{chance.choice(self.estates)}{chance.randrange(1, 25)}号楼{door}"
        if self.stretches:
            stretch = chance.choice(self.stretches)
            assert stretch.number_from is not None
            assert stretch.number_to is not None
            number = chance.randrange(stretch.number_from, stretch.number_to + 1, 2)
            return f"{self.district}{stretch.name}{number}号{chance.randrange(1, 9)}号楼{door}"
        return f"{self.district}{self.street}{self.division.short_name}{chance.randrange(1, 400)}号"


class Homes:
    """Every community of the city that people live in, with draws by district."""

    def __init__(self, homes: list[Home]):
        self.all = homes
        self.by_code = {home.division.code: home for home in homes}
        self.districts = Weighted((code, weight) for code, (weight, _) in DISTRICTS.items())
        self.within = {
            code: Weighted(
                (home, VILLAGE_SHARE if home.is_village else 1.0)
                for home in homes
                if home.division.code.startswith(code)
            )
            for code in DISTRICTS
        }
        self.by_street: dict[str, list[Home]] = {}
        for home in homes:
            self.by_street.setdefault(home.division.code[:9], []).append(home)

    def draw(self, chance: Random, district: str | None = None) -> Home:
        return self.within[district or self.districts.draw(chance)].draw(chance)

    def neighbour(self, chance: Random, home: Home) -> Home:
        """Another community of the same street, else of the same district, else any other."""
        for group in (
            self.by_street[home.division.code[:9]],
            self.within[home.division.code[:6]].values,
            self.all,
        ):
            others = [other for other in group if other is not home]
            if others:
                return chance.choice(others)
        raise ValueError("a city of one community")


def describe_places(seed: int, store: Store) -> Homes:
    """Give every open community its estates and road stretches, and say how it is reached."""
    chance = stream(seed, "places")
    communities = (
        Organisation.objects.open()
        .filter(kind=Organisation.Kind.COMMUNITY, division__closed_on=None)
        .select_related("division__parent__parent", "parent")
        .order_by("code")
    )
    homes, taken, ends = [], set[str](), dict[tuple[str, str], int]()
    for organisation in communities:
        division = organisation.division
        assert division is not None
        assert division.parent is not None
        assert division.parent.parent is not None
        home = Home(organisation, division, division.parent.parent.name, division.parent.name)
        if not home.is_village:
            _add_estates(chance, store, home, taken)
            _add_stretches(chance, store, home, ends)
        homes.append(home)
    return Homes(homes)


def _add_estates(chance: Random, store: Store, home: Home, taken: set[str]) -> None:
    stem = home.division.stem[:6]
    for _ in range(chance.randrange(2, 5)):
        for _ in range(50):
            middle = chance.choice(ESTATE_MIDDLES) if chance.random() < 0.35 else ""
            name = f"{stem}{middle}{chance.choice(ESTATE_ENDINGS)}"
            if name not in taken:
                break
        else:
            continue
        taken.add(name)
        home.estates.append(name)
        place = NamedPlace(
            community=home.division, kind=NamedPlace.Kind.ESTATE, name=name, sound=sound_of(name)
        )
        store.add(place)


def _add_stretches(chance: Random, store: Store, home: Home, ends: dict[tuple[str, str], int]) -> None:
    """Cut the next stretch from one or two roads of the district; some communities have one side of it only."""
    district = home.division.code[:6]
    roads = DISTRICTS[district][1].split()
    for road in chance.sample(roads, chance.choice((1, 1, 2))):
        start = ends.get((district, road), 0) + 1
        length = chance.choice((STRETCH // 2, STRETCH, STRETCH + 40))
        ends[district, road] = start + length - 1
        parity = chance.choice((NamedPlace.Parity.ALL, NamedPlace.Parity.ODD, NamedPlace.Parity.EVEN))
        low = start + 1 if parity == NamedPlace.Parity.EVEN else start
        place = NamedPlace(
            community=home.division,
            kind=NamedPlace.Kind.ROAD,
            name=road,
            sound=sound_of(road),
            number_from=low,
            number_to=start + length - 1,
            parity=parity,
        )
        home.stretches.append(store.add(place))
