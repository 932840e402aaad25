"""One function a kind of column: what a cell means as a value of the person, and what to say about it.

Functions are plain and fast; equal cells are read once (Reader.remembered), because columns repeat themselves.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

from huifeng.codes import labels
from huifeng.spreadsheets.reading import Cell
from members.people import fields, id_numbers, phones
from members.people.models import Retiree

from . import columns, dates
from .notes import Note, error, remark, warning

type Values = dict[str, Any]
type Reading = tuple[Values, tuple[Note, ...]]
type Read = Callable[[Cell], Reading]

EXACT = 2**53  # a number beyond this has lost digits
SEPARATORS = re.compile(r"[、,，;；/|\s]+")
LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,6})?")
TREATED = re.compile(r"享受(?P<rank>.+?)(?P<medical>医疗)?待遇")
NEVER = "\ufffe\uffff"  # no characters, and no XML may hold them
UNSEEN = frozenset(["Cc", "Cf", "Cs"])  # categories of Unicode; characters for private use are rare names
NOTHING: Reading = ({}, ())
LONGEST = {field.name: getattr(field, "max_length", None) or 200 for field in Retiree._meta.get_fields()}


def text_of(cell: Cell) -> str:
    """A cell as text: full-width forms narrowed, outer spaces and unseen characters dropped, a whole number
    without its .0.
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return without_unseen(unicodedata.normalize("NFKC", str(cell))).strip()


def without_unseen(text: str) -> str:
    """`text` without what nobody sees: direction marks and zero-width spaces, which come along when a number is
    copied from a web page or a chat; control characters, which the database does not take.
    """
    if text.isprintable():
        return text
    return "".join(
        c for c in text if c in "\t\n\r" or (unicodedata.category(c) not in UNSEEN and c not in NEVER)
    )


def words(field: str, cell: Cell) -> Reading:
    """Free text, as it is written; too long is kept out."""
    text = " ".join(text_of(cell).split())
    if len(text) > LONGEST[field]:
        said = f"“{text[:12]}…”超过 {LONGEST[field]} 个字，没有填，请写短一些"
        return {}, (warning("too_long", said, field),)
    return {field: text}, ()


def name(cell: Cell) -> Reading:
    """王 建国 → 王建国. Names of minorities keep their dot; rare characters are kept as they are."""
    text = without_unseen(unicodedata.normalize("NFC", str(cell)))
    text = re.sub(r"[.•‧・]", "·", re.sub(r"\s+", "", text))
    if not text:
        return NOTHING
    if text.isascii() and any(character.isdigit() for character in text):
        return {}, (error("name_not_a_name", f"“{text[:12]}”不像姓名，请核对", "name"),)
    if len(text) > 30:
        return {}, (error("name_not_a_name", "姓名超过 30 个字，请核对", "name"),)
    return {"name": text}, ()


