"""Districts submit their statement; what is expected, there, and on time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from checkin.statistics import periods
from checkin.statistics.facts import city_area
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month, require_begun
from checkin.statistics.permissions import may_submit
from communities.calendar.periods import deadline
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

State = MonthlyStatement.State
DISTRICT_AREA = Division.PREFIX[Division.Level.DISTRICT]


@dataclass(frozen=True)
class Submission:
    """One line of the work list: a district, its day, and its statement if there is one."""

    area: str
    name: str
    due_on: date
    statement: MonthlyStatement | None

    @property
    def is_there(self) -> bool:
        """Submitted, and still standing: a month that was reopened is asked for once more."""
        return (
            self.statement is not None
            and self.statement.state in (State.SUBMITTED, State.CLOSED)
            and (self.statement.submitted_at is not None)
        )

    @property
    def on_time(self) -> bool:
        return self.statement is not None and bool(self.statement.was_on_time)

    @property
    def is_late(self) -> bool:
        """Not there although its day is over."""
        return not self.is_there and timezone.localdate() > self.due_on


def submissions(month: Month) -> list[Submission]:
    """Every district of the city with its submission: expected are all, actual those that are there."""
    known = {row.area: row for row in MonthlyStatement.objects.filter(month=month.first)}
    day = due_on(month, periods.SUBMIT)
    return [Submission(area, name, day, known.get(area)) for area, name in districts().items()]


def districts() -> dict[str, str]:
    """The open districts of the city, their prefixes and names."""
    rows = Division.objects.open().filter(
        level=Division.Level.DISTRICT, code__startswith=city_area(), is_virtual=False
    )
    return {
        code[:DISTRICT_AREA]: name for code, name in rows.order_by("code").values_list("code", "short_name")
    }


def bureaus(areas: Collection[str]) -> list[Organisation]:
    """The open bureaus of these areas (code prefixes)."""
    rows = Organisation.objects.open().filter(
        kind=Organisation.Kind.BUREAU, division__in=[area.ljust(12, "0") for area in areas]
    )
    return list(rows.select_related("division").order_by("pk"))


def due_on(month: Month, period: str) -> date:
    """The day of `period` after the month's end."""
    return deadline(period, month.end - timedelta(hours=12)).day


@transaction.atomic
def submit(area: str, month: Month, *, by: User) -> MonthlyStatement:
    """A district says that its figures of the month are right. Repeating it changes nothing.

    Raises PermissionDenied, RuleBroken (not a district, month not over, closed already). Source: docs/rules.md, S6.
    """
    require_begun(month)
    city = locked(month)
    require(may_submit(by, area))
    if area not in districts():
        raise RuleBroken("只有区市上报月报，请从本区市的页面上报。", code="not_a_district")
    statement = _of_area(area, month)
    if statement.state == State.SUBMITTED:
        return statement
    if city.is_closed:
        raise RuleBroken(
            f"{month.words}已经封存，不用再上报。要改请联系市委老干部局重开。", code="month_closed"
        )
    require_over(month)
    before = statement.state
    statement.state = State.SUBMITTED
    if statement.submitted_at is None:  # what counts for being on time is the first
        statement.submitted_at = timezone.now()
    statement.submitted_by = by
    statement.save(update_fields=["state", "submitted_at", "submitted_by"])
    audit.record(
        "statement.submitted", statement, by=by, before={"state": before}, after={"state": "submitted"}
    )
    return statement


def locked(month: Month) -> MonthlyStatement:
    """The city's statement of the month, made if need be, locked until COMMIT: one act on a month at a time."""
    statement = _of_area(city_area(), month)
    return MonthlyStatement.objects.select_for_update(of=("self",)).get(pk=statement.pk)


def _of_area(area: str, month: Month) -> MonthlyStatement:
    return MonthlyStatement.objects.get_or_create(
        area=area, month=month.first, defaults={"submit_due_on": due_on(month, periods.SUBMIT)}
    )[0]


def require_over(month: Month) -> None:
    if not month.is_over:
        raise RuleBroken(f"{month.words}还没有过完，请到次月再办。", code="month_not_over")
