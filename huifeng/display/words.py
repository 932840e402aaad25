"""Values in words, the same way on every page, paper and message: dates, numbers, phones, masks."""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

_WEEKDAYS = "一二三四五六日"
_PARTS_OF_A_DAY = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day(value: date | datetime | str | None) -> str:
    """2026年8月27日; a partial date as text, "1942-05", is 1942年5月; nothing is ""."""
    if not value:
        return ""
    if isinstance(value, str):
        match = _PARTIAL.fullmatch(value)
        if match is None:
            return value
        parts = zip(match.groups(), "年月日", strict=True)
        return "".join(f"{int(part)}{unit}" for part, unit in parts if part)
    value = _local(value)
    return f"{value.year}年{value.month}月{value.day}日"


def short_day(value: date | datetime | None) -> str:
    """8月27日 in the present year, else with the year."""
    if not value:
        return ""
    value = _local(value)
    if value.year != timezone.localdate().year:
        return day(value)
    return f"{value.month}月{value.day}日"


def weekday(value: date | datetime | None) -> str:
    """周六."""
    return f"周{_WEEKDAYS[_local(value).weekday()]}" if value else ""


def day_and_weekday(value: date | datetime | None) -> str:
    """8月30日（周六）."""
    return f"{short_day(value)}（{weekday(value)}）" if value else ""


def spoken_time(value: datetime | time | None) -> str:
    """上午9:12, 下午3:05, 中午12:30, for retirees; 凌晨 before six, 晚上 from six."""
    if value is None or value == "":
        return ""
    hour, minute = (int(part) for part in clock(value).split(":"))
    part = next(word for before, word in _PARTS_OF_A_DAY if hour < before)
    return f"{part}{hour if hour <= 12 else hour - 12}:{minute:02}"


def clock(value: datetime | time | None) -> str:
    """09:12, for staff."""
    if value is None or value == "":
        return ""
    moment = _local(value) if isinstance(value, datetime) else value
    return f"{moment:%H:%M}"


def spoken_moment(value: datetime | None) -> str:
    """8月25日 上午9:12, for retirees."""
    return f"{short_day(value)} {spoken_time(value)}" if value else ""


def stamp(value: datetime | None) -> str:
    """2026-08-25 09:12, for staff tables."""
    return f"{_local(value):%Y-%m-%d %H:%M}" if value else ""


def thousands(value: object) -> str:
    """12,480; nothing is ""."""
    if value is None or value == "":
        return ""
    return f"{value:,}" if isinstance(value, (int, float, Decimal)) else str(value)


def percent(part: object, whole: object) -> str:
    """87.6% of a part in a whole; — when there is no whole."""
    numbers = (int, float, Decimal)
    if not isinstance(part, numbers) or not isinstance(whole, numbers) or not whole:
        return "—"
    return f"{Decimal(part) * 100 / Decimal(whole):.1f}%"


def years_old(value: date | int | None, on: date | None = None) -> str:
    """82 岁, from a date of birth or a number of years."""
    if value is None or value == "":
        return ""
    if isinstance(value, int):
        return f"{value} 岁"
    today = on or timezone.localdate()
    return f"{today.year - value.year - ((today.month, today.day) < (value.month, value.day))} 岁"


def _digits(value: object) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", str(value or "")))


def phone(value: object) -> str:
    """138 1234 5678; a land line 0532-8588 1234; anything else as it came."""
    digits = _digits(value)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    if digits.startswith("0") and len(digits) in (11, 12):
        code = 3 if digits[1] in "12" else 4
        return f"{digits[:code]}-{digits[code:-4]} {digits[-4:]}"
    return str(value or "")


def mask_phone(value: object) -> str:
    """138****5678; other numbers keep their last four digits."""
    digits = _digits(value)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-4:]}" if len(digits) > 4 else "****" if digits else ""


def mask_id(value: object) -> str:
    """370202********1234: the area and the last four stay, the birth date goes."""
    text = str(value or "").strip()
    if len(text) < 10:
        return "*" * len(text)
    return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}"


def mask_name(value: object) -> str:
    """王*国, 王*, 欧***: first and, from three characters on, last."""
    text = str(value or "").strip()
    if len(text) <= 1:
        return text
    if len(text) == 2:
        return f"{text[0]}*"
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}"


def number_groups(value: object) -> str:
    """FX-2026-083157 from FX2026083157; a number that has its own hyphens keeps them."""
    text = str(value or "").strip().upper()
    match = re.fullmatch(r"([A-Z]+)(\d{4})(\d+)", text)
    return "-".join(match.groups()) if match else text
