"""Which community a typed address lies in: at most three, each with its reason, best first.

What is certain comes first: names written in the address letter for letter, found by looking all its pieces
up in three indexes at once. Only when that gives fewer than three are its words compared by sound (trigram
similarity of the pinyin), which finds 云霄路 when somebody types 云宵路.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef

from .models import Division, NamedPlace
from .names import sound_of, tidy

MOST_SUGGESTIONS = 3
LONGEST_ADDRESS = 80
SHORTEST_PIECE, LONGEST_PIECE = 2, 12
MOST_WORDS_COMPARED = 4
LEAST_SIMILARITY = 0.25  # of the sound, below which the index does not even name it
LEAST_LIKENESS = 0.4  # of sound and characters together
SHORT_WORD_STARTS = re.compile(r"(?:^|[\d路街道巷村镇区市县])$")
WORDS = re.compile(r"\d+|[号栋幢楼层室户]|单元")
ROAD_WORD = re.compile(r"[^\d]+?(?:大道|大街|路|街|巷|胡同)")
HOUSE_NUMBER = re.compile(r"[甲乙丙]?(\d{1,5})(?!\d*(?:栋|幢|楼|单元))")

# How much each kind of evidence is worth; likeness is worth at most ALIKE.
NAMED, ESTATE, NUMBER, OTHER, ROAD, STEM, ROAD_PART, ALIKE = 1.0, 0.97, 0.95, 0.9, 0.85, 0.7, 0.65, 0.6
IN_NAMED_STREET, MORE_EVIDENCE = 0.02, 0.01

# The names first and the places they lead to second: the planner's own order is a hundred times slower
# before the tables have statistics.
FIND = """
WITH alias AS MATERIALIZED (
    SELECT division_id, alias, is_certain
      FROM communities_divisions_divisionalias WHERE alias = ANY(%(pieces)s)
), place AS MATERIALIZED (
    SELECT community_id, kind, name, number_from, number_to, parity
      FROM communities_divisions_namedplace WHERE name = ANY(%(pieces)s)
)
SELECT 'division' AS source, code, level, stem AS word, short_name, NULL::int AS low, NULL::int AS high,
       '' AS parity, true AS is_certain
  FROM communities_divisions_division
 WHERE stem = ANY(%(pieces)s) AND closed_on IS NULL AND NOT is_virtual
UNION ALL
SELECT 'alias', d.code, d.level, a.alias, d.short_name, NULL, NULL, '', a.is_certain
  FROM alias a JOIN communities_divisions_division d ON d.code = a.division_id
 WHERE d.closed_on IS NULL AND NOT d.is_virtual
UNION ALL
SELECT p.kind, d.code, d.level, p.name, d.short_name, p.number_from, p.number_to, p.parity, true
  FROM place p JOIN communities_divisions_division d ON d.code = p.community_id
 WHERE d.closed_on IS NULL
"""

# Names equal to the word are left out: what they say has been weighed already, house number and all.
COMPARE = """
WITH community AS MATERIALIZED (
    SELECT code, short_name, stem, sound FROM communities_divisions_division
     WHERE sound %% %(sound)s AND code LIKE %(area)s
       AND level = 'community' AND closed_on IS NULL AND NOT is_virtual
), place AS MATERIALIZED (
    SELECT community_id, name, sound FROM communities_divisions_namedplace
     WHERE sound %% %(sound)s AND community_id LIKE %(area)s
)
SELECT code, short_name AS word, similarity(sound, %(sound)s) AS likeness
  FROM community WHERE stem <> %(word)s
UNION ALL
SELECT d.code, p.name, similarity(p.sound, %(sound)s)
  FROM place p JOIN communities_divisions_division d ON d.code = p.community_id
 WHERE p.name <> %(word)s AND d.closed_on IS NULL
 ORDER BY likeness DESC, code
 LIMIT 10
