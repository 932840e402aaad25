"""Forty thousand retirees, all fictional: who they are, how old, how well, and where they live."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from communities.organisations.models import Organisation
from members.people import id_numbers, pinyin
from members.people.models import Retiree

from . import words
from .chance import Weighted, stream
from .days import Days
from .places import Home, Homes
from .store import Store, new, point
from .units import Units

AGES = Weighted(
    [
        ((60, 65), 17),
        ((65, 70), 22),
        ((70, 75), 21),
        ((75, 80), 15),
        ((80, 85), 11),
        ((85, 90), 8),
        ((90, 96), 6),
    ]
)
LIXIU_AGE = 92  # nobody younger can have joined before October 1949
LIXIU_SHARE = 0.45
OF_DISTRICT_UNIT, OF_EXTERNAL_UNIT, OF_CLOSED_UNIT = 0.32, 0.012, 0.004
AT_HOME = 0.75  # of the people of a district's units live in the district
COUPLES, SHARED_PHONE = 0.05, 0.55
ELSEWHERE = 0.02
INCOMPLETE = 0.025
CLAIMED = 0.006


@dataclass
class Person:
    """A retiree as the city knows them: the row, and what the row alone does not say."""

    row: Retiree
    unit: Organisation
    home: Home | None  # None: lives outside the city
    era: int
    is_demo: bool = False
    shares_phone: bool = False
    vouched_on: date | None = None  # when a unit took in somebody who had registered alone
    former: Organisation | None = None  # the unit that was, when another one took over

    @property
    def is_claimed(self) -> bool:
        return self.row.standing == Retiree.Standing.CLAIMED


class Registry:
    """Hands out ID numbers and phones that nobody has yet."""

    def __init__(self, chance: Random):
        self.chance = chance
        self.bodies = set[str]()
        self.phones = set[str]()

    def id_number(self, born: date, sex: str) -> str:
        while True:
            order = self.chance.randrange(0, 499) * 2 + (1 if sex == "M" else 2)
            body = f"{words.REGIONS.draw(self.chance)}{born:%Y%m%d}{order:03d}"
            if body not in self.bodies:
                self.bodies.add(body)
                return body + id_numbers.check_character(body)

    def phone(self) -> str:
        while True:
            phone = f"{self.chance.choice(words.MOBILE)}{self.chance.randrange(10**8):08d}"
            if phone not in self.phones:
                self.phones.add(phone)
                return phone


class Maker:
    """Makes people one after the other."""

    def __init__(
        self,
        seed: int,
        days: Days,
        store: Store,
        homes: Homes,
        units: Units,
        bureaus: dict[str, Organisation],
    ):
        self.bureaus = bureaus
        self.chance = stream(seed, "people")
        self.days, self.store, self.homes, self.units = days, store, homes, units
        self.registry = Registry(stream(seed, "numbers"))
        self.spelled: dict[str, str] = {}
        self.imported_at = days.office(self.chance, days.on_or_before(days.launch))

    def crowd(self, count: int) -> list[Person]:
        """`count` people over the whole city; now and then two of them are a couple."""
        people: list[Person] = []
        while len(people) < count:
            one = people[-1] if people and self.chance.random() < COUPLES else None
            people.append(self.spouse(one) if one and one.home and not one.shares_phone else self.person())
        return people

    def person(
        self,
        *,
        home: Home | None = None,
        unit: Organisation | None = None,
        ages: tuple[int, int] | None = None,
        complete: bool = False,
        sex: str = "",
        name: str = "",
    ) -> Person:
        """Somebody; what is given is taken, the rest is drawn. `complete`: with nothing missing."""
        chance = self.chance
        if unit is None:
            unit = self._unit(home)
        elsewhere = home is None and not unit.is_external and chance.random() < ELSEWHERE
        if home is None and not elsewhere:
            district = unit.division.code[:6] if unit.division else None
            local = district in self.units.district and chance.random() < AT_HOME
            home = self.homes.draw(chance, district if local else None)
        sex = sex or ("M" if chance.random() < 0.62 else "F")
        person = self._make(sex, ages or AGES.draw(chance), unit, home, complete=complete)
        if name:
            person.row.name, person.row.name_pinyin = name, self._spell(name)
        return person

    def spouse(self, one: Person) -> Person:
        """Husband or wife of `one`: the same home, often the same phone."""
        born = one.row.birth_date
        age = (self.days.today - born).days // 365 if born else 70
        low = max(60, min(age - 3, 93))
        sex = "F" if one.row.sex == "M" else "M"
        two = self._make(sex, (low, low + 4), self._unit(one.home), one.home, complete=False)
        two.row.residence_address = one.row.residence_address
        if one.row.phone and self.chance.random() < SHARED_PHONE:
            two.row.set_phone(one.row.phone)
            two.shares_phone = True
        return two

    def _unit(self, home: Home | None) -> Organisation:
        chance, units = self.chance, self.units
        draw = chance.random()
        if draw < OF_EXTERNAL_UNIT:
            return chance.choice(units.external)
        if draw > 1 - OF_CLOSED_UNIT:
            return units.merged if chance.random() < 0.7 else units.dissolved
        if draw < OF_EXTERNAL_UNIT + OF_DISTRICT_UNIT:
            district = home.division.code[:6] if home else self.homes.districts.draw(chance)
            return units.of_district[district].draw(chance)
        return units.of_city.draw(chance)

    def _born(self, ages: tuple[int, int]) -> date:
        first = self.days.today.replace(day=1)
        low = date(first.year - ages[1], first.month, 1)
        high = date(first.year - ages[0], first.month, 1)
        return low + timedelta(days=self.chance.randrange((high - low).days))

    def _make(
        self, sex: str, ages: tuple[int, int], unit: Organisation, home: Home | None, *, complete: bool
    ) -> Person:
        chance, days = self.chance, self.days
        while True:
            born = self._born(ages)
            post, rank, category = self._post(unit)
            retired = _retired(born, sex, rank)
            if retired <= (unit.closed_on - timedelta(days=90) if unit.closed_on else days.today):
                break
            if unit.closed_on:
                ages = (66, 80)
            sex = "F"  # a man of sixty may have to wait; a woman has retired
        years = (days.today - born).days / 365.25
        era = 0 if born.year < 1946 else 1 if born.year < 1958 else 2
        is_lixiu = years >= LIXIU_AGE and chance.random() < LIXIU_SHARE
        row = new(
            Retiree,
            name=self._name(sex, era),
            sex=sex,
            birth_date=born,
            ethnicity=words.ETHNICITY.draw(chance),
            native_place=words.NATIVE.draw(chance),
            kind=Retiree.Kind.LIXIU if is_lixiu else Retiree.Kind.TUIXIU,
            original_unit=unit.name,
            original_post=post,
            rank=rank,
            category=category,
            treatment=rank if rank != "other" else "",
            education=words.EDUCATION[era].draw(chance),
            created_at=self.imported_at,
            updated_at=self.imported_at,
        )
        row.name_pinyin = self._spell(row.name)
        row.set_id_number(self.registry.id_number(born, sex))
        row.set_phone(self.registry.phone())
        if is_lixiu:
            self._revolution(row, born)
        else:
            row.joined_work_on = (
                f"{born.year + chance.choice((17, 18, 18, 19, 20, 22))}-{chance.choice((3, 7, 8, 9, 12)):02d}"
            )
        row.retired_on = f"{retired:%Y-%m}"
        row.retired_before_scheme = retired < days.launch
        row.political_status = "cpc" if is_lixiu else words.PARTY.draw(chance)
        if row.political_status == "cpc":
            joined = int(row.joined_work_on[:4]) + 1 + int(chance.expovariate(1 / 7))
            row.party_joined_on = f"{min(joined, retired.year)}-{chance.choice((1, 5, 6, 7, 7, 10, 12)):02d}"
        self._contact(row, home)
        self._ability(row, era)
        person = Person(row, unit, home, era)
        if unit.closed_on is not None:
            person.former, person.unit = unit, unit.successor or self.bureaus["3702"]
        elif home is not None and not complete and chance.random() < (0.35 if unit.is_external else CLAIMED):
            row.standing, row.claimed_unit = Retiree.Standing.CLAIMED, unit
            row.original_post = row.rank = row.retired_on = row.joined_work_on = row.political_status = ""
            row.party_joined_on, row.residence = "", None
        if not complete and chance.random() < INCOMPLETE:
            self._forget(row)
        self.store.add(row)
        return person

    def _post(self, unit: Organisation) -> tuple[str, str, str]:
        nature = unit.nature or "enterprise"
        post, rank, category = words.POSTS[nature].draw(self.chance)
        if nature == "organ" and unit.division is not None and not unit.division.code.startswith("37020"):
            rank = words.LOWER.get(rank, rank)
        return post, rank, category

    def _name(self, sex: str, era: int) -> str:
        return words.SURNAMES.draw(self.chance) + self.chance.choice(words.GIVEN_LISTS[sex, era])

    def _spell(self, name: str) -> str:
        if name not in self.spelled:
            self.spelled[name] = pinyin.spell(name)
        return self.spelled[name]

    def _revolution(self, row: Retiree, born: date) -> None:
        """Joined at fourteen or later, before October 1949."""
        first = max(born.year + 14, 1945)
        joined = date(first, 1, 1) + timedelta(
            days=self.chance.randrange((date(1949, 9, 30) - date(first, 1, 1)).days)
        )
        row.joined_work_on = f"{joined:%Y-%m}"
        row.revolution_period = "war_late" if joined < date(1945, 9, 3) else "liberation"

    def _contact(self, row: Retiree, home: Home | None) -> None:
        chance = self.chance
        if home is None:
            outside = chance.random() < 0.55
            row.elsewhere = Retiree.Elsewhere.OUTSIDE if outside else Retiree.Elsewhere.PROVINCE
            town = chance.choice(
                ("海南省三亚市天涯区", "上海市杨浦区", "北京市海淀区")
                if outside
                else ("山东省威海市环翠区", "山东省济南市历下区")
            )
            row.residence_address = f"{town}文化路{chance.randrange(1, 200)}号{chance.randrange(1, 12)}号楼"
        else:
            row.residence_address = home.address(chance)
            if chance.random() < 0.92:
                point(row, "residence", home.division)
        if chance.random() < 0.82:
            relation = (
                "spouse"
                if chance.random() < 0.3
                else chance.choice(("son", "daughter", "daughter", "daughter_in_law"))
            )
            row.emergency_relation = relation
            surname = (
                row.name[0]
                if relation in ("son", "daughter") and row.sex == "M"
                else words.SURNAMES.draw(chance)
            )
            row.emergency_name = surname + chance.choice(words.YOUNG)
            row.emergency_phone = f"{chance.choice(words.MOBILE)}{chance.randrange(10**8):08d}"
        if chance.random() < 0.25:
            row.landline = f"0532-8{chance.randrange(10**7):07d}"

    def _ability(self, row: Retiree, era: int) -> None:
        chance = self.chance
        row.health = words.HEALTH[era].draw(chance)
        row.mobility = words.MOBILITY[row.health]
        row.living_situation = words.LIVING[era].draw(chance)
        row.interests = chance.sample(words.INTERESTS, chance.choice((0, 1, 1, 2, 2, 3)))
        if chance.random() < 0.3:
            row.skills = chance.choice(words.SKILLS)
        if chance.random() < 0.35:
            row.needs = sorted({words.NEEDS.draw(chance) for _ in range(chance.choice((1, 1, 2, 3)))})
        if row.rank == "other":
            row.title = row.original_post

    def _forget(self, row: Retiree) -> None:
        """An old record: things that nobody wrote down at the time."""
        for name in self.chance.sample(
            ("native_place", "education", "rank", "joined_work_on", "party_joined_on"), 3
        ):
            setattr(row, name, "")
        if self.chance.random() < 0.3:
            row.set_phone("")
        if self.chance.random() < 0.12:
            row.set_id_number("")
        if row.kind == Retiree.Kind.TUIXIU and self.chance.random() < 0.3:
            row.retired_on = row.retired_on[:4]


def _retired(born: date, sex: str, rank: str) -> date:
    """The first month of retirement; since 2025 a month later for every four months (women of 55: two)."""
    age = 60 if sex == "M" or rank in words.RANKS_OF_LEADERS else 55
    month = born.year * 12 + born.month - 1 + age * 12
    late = month - (2025 * 12)
    if late >= 0:
        month += late // 4 + 1
    return date(month // 12, month % 12 + 1, 1)
