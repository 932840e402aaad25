"""Asking for an official paper: it is made in the background and fetched in the download centre."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from checkin.statistics.counting.tables import LENGTHS
from checkin.statistics.months import Month, require_begun
from checkin.statistics.papers.annual import year_of
from checkin.statistics.permissions import may_see_area, may_see_unit
from checkin.statistics.ranking import Quarter
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs.models import Job

UNIT_WORKBOOK = "statistics.unit"
WORKBOOK, ANNUAL, BULLETIN = "statistics.workbook", "statistics.annual", "statistics.bulletin"


@dataclass(frozen=True)
class Paper:
    """A kind of paper: its title, and `check` which gives its period in words or refuses it."""

    title: str
    check: Callable[[str], str]


def _month(text: str) -> str:
    month = Month.parse(text)
    require_begun(month)
    return month.words


def _year(text: str) -> str:
    return f"{year_of(text)}年"


def _quarter(text: str) -> str:
    quarter = Quarter.parse(text)
    if not quarter.months:
        raise RuleBroken(f"{quarter.words}还没有到，请选本季度或以前的季度。", code="quarter_in_future")
    return quarter.words


KINDS = {
    WORKBOOK: Paper("月度统计表", _month),
    BULLETIN: Paper("季度通报", _quarter),
    ANNUAL: Paper("年度统计表", _year),
}


@transaction.atomic
def ask_for_paper(kind: str, period: str, area: str, *, by: User) -> Job:
    """Start the making of a paper of `area` for a month (2026-10), quarter (2026Q3) or year (2025).

    Figures only, no names. While the same paper is being made for the same person, that job is returned, also to
    who asks at the same moment.
    Raises PermissionDenied, RuleBroken (unknown paper or area, a period that is unreadable or has not begun).
    """
    require(may_see_area(by, area))
    if kind not in KINDS:
        raise RuleBroken("没有这种报表，请另选。", code="unknown_paper")
    words = KINDS[kind].check(period)
    title = f"{KINDS[kind].title} {words} {_name_of(area)}"
    return _job(kind, title, {"period": period, "area": area}, by)


@transaction.atomic
def ask_for_unit_paper(period: str, unit_id: int, *, by: User) -> Job:
    """Start the making of a unit's own row of a month (2026-10) as a workbook; as ask_for_paper().

    Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (a month that is unreadable or has not begun).
    """
    unit = Organisation.objects.get(pk=unit_id)
    require(may_see_unit(by, unit))
    title = f"{KINDS[WORKBOOK].title} {_month(period)} {unit.name}"
    return _job(UNIT_WORKBOOK, title, {"period": period, "unit": unit.pk}, by)


def _job(kind: str, title: str, args: dict[str, Any], by: User) -> Job:
    User.objects.select_for_update(no_key=True).get(
        pk=by.pk
    )  # of two at once the second finds the first's job
    under_way = Job.objects.filter(by=by, kind=kind, args=args, state__in=Job.OPEN).first()
    if under_way is not None:
        return under_way
    job = jobs.start(kind, title=title, by=by, args=args)
    audit.record("paper.asked", job, by=by, after={"paper": kind, **args})
    return job


def _name_of(area: str) -> str:
    if not area.isdecimal() or len(area) not in LENGTHS.values():
        raise RuleBroken("没有这个地区，请另选。", code="unknown_area")
    place = Division.objects.filter(code=area.ljust(12, "0"), is_virtual=False).first()
    if place is None:
        raise RuleBroken("没有这个地区，请另选。", code="unknown_area")
    return place.short_name
