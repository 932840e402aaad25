"""Names of places as people say, write and mistype them.

The register's forms are mixed: 湛山社区居民委员会 is said 湛山社区, 山前村村委会 is said 山前村. An address
holds still less (湛山), and what is typed by ear is another character of the same sound (云宵路 for 云霄路).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from pypinyin import lazy_pinyin

VILLAGERS = re.compile(r"村(?:民委员?会|委会)$")
RESIDENTS = re.compile(r"居(?:民委员?会|委会)$")
KIND = re.compile(r"(?:社区|新村|村|生活区)$")
UNHEARD_H, NASAL = re.compile(r"^([zcs])h"), re.compile(r"ng$")
FIRST_IDEOGRAPH, IDEOGRAPHS = 0x4E00, 20_900
NOT_OF_A_NAME = re.compile(r"[^\w]|_")


@dataclass(frozen=True)
class Names:
    """The forms of one name: in full, as said, as an address may hold it, and as it sounds."""

    name: str
    short_name: str
    stem: str
    sound: str


def names_of(name: str, level: str = "community") -> Names:
    """Every form of the registered `name` of a division. Only communities have more than one."""
    name = tidy(name)
    short = shorten(name) if level == "community" else name
    kernel = stem_of(short) if level == "community" else name
    return Names(name, short, kernel, sound_of(kernel))


def tidy(text: str) -> str:
    """`text` with full-width forms narrowed and everything dropped that is neither a letter nor a digit."""
    return NOT_OF_A_NAME.sub("", unicodedata.normalize("NFKC", text))


def shorten(name: str) -> str:
    """The short form of a community's registered `name`; a name without a committee in it stays as it is.

    产芝湖社区村村民委员会 → 产芝湖社区, 永平路居委会 → 永平路社区, 福海新村村民委员会 → 福海新村.
    """
    if VILLAGERS.search(name):
        rest = VILLAGERS.sub("", name)
        if rest.endswith("社区村"):
            return rest.removesuffix("村")
        return rest if rest.endswith(("村", "社区")) else f"{rest}村"
    if RESIDENTS.search(name):
        rest = RESIDENTS.sub("", name)
        return rest if rest.endswith(("社区", "村")) else f"{rest}社区"
    return name


def stem_of(short_name: str) -> str:
    """What an address holds of a community's name: 湛山 of 湛山社区, but 许村 of 许村 (许 alone says
    nothing).
    """
    rest = KIND.sub("", short_name)
    return rest if len(rest) > 1 else short_name


def sound_of(text: str) -> str:
    """`text` with each character replaced by one that stands for its sound: equal for 云霄路 and 云宵路.

    Tones are dropped, and so is what many do not hear apart (zh and z, ang and an). Short strings of few
    different characters, which trigrams compare fast; not meant to be read.
    """
    return "".join(_voice(character) for character in text)


@cache
def _voice(character: str) -> str:
    syllable = lazy_pinyin(character)[0].lower()
    heard = NASAL.sub("n", UNHEARD_H.sub(r"\1", syllable))
    return chr(FIRST_IDEOGRAPH + crc32(heard.encode()) % IDEOGRAPHS)