def id_number(cell: Cell) -> Reading:
    """The 18 characters. A number of Excel that lost its last digits cannot be mended and is refused."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT:
        text = "身份证号被 Excel 存成了数字，后几位已经丢失，请把这一列改成文本，重新填写"
        return {}, (error("id_lost_digits", text, "id_number"),)
    text = text_of(cell)
    if re.fullmatch(r"\d\.\d+E\+1[4-9]", text, re.IGNORECASE):
        return {}, (error("id_lost_digits", "身份证号显示成了科学计数，请改成文本后重新填写", "id_number"),)
    try:
        number = id_numbers.clean(text)
    except ValidationError as problem:
        return {}, (error(problem.code or "id_wrong", problem.messages[0], "id_number"),)
    if not number:
        return NOTHING
    if len(text) != id_numbers.LENGTH and len(re.sub(r"\D", "", text)) == 15:
        return {"id_number": number}, (
            remark("id_15", f"15 位身份证号已换成 18 位：…{number[-4:]}", "id_number"),
        )
    return {"id_number": number}, ()


def phone(cell: Cell) -> Reading:
    """A mobile number. A landline goes where it belongs; of two numbers the first is taken; both are said."""
    text = text_of(cell)
    try:
        return {"phone": phones.clean(text)}, ()
    except ValidationError as problem:
        first = problem.messages[0]
    plain = re.sub(r"[\s()]+", "", text)
    if LANDLINE.fullmatch(plain):
        words = f"“{plain}”是固定电话，已填到固定电话一栏"
        return {"landline": plain}, (warning("phone_landline", words, "phone"),)
    for part in SEPARATORS.split(text):
        try:
            number = phones.clean(part)
        except ValidationError:
            continue
        if number and part != text:
            words = f"有不止一个号码，只取了 {number}"
            return {"phone": number}, (warning("phone_two", words, "phone"),)
    return {}, (warning("phone_wrong", f"{first}，没有填，请补上", "phone"),)


def emergency_phone(cell: Cell) -> Reading:
    try:
        return {"emergency_phone": phones.clean(text_of(cell))}, ()
    except ValidationError as problem:
        return {}, (
            warning("phone_wrong", f"紧急联系电话：{problem.messages[0]}，没有填", "emergency_phone"),
        )


def sex(cell: Cell) -> Reading:
    found = {"男": "M", "女": "F", "男性": "M", "女性": "F", "M": "M", "F": "F"}.get(text_of(cell).upper())
    if found is None:
        return {}, (warning("code_unknown", f"性别“{text_of(cell)[:8]}”看不懂，以身份证号为准", "sex"),)
    return {"sex": found}, ()


def kind(cell: Cell) -> Reading:
    """离休 or 退休. Other kinds of retirement are looked after elsewhere, so nobody guesses."""
    text = re.sub(r"(?:干部|人员|老干部)$", "", re.sub(r"\s", "", text_of(cell)))
    found = {label: code for code, label in Retiree.Kind.choices}.get(text)
    if found is None:
        words = f"离退休类别“{text[:8]}”看不懂，请填“离休”或“退休”"
        return {}, (error("kind_unknown", words, "kind"),)
    return {"kind": found}, ()


def partial_date(field: str, cell: Cell) -> Reading:
    value, note = dates.read(text_of(cell) if isinstance(cell, str) else cell)
    notes = () if note is None else (Note(note.level, note.code, note.message, field),)
    return ({field: value} if value else {}), notes


def coded(field: str, cell: Cell) -> Reading:
    """A word of a code list, by label, alias or code."""
    text = text_of(cell)
    code = labels.code_for(fields.CODE_LISTS[field], text)
    if code is not None and labels.is_known(fields.CODE_LISTS[field], code):
        return {field: code}, ()
    title = columns.title_of(field)
    words = f"{title}“{text[:12]}”不在代码表里，没有填，请改用表里的说法，或请老干部局加别名"
    return {}, (warning("code_unknown", words, field),)


def rank(cell: Cell) -> Reading:
    """职级. 「享受副厅级待遇」 says the treatment, not the rank."""
    match = TREATED.fullmatch(text_of(cell))
    if match is None:
        return coded("rank", cell)
    if match["medical"]:
        words = "医疗待遇不是职级，没有填"
        return {}, (remark("medical_treatment", words, "rank"),)
    return coded("treatment", match["rank"])


def several(field: str, cell: Cell) -> Reading:
    """Several words of a code list with any separator between them; unknown ones are said and left out."""
    codes: list[str] = []
    unknown: list[str] = []
    for word in SEPARATORS.split(text_of(cell)):
        code = labels.code_for(fields.CODE_LISTS[field], word) if word else None
        if code is not None and labels.is_known(fields.CODE_LISTS[field], code):
            codes.append(code)
        elif word:
            unknown.append(word)
    notes: tuple[Note, ...] = ()
    if unknown:
        words = f"{columns.title_of(field)}里的“{'、'.join(unknown)[:40]}”不在代码表里，没有填"
        notes = (warning("code_unknown", words, field),)
    return ({field: list(dict.fromkeys(codes))} if codes else {}), notes


def place(field: str, cell: Cell) -> Reading:
    """A part of where somebody lives; the parts are looked up together (places.py)."""
    return {field: re.sub(r"\s+", "", text_of(cell))}, ()


def _skip(cell: Cell) -> Reading:
    return NOTHING


READERS: dict[str, Read] = {
    columns.SKIPPED: _skip,
    "name": name,
    "id_number": id_number,
    "sex": sex,
    "kind": kind,
    "phone": phone,
    "emergency_phone": emergency_phone,
    "rank": rank,
    **{field: partial(several, field) for field in ("interests",)},
    **{
        field: partial(partial_date, field)
        for field in (columns.BIRTH, "retired_on", "joined_work_on", "party_joined_on", "resettled_on")
    },
    **{
        field: partial(coded, field)
        for field in (
            "ethnicity", "revolution_period", "category", "treatment", "political_status", "education",
            "living_situation", "health", "mobility", "emergency_relation",
        )
    },
    **{
        field: partial(place, field)
        for field in (columns.PLACE_DISTRICT, columns.PLACE_STREET, columns.PLACE_COMMUNITY, columns.UNIT)
    },
    **{
        field: partial(words, field)
        for field in (
            "former_name", "native_place", "original_unit", "original_post", "landline", "residence_address",
            "household_address", "resettled_to", "title", "skills", "emergency_name",
        )
    },
}  # fmt: skip

# Each cell of these is another one, so remembering them only costs memory.
UNIQUE = frozenset(["id_number", "phone", "emergency_phone", "residence_address", "household_address"])
