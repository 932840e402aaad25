"""Text that no spreadsheet program takes for a formula (CSV injection, OWASP)."""

import re
import unicodedata

_BEGINS_A_FORMULA = frozenset("=+-@")
_CONTROL = ("\t", "\r", "\n")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\x00"
_NEGATIVE_NUMBER = re.compile(r"-\d+(\.\d+)?%?")
_LOSES_DIGITS = re.compile(r"\d{12,}|0\d+")  # Excel keeps 15 digits, shows 11, and drops leading zeros


def neutral(text: str) -> str:
    """`text` with an apostrophe in front where a program might calculate it; a negative number stays as it is.

    Looks at the first character that can be seen, full-width and small forms too (＝ ﹢ －): Excel in Chinese reads
    them as the plain ones. For files without types of cells (csv), and as a second bolt in ods.
    Source: OWASP, CSV Injection.
    """
    seen = text.lstrip(_INVISIBLE).lstrip().lstrip(_INVISIBLE)
    if not seen or _NEGATIVE_NUMBER.fullmatch(text):
        return text
    first = unicodedata.normalize("NFKC", seen[0])[:1]
    return f"'{text}" if first in _BEGINS_A_FORMULA or text.startswith(_CONTROL) else text


def plain(text: str) -> str:
    """What was there before `neutral`."""
    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text


def untyped(text: str) -> str:
    """`text` for a csv file: neutral, and an apostrophe also before digits that Excel would round or shorten.

    The reading side drops it again (members.people.id_numbers, phones).
    """
    return f"'{text}" if _LOSES_DIGITS.fullmatch(text) else neutral(text)
