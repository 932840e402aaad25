"""Resident ID numbers (公民身份号码), GB 11643-1999: 6 digits of place, 8 of birth, 3 of order, 1 check."""

import re
from datetime import date
from operator import mul

from django.core.exceptions import ValidationError

LENGTH = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
_PUNCTUATION = re.compile(r"[\s\-‐–—'’`.·]+")


def check_character(first_17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    return _CHECKS[sum(map(mul, map(int, first_17), _WEIGHTS)) % 11]


def normalise(text: str) -> str:
    """`text` without spaces and dashes, half-width, with a capital X; an old 15-digit number becomes 18."""
    if len(text) == LENGTH and text.isascii() and text.isalnum():  # as most are: nothing to tidy
        return text.upper()
    number = _PUNCTUATION.sub("", text.translate(_FULL_WIDTH)).upper()
    if re.fullmatch(r"\d{15}", number):
        first_17 = f"{number[:6]}19{number[6:]}"
        return first_17 + check_character(first_17)
    return number


def clean(text: str, *, today: date | None = None) -> str:
    """The normalised number, or ValidationError with what is wrong with it. "" stays ""."""
    number = normalise(text)
    if not number:
        return ""
    _check_shape(number)
    born = birth_date(number)
    if born is None:
        raise ValidationError("身份证号里的出生日期不对，请看看第 7 到 14 位", code="id_birth")
    if not date(1900, 1, 1) <= born <= (today or date.today()):
        raise ValidationError("身份证号里的出生年份不对，请看看第 7 到 10 位", code="id_birth")
    if check_character(number[:17]) != number[17]:
        raise ValidationError("身份证号最后一位对不上，请对着身份证再看一遍", code="id_check")
    return number


def _check_shape(number: str) -> None:
    if not re.fullmatch(r"[0-9X]*", number):
        raise ValidationError("身份证号里有不认识的字，请只填数字，最后一位可以是 X", code="id_characters")
    if len(number) < LENGTH:
        raise ValidationError(f"身份证号少 {LENGTH - len(number)} 位，应为 18 位", code="id_short")
    if len(number) > LENGTH:
        raise ValidationError(f"身份证号多 {len(number) - LENGTH} 位，应为 18 位", code="id_long")
    if "X" in number[:17]:
        raise ValidationError("身份证号里的 X 只能在最后一位", code="id_characters")


def birth_date(number: str) -> date | None:
    """The day of birth in an 18-character number, None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def birth_month(number: str) -> str:
    """ "1948-07" of an 18-character number."""
    return f"{number[6:10]}-{number[10:12]}"


def sex(number: str) -> str:
    """ "M" or "F", from the 17th digit of an 18-character number."""
    return "M" if int(number[16]) % 2 else "F"
