"""Mobile numbers as people write them, and the one way we keep them: 11 digits."""

import re
import unicodedata

from django.core.exceptions import ValidationError

WRONG = "请填写手机号，共 11 位数字"
_BETWEEN = re.compile(r"[\s\-‐-―－.()]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


def normal(text: str) -> str:
    """The 11 digits of a mainland mobile number written with +86, spaces, hyphens or full-width digits.

    Raises ValidationError for anything else.
    """
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", digits)
    if not _MOBILE.fullmatch(digits):
        raise ValidationError(WRONG, code="phone")
    return digits
