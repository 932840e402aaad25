"""Entering years and changing periods. Both hold for the whole city."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from . import registry
from .models import AnnouncedYear, Period, SpecialDay
from .periods import declared
from .permissions import may_change_calendar
from .special_days import DECEMBER, Day

EARLIEST, LATEST = 2000, 2100


@transaction.atomic
def load_holidays(days: Iterable[Day], *, source: str, by: User) -> list[int]:
    """Enter every year that `days` hold and that is not announced yet; the years entered.

    Years already announced stay as they are, so that a bureau's correction is never undone. `source` names
    the notice; {year} in it is filled in.
    """
    by_year: dict[int, list[Day]] = {}
    for day in days:
        by_year.setdefault(day.date.year, []).append(day)
    known = set(AnnouncedYear.objects.values_list("year", flat=True))
    new = sorted(set(by_year) - known)
    for year in new:
        enter_year(year, by_year[year], source=source.format(year=year), by=by)
    return new


@transaction.atomic
def enter_year(year: int, days: list[Day], *, source: str, by: User) -> AnnouncedYear:
    """Write down the official holidays of `year`, in place of what stood there, and have deadlines
    recomputed.

    `days` are of that year or of the December before. Entering the same again changes nothing.
    Raises PermissionDenied, RuleBroken (no source, no days, days of another year).
    """
    require(may_change_calendar(by))
    source = source.strip()
    if not EARLIEST <= year <= LATEST or not source or not days:
        raise RuleBroken("请填写年份、依据的通知和至少一天。", code="incomplete")
    if any(not (d.date.year == year or (d.date.year == year - 1 and d.date.month == DECEMBER)) for d in days):
        raise RuleBroken(f"有的日期不属于{year}年，请核对。", code="other_year")
    row, is_new = AnnouncedYear.objects.get_or_create(year=year, defaults={"source": source[:200]})
    row = AnnouncedYear.objects.select_for_update().get(pk=row.pk)
    old = SpecialDay.objects.filter(date__year=year)
    before = {Day(day.date, day.kind, day.name) for day in old}
    own = {day for day in days if day.date.year == year}
    if not is_new and before == own and row.source == source[:200]:
        return row
    _replace(year, days)
    row.source = source[:200]
    row.save(update_fields=["source"])
    audit.record(
        "calendar.year_entered",
        row,
        by=by,
        before={"days": _words(before)},
        after={"days": _words(own), "source": row.source},
    )
    with as_program("the days of a year count for every request, seen or not"):
        for hook in registry.on_year_entered:
            hook(year, by)
    return row


@transaction.atomic
def change_period(key: str, length: int, *, by: User, basis: str = "") -> Period:
    """Set how long a declared period is, in its own unit. Deadlines that run already keep their day.

    `basis`: what the change rests on; the present one stays when it is left out. The same again changes
    nothing. Raises KeyError (undeclared), PermissionDenied, RuleBroken (length not 1 to 3650).
    """
    require(may_change_calendar(by))
    default = declared[key]
    if not 1 <= length <= 3650:
        raise RuleBroken("期限应为1至3650。", code="bad_length")
    period, _ = Period.objects.get_or_create(pk=key, defaults=row_of(key))
    period = Period.objects.select_for_update().get(pk=key)
    basis = basis.strip()[:200] or period.basis
    if (period.length, period.basis) == (length, basis):
        return period
    before = {"length": period.length, "basis": period.basis}
    period.length, period.basis, period.title = length, basis, default.title
    period.save(update_fields=["length", "basis", "title"])
    audit.record("period.changed", period, by=by, before=before, after={"length": length, "basis": basis})
    return period


def seed_periods() -> int:
    """Write down each declared period that has no row yet; how many. Rows that stand are left alone."""
    rows = [Period(key=key, **row_of(key)) for key in declared]
    before = Period.objects.count()
    Period.objects.bulk_create(rows, ignore_conflicts=True)
    return Period.objects.count() - before


def row_of(key: str) -> dict[str, str | int]:
    """The row a declared period has before anybody changes it."""
    period = declared[key]
    return {
        "title": period.title,
        "length": period.default.length,
        "unit": period.default.unit,
        "basis": period.basis,
    }


def _replace(year: int, days: list[Day]) -> None:
    dates = [day.date for day in days]
    SpecialDay.objects.filter(Q(date__year=year) | Q(date__in=dates)).delete()
    SpecialDay.objects.bulk_create([SpecialDay(date=d.date, kind=d.kind, name=d.name) for d in days])


def _words(days: set[Day]) -> list[str]:
    return [f"{day.date.isoformat()} {day.kind} {day.name}" for day in sorted(days)]
