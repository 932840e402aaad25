"""Marks: values that occur nowhere else, so that a leak is a mark found in an answer.

A mark says whose it is and which field: `zq`, side, person, field. Numbers (ID, phones) are looked up in a table.
Codes that stand in pages as words (rank, treatment, needs …) get a code of their own for each side.
"""

import io
import itertools
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any

import pypdf

from huifeng.codes import labels
from huifeng.codes.models import CodeValue
from members.people import pinyin
from tests.members.factories import make_id_number, make_phone

LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FOUND = re.compile(
    r"zq[0-9a-z]{5}"
    r"|匿[甲乙丙][子丑寅卯]"
    r"|(?<![0-9])[0-9]{6}[ ]?[0-9]{8}[ ]?[0-9]{3}[0-9Xx]"
    r"|(?<![0-9])1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"
    r"|0532-8[0-9]{7}"
)
# What is written as text, and as a code with words of its own; both by field of the person
TEXTS = (
    "name", "former_name", "native_place", "original_post", "title", "skills", "residence_address",
    "household_address", "resettled_to", "emergency_name",
)  # fmt: skip
CODES = {"rank": "rank", "treatment": "treatment", "category": "person_category", "needs": "need"}
NUMBERS = ("id_number", "phone", "emergency_phone", "landline")


@dataclass(frozen=True)
class Mark:
    """Whose value it is, and of which field. `who` is "" where the side's people share it (codes)."""

    side: str
    who: str
    field: str


@dataclass
class Marks:
    known: dict[str, Mark] = field(default_factory=dict)
    words: dict[Mark, str] = field(default_factory=dict)
    _serials: Any = field(default_factory=lambda: itertools.count(200_000))

    def text(self, side: str, who: str, name: str) -> str:
        """The mark of a field, the same each time."""
        mark = Mark(side, who, name)
        if mark not in self.words:
            number = len(self.words)
            places = [number // 36**n % 36 for n in range(3, -1, -1)]
            self._keep("zq" + side[0] + "".join(LETTERS[place] for place in places), mark)
        return self.words[mark]

    def chinese_name(self, side: str, number: int, who: str) -> str:
        """A name for rosters, which take no Latin letters; there are four a side."""
        mark = Mark(side, who, "name")
        name = "匿" + "甲乙丙"["onf".index(side[0])] + "子丑寅卯"[number]
        if mark not in self.words:
            self._keep(name, mark)
        return name

    def phone(self, side: str, who: str, name: str) -> str:
        return self._number(Mark(side, who, name), lambda serial: make_phone(serial))

    def other_id_number(self, side: str, who: str) -> str:
        return self._number(Mark(side, who, "new_id_number"), make_id_number)

    def of_person(self, side: str, who: str) -> dict[str, Any]:
        """Marked values for every field that takes one."""
        found: dict[str, Any] = {name: self.text(side, who, name) for name in TEXTS}
        found["name_pinyin"] = pinyin.spell(found["name"])
        found |= {name: self.code(side, name) for name in CODES}
        found["needs"] = [found["needs"]]
        found["id_number"] = self._number(Mark(side, who, "id_number"), make_id_number)
        found["phone"] = self.phone(side, who, "phone")
        found["emergency_phone"] = self.phone(side, who, "emergency_phone")
        found["landline"] = self._number(Mark(side, who, "landline"), lambda n: f"0532-8{n % 10**7:07d}")
        return found

    def code(self, side: str, name: str) -> str:
        """A code of the list behind `name` whose words are the side's mark."""
        words = self.text(side, "", name)
        code = f"matrix_{side}"
        if not CodeValue.objects.filter(list=CODES[name], code=code).exists():
            usual = CodeValue.objects.filter(list=CODES[name], is_active=True).order_by("pk").first()
            assert usual is not None
            usual.pk, usual.code, usual.label = None, code, words
            usual._state.adding = True
            usual.save()
            labels.forget()
        return code

    def _number(self, mark: Mark, make: Any) -> str:
        if mark not in self.words:
            self._keep(make(next(self._serials)), mark)
        return self.words[mark]

    def _keep(self, words: str, mark: Mark) -> None:
        assert words not in self.known
        self.known[words] = mark
        self.words[mark] = words

    def within(self, text: str) -> set[Mark]:
        """The marks a text holds."""
        found = {
            re.sub(r"(?<=[0-9])[ -](?=[0-9])", "", hit) if hit[:4] != "0532" else hit
            for hit in _FOUND.findall(text)
        }
        return {self.known[hit] for hit in found if hit in self.known}


def text_of(content: bytes, kind: str) -> str:
    """What a file or page says: PDF and office tables are opened."""
    if content[:5] == b"%PDF-":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if kind.startswith("image/"):
        return ""
    return content.decode("utf-8", "replace")
