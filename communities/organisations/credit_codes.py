"""统一社会信用代码 (GB 32100-2015): who registered whom where, in 17 characters, and a check."""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

PUBLIC_BODY = "11"  # registered by the staffing office (机构编制): an agency of the state
INSTITUTION = "12"  # … a public institution (事业单位)
COMPANY = "91"  # registered by market supervision: an enterprise


def tidy(code: str) -> str:
    """`code` as written down: upper case, full-width characters narrowed, spaces and dashes dropped."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in code)
    return re.sub(r"[\s\-　]", "", narrow).upper()


def check_character(first_17: str) -> str:
    """The 18th character for the first 17. Raises ValueError on a character outside the alphabet."""
    total = sum(ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(first_17))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Whether `code` (tidied) has the shape and the right check character.

    The inner check digit of the organisation code (characters 9-17) is not asked for: old registers broke it.
    """
    return bool(SHAPE.fullmatch(code)) and check_character(code[:17]) == code[17]


def make(serial: int, *, region: str = "370200", kind: str = COMPANY) -> str:
    """A valid code for a body that does not exist, the same for the same arguments; `serial` below 100
    million.
    """
    body = f"{serial:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, BODY_WEIGHTS, strict=True))
    inner = "0123456789X0"[11 - total % 11]
    first_17 = kind + region + body + inner
    return first_17 + check_character(first_17)
