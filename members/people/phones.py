"""Mobile phone numbers of the mainland: 11 digits that begin with 1."""

import re

from django.core.exceptions import ValidationError

LENGTH = 11
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋", "0123456789+")


def normalise(text: str) -> str:
    """`text` as plain digits: no +86, spaces, dashes or brackets."""
    if len(text) == LENGTH and text.isascii() and text.isdecimal():  # as most are: nothing to tidy
        return text
    digits = re.sub(r"[\s\-‐–—()（）.]+", "", text.translate(_FULL_WIDTH))
    return re.sub(r"^(?:\+|00)?86(?=1)", "", digits) if len(digits) > LENGTH else digits


def clean(text: str) -> str:
    """The 11 digits, or ValidationError with what to look at. "" stays ""."""
    phone = normalise(text)
    if not phone:
        return ""
    if not re.fullmatch(r"[0-9]+", phone):
        raise ValidationError("手机号里有不认识的字，请只填数字", code="phone_characters")
    if len(phone) < LENGTH:
        raise ValidationError(f"手机号少 {LENGTH - len(phone)} 位，应为 11 位", code="phone_short")
    if len(phone) > LENGTH:
        raise ValidationError(f"手机号多 {len(phone) - LENGTH} 位，应为 11 位", code="phone_long")
    if not re.fullmatch(r"1[3-9]\d{9}", phone):
        raise ValidationError("手机号开头不对，应以 13 到 19 开头", code="phone_prefix")
    return phone
