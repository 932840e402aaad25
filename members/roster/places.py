"""Where somebody lives, from the words of a roster: district, street, community, each as people write it.

Everything known is in memory (2,000 communities), and each combination of words is looked up once. What is not
certain is suggested in words and never taken by itself.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from communities.divisions.models import Division, DivisionAlias
from communities.divisions.names import shorten, stem_of, tidy

from .notes import Note, error, warning

Level = Division.Level
OUTSIDE_WORDS = re.compile(r"(省|自治区|北京|天津|上海|重庆|香港|澳门|台湾)")
HOME_PROVINCE, HOME_CITY = "山东", "青岛"


@dataclass(frozen=True)
class Home:
    """`code`: the community's division, "" when not known; `elsewhere`: 省内 or 省外, "" in the city."""

    code: str = ""
    elsewhere: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    name: str
    short: str
    stem: str
    street: str


@dataclass
class Places:
    """All open divisions of the city, by the words people use."""

    districts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    streets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    communities: dict[str, list[_Place]] = field(default_factory=lambda: defaultdict(list))  # by district
    street_names: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], Home] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Places":
        """Two queries."""
        places = cls()
        rows = Division.objects.open().values_list(
            "code", "level", "name", "short_name", "stem", "is_virtual"
        )
        for code, level, name, short, stem, is_virtual in rows:
            if level == Level.DISTRICT:
                for word in (name, short, re.sub(r"[区市县]$", "", name)):
                    places.districts[tidy(word)].add(code[:6])
            elif level == Level.STREET:
                places.street_names[code[:9]] = name
                for word in (name, re.sub(r"(街道办事处|街道|镇|乡)$", "", name)):
                    places.streets[tidy(word)].add(code[:9])
            elif level == Level.COMMUNITY and not is_virtual:
                places.communities[code[:6]].append(_Place(code, tidy(name), short, stem, code[:9]))
        for alias, code, certain in DivisionAlias.objects.values_list("alias", "division_id", "is_certain"):
            if certain and code.endswith("000000"):
                places.districts[tidy(alias)].add(code[:6])
        return places

    def find(self, district: str, street: str, community: str) -> Home:
        """The home that three words mean, each "" when the roster does not say it."""
        key = (district, street, community)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find(tidy(district), tidy(street), tidy(community))
        return known

    def _find(self, district: str, street: str, community: str) -> Home:
        if not (district or street or community):
            return Home()
        areas, outside = self._areas(district)
        if outside:
            return Home(elsewhere=outside)
        notes: list[Note] = []
        if district and not areas:
            notes.append(warning("district_unknown", f"没有区市“{district}”，请核对", "district"))
        streets = {code for code in self.streets.get(_street(street), ()) if not areas or code[:6] in areas}
        if not community:
            return Home(notes=tuple(notes))
        within = areas or {code[:6] for code in streets} or set(self.communities)
        return self._community(community, street, streets, within, notes)

    def _areas(self, district: str) -> tuple[set[str], str]:
        """The districts a word means; else whether it lies outside the city (省内 province, 省外 outside)."""
        if not district:
            return set(), ""
        for word in (district, re.sub(r"^(?:山东省?)?(?:青岛市?)?", "", district)):
            if word in self.districts:
                return self.districts[word], ""
        if HOME_CITY in district:
            return set(), ""
        if HOME_PROVINCE in district:
            return set(), "province"
        return set(), "outside" if OUTSIDE_WORDS.search(district) or district.endswith("市") else ""

    def _community(
        self, community: str, street: str, streets: set[str], within: set[str], notes: list[Note]
    ) -> Home:
        everywhere = [place for area in sorted(within) for place in self.communities.get(area, ())]
        found = _named(community, everywhere)
        here = [place for place in found if place.street in streets]
        if len(here) == 1:
            return Home(here[0].code, notes=tuple(notes))
        if len(found) == 1:
            if street:
                right = self.street_names.get(found[0].street, "")
                words = f"“{found[0].short}”在{right}，不在“{street}”，已按社区填，请核对街道"
                notes.append(warning("street_disagrees", words, "street"))
            return Home(found[0].code, notes=tuple(notes))
        if found:
            where = "、".join(sorted({self.street_names.get(place.street, "") for place in found})[:4])
            words = f"叫“{community}”的社区不止一个（{where}），居住地先空着，请写明街道"
            return Home(notes=(*notes, warning("community_ambiguous", words, "community")))
        return self._near(
            community, [place for place in everywhere if place.street in streets], everywhere, notes
        )

    def _near(self, community: str, here: list[_Place], everywhere: list[_Place], notes: list[Note]) -> Home:
        """Nobody has this name: near ones of the street are suggested; with none, the row has to be mended."""
        near = [place.short for place in here if _one_letter_apart(shorten(community), place.short)]
        if near:
            words = f"没有“{community}”，是不是“{'”或“'.join(near[:3])}”？居住地先空着，请改正或请社区核对"
            return Home(notes=(*notes, warning("community_near", words, "community")))
        similar = [place for place in everywhere if _one_letter_apart(shorten(community), place.short)]
        hint = "、".join(
            f"{place.short}（{self.street_names.get(place.street, '')}）" for place in similar[:3]
        )
        words = (
            f"没有社区“{community}”"
            + (f"，相近的有{hint}" if hint else "")
            + "，请改成社区的全称，或清空这一格"
        )
        return Home(notes=(*notes, error("community_unknown", words, "community")))


def _street(word: str) -> str:
    return re.sub(r"办事处$", "", word)


def _named(word: str, places: list[_Place]) -> list[_Place]:
    """Communities whose full name, else short name, else stem is `word`."""
    short, stem = shorten(word), stem_of(shorten(word))
    for same in (
        lambda place: place.name == word,
        lambda place: place.short == short,
        lambda place: place.stem == stem and len(stem) > 1 and word in (stem, short),
    ):
        found = [place for place in places if same(place)]
        if found:
            return found
    return []


def _one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter dropped, added or mistaken makes one of the other."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    if len(one) == len(other):
        return one[start + 1 :] == other[start + 1 :]
    shorter, longer = sorted((one, other), key=len)
    return shorter[start:] == longer[start + 1 :]