"""


@dataclass(frozen=True)
class Suggestion:
    """A community the address may lie in. `exact`: the address itself names it, its 小区 or its road and
    number."""

    community: Division
    reason: str
    score: float
    exact: bool


@dataclass(frozen=True)
class Found:
    """A name that occurs in the address, and the place it leads to."""

    source: str
    code: str
    level: str
    word: str
    short_name: str
    low: int | None
    high: int | None
    parity: str
    is_certain: bool

    @property
    def is_area(self) -> bool:
        return self.level != Division.Level.COMMUNITY


@dataclass(frozen=True)
class Evidence:
    """Why a community comes into question."""

    code: str
    score: float
    reason: str
    exact: bool = False


def recommend(address: str, *, district: str | None = None) -> list[Suggestion]:
    """At most three communities for a typed `address`, best first; an empty list asks for a person's help.

    `district`: the code of the district chosen beside the address, or its prefix; only its communities are
    looked at. Without it a district, a street or an alias written in the address narrows the search. Never a
    closed or a virtual community. At most four small queries, whatever the size of the register.
    """
    text = tidy(address)[:LONGEST_ADDRESS]
    found = _uncovered(text, _find(text))
    area = _prefix(district) if district else _written_area(found)
    streets = {f.code[:9] for f in found if f.level == Division.Level.STREET}
    evidence = [
        piece for f in found if not f.is_area and f.code.startswith(area) for piece in _weigh(text, f)
    ]
    if len({piece.code for piece in evidence}) < MOST_SUGGESTIONS:
        evidence += _alike(text, found, area)
    return _ranked(evidence, streets)


def _find(text: str) -> list[Found]:
    pieces = list(
        {
            text[start : start + length]
            for length in range(SHORTEST_PIECE, LONGEST_PIECE + 1)
            for start in range(len(text) - length + 1)
        }
    )
    if not pieces:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"pieces": pieces})
        return [Found(*row) for row in cursor.fetchall()]


def _uncovered(text: str, found: list[Found]) -> list[Found]:
    """`found` without names that occur only inside a longer one: 香港中路 in 香港中路街道."""
    words = {f.word for f in found}
    spans = {(start, start + len(word)) for word in words for start in _places_of(word, text)}
    alone = {
        text[start:end]
        for start, end in spans
        if not any(s <= start and end <= e and (s, e) != (start, end) for s, e in spans)
    }
    return [f for f in found if f.word in alone]


def _places_of(word: str, text: str) -> list[int]:
    return [match.start() for match in re.finditer(f"(?={re.escape(word)})", text)]


def _prefix(code: str) -> str:
    return code[:6] if len(code) > 6 else code


def _written_area(found: Iterable[Found]) -> str:
    """The prefix of the one district that the address names, else of the one city, else nothing."""
    districts, cities = set[str](), set[str]()
    for f in found:
        if not f.is_area or f.level == Division.Level.PROVINCE:
            continue
        if f.level == Division.Level.CITY or not f.is_certain:
            cities.add(f.code[:4])
        elif f.level == Division.Level.DISTRICT or f.source == "alias":
            districts.add(f.code[:6])
    for areas in (districts, cities):
        if len(areas) == 1:
            return areas.pop()
    return ""


def _weigh(text: str, found: Found) -> list[Evidence]:
    """What a name written in the address says about its community; an empty list when it says nothing."""
    match found.source:
        case "division" if found.short_name in text:
            return [Evidence(found.code, NAMED, f"您写到了“{found.short_name}”", exact=True)]
        case "division":
            if len(found.word) == 2 and not _begins_a_word(found.word, text):
                return []
            return [Evidence(found.code, STEM + len(found.word) / 100, f"社区名与“{found.word}”相同")]
        case "alias":
            reason = f"“{found.word}”现在是{found.short_name}"
            return [Evidence(found.code, NAMED, reason, exact=True)]
        case NamedPlace.Kind.ESTATE:
            reason = f"您的小区“{found.word}”属于这里"
            return [Evidence(found.code, ESTATE + len(found.word) / 1000, reason, exact=True)]
        case NamedPlace.Kind.ROAD:
            return _weigh_road(text, found)
    return [Evidence(found.code, OTHER, f"“{found.word}”属于这里", exact=True)]


def _weigh_road(text: str, road: Found) -> list[Evidence]:
    number = _house_number(road.word, text)
    if road.low is None or road.high is None:
        if road.parity == NamedPlace.Parity.ALL:
            words = f"{road.word}{f' {number} 号' if number else ''}"
            return [Evidence(road.code, ROAD, f"{words}在这个社区", exact=True)]
    elif number is not None and not road.low <= number <= road.high:
        return []
    if number is None:
        return [Evidence(road.code, ROAD_PART, f"{road.word}有一段在这个社区")]
    if road.parity != NamedPlace.Parity.ALL and (number % 2 == 1) != (road.parity == NamedPlace.Parity.ODD):
        return []
    return [Evidence(road.code, NUMBER, f"{road.word} {number} 号在这个社区", exact=True)]


def _house_number(road: str, text: str) -> int | None:
    for start in _places_of(road, text):
        if match := HOUSE_NUMBER.match(text, start + len(road)):
            return int(match[1])
    return None


def _begins_a_word(word: str, text: str) -> bool:
    """Two characters decide little (中心): they count only where a part of the address begins."""
    return any(SHORT_WORD_STARTS.search(text[:start]) for start in _places_of(word, text))


def _alike(text: str, found: list[Found], area: str) -> list[Evidence]:
    evidence = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.similarity_threshold', %s, false)", [str(LEAST_SIMILARITY)]
        )
        for word in _words(text, found):
            cursor.execute(COMPARE, {"word": word, "sound": sound_of(word), "area": f"{area}%"})
            for code, name, likeness in cursor.fetchall():
                score = (likeness + _shared(word, name)) / 2
                if score >= LEAST_LIKENESS:
                    evidence.append(Evidence(code, ALIKE * score, f"名称相近：{name}"))
    return evidence


def _shared(word: str, name: str) -> float:
    """The part of the characters of `word` that `name` has too."""
    return sum(character in name for character in word) / len(word)


def _words(text: str, found: list[Found]) -> list[str]:
    """The parts of the address that may be a name: without districts and streets, numbers, 号 and 楼."""
    for f in sorted(found, key=lambda f: -len(f.word)):
        if f.is_area:
            text = text.replace(f.word, "0")
    words: list[str] = []
    for run in WORDS.split(text):
        roads = ROAD_WORD.findall(run)
        rest = ROAD_WORD.sub("", run)
        words += [word for word in (*roads, rest) if len(word) >= SHORTEST_PIECE and word not in words]
    return words[:MOST_WORDS_COMPARED]


def _ranked(evidence: list[Evidence], streets: set[str]) -> list[Suggestion]:
    best: dict[str, Evidence] = {}
    scores: dict[str, float] = {}
    for piece in sorted(evidence, key=lambda piece: -piece.score):
        if piece.code in best:
            scores[piece.code] += MORE_EVIDENCE
        else:
            best[piece.code] = piece
            scores[piece.code] = piece.score + (IN_NAMED_STREET if piece.code[:9] in streets else 0)
    chosen = sorted(best, key=lambda code: (not best[code].exact, -scores[code], code))[:MOST_SUGGESTIONS]
    if not chosen:
        return []
    namesakes = Division.objects.open().filter(stem=OuterRef("stem"), short_name=OuterRef("short_name"))
    communities = (
        Division.objects.filter(pk__in=chosen)
        .select_related("parent__parent")
        .annotate(has_namesake=Exists(namesakes.exclude(pk=OuterRef("pk"))))
        .order_by()
        .in_bulk()
    )
    return [
        Suggestion(communities[code], _reason(best[code], communities[code]), scores[code], best[code].exact)
        for code in chosen
    ]


def _reason(evidence: Evidence, community: Division) -> str:
    """The reason in words; of two communities with one name it says which street and district."""
    street = community.parent
    if not community.has_namesake or street is None or street.parent is None:  # type: ignore[attr-defined]
        return evidence.reason
    return f"{evidence.reason}（{street.parent.name}{street.name}）"
