"""Closing a month: everybody's facts and every place's totals are frozen in one transaction, or nothing is."""

import json
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from checkin.statistics import catalogue, counting, digests, facts, partitions, registry
from checkin.statistics.counting.tables import Figures
from checkin.statistics.models import MonthlyFact, MonthlyStatement, MonthlyTotal
from checkin.statistics.months import Month, require_begun
from checkin.statistics.permissions import may_close
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs.models import Job

from .submitting import State, districts, locked, require_over

CLOSE = "statistics.close"


@transaction.atomic
def start_closing(month: Month, *, by: User, explanation: str = "", page: str = "") -> Job:
    """Ask for the closing; a worker does it. `page`: where to go then. What would refuse it is told at once.

    While somebody's closing of the month is under way, that job is returned, also to who asks at the same moment.
    Raises as close().
    """
    require(may_close(by))
    _require_turn(month)
    if (
        job := _under_way(month)
    ) is not None:  # asked before the lock, which a closing holds for as long as it lasts
        return job
    locked(month)
    if (job := _under_way(month)) is not None:
        return job
    args = {"month": str(month), "explanation": explanation}
    return jobs.start(CLOSE, title=f"封存{month.words}", by=by, args=args, page=page)


def _under_way(month: Month) -> Job | None:
    return Job.objects.filter(kind=CLOSE, args__month=str(month), state__in=Job.OPEN).order_by("pk").first()


def close(month: Month, *, by: User, explanation: str = "") -> MonthlyStatement:
    """Freeze the month for the whole city. Closing a closed month changes nothing.

    Refused while a district has not submitted or an identity does not hold, unless `explanation` says why it is closed
    all the same. Months are closed in order. Killed at any point it leaves nothing frozen.
    Raises PermissionDenied, RuleBroken. Source: docs/rules.md, S3 (order, explanation), S5 (what is closed stays).
    """
    require(may_close(by))
    _require_turn(month)
    partitions.ensure(month)
    with transaction.atomic():
        statement = locked(month)
        if statement.is_closed:
            return statement
        _require_turn(month)
        missing = _missing(month)
        if missing and not explanation.strip():
            raise RuleBroken(
                f"还没有上报：{'、'.join(missing)}。请先催报；确需封存，请写明原因。", code="not_submitted"
            )
        return _freeze(statement, month, by=by, explanation=explanation.strip()[:500], missing=missing)


def _freeze(
    statement: MonthlyStatement, month: Month, *, by: User, explanation: str, missing: list[str]
) -> MonthlyStatement:
    closing = statement.closing + 1
    people = _write_facts(month, closing)
    frozen = facts.frozen(month, closing)
    places = counting.count_places(frozen, counting.Where(statement.area))
    checks = counting.of_places(places, statement.area, counting.whole_of(frozen))
    wrong = [check.name for check in checks if not check.holds]
    if wrong and not explanation:
        raise RuleBroken(
            f"数据核对不符：{'；'.join(wrong)}。请先改正；确需封存，请写明原因。", code="identity_open"
        )
    extra = {key: registry.count(key, month) for key in registry.columns}
    digest = _write_totals(month, closing, places, extra)
    before = statement.state
    statement.state, statement.closing = State.CLOSED, closing
    statement.closed_at, statement.closed_by, statement.explanation = timezone.now(), by, explanation
    statement.keys, statement.names, statement.sha256 = (
        list(catalogue.COUNTED),
        _names(month, closing, places),
        digest,
    )
    statement.checks = [check.as_stored() for check in checks]
    statement.save()
    _close_districts(statement)
    audit.record(
        "month.closed",
        statement,
        by=by,
        before={"state": before},
        after={
            "state": "closed",
            "month": str(month),
            "closing": closing,
            "people": people,
            "sha256": digest,
            "missing": missing,
            "open_identities": wrong,
        },
        note=explanation[:200],
    )
    return statement


def _require_turn(month: Month) -> None:
    """Months are closed one after the other, beginning with any."""
    require_begun(month)
    require_over(month)
    city = MonthlyStatement.objects.filter(area=facts.city_area())
    newest = city.filter(closing__gt=0).order_by("-month").first()
    if newest is None:
        return
    if month.first < newest.month and not city.filter(month=month.first, state=State.CLOSED).exists():
        later = Month.of(newest.month)
        raise RuleBroken(f"{later.words}已经封存过，不能再封存更早的月份。", code="later_closed")
    if (
        month.first > newest.month
        and not city.filter(month=month.previous.first, state=State.CLOSED).exists()
    ):
        raise RuleBroken(f"请先封存{month.previous.words}。", code="previous_open")


def _missing(month: Month) -> list[str]:
    rows = MonthlyStatement.objects.filter(month=month.first, state=State.SUBMITTED)
    there = set(rows.values_list("area", flat=True))
    return [name for area, name in districts().items() if area not in there]


def _write_facts(month: Month, closing: int) -> int:
    live = facts.live(month)
    columns = ", ".join(facts.COLUMNS)
    with counting.over_everybody() as cursor:
        cursor.execute(
            f"INSERT INTO {MonthlyFact._meta.db_table} (month, closing, {columns})"  # noqa: S608 -- names of columns
            f" SELECT %(fact_month)s, %(fact_closing)s, {columns} FROM ({live.sql}) AS f",
            live.params | {"fact_month": month.first, "fact_closing": closing},
        )
        written: int = cursor.rowcount
    return written


def _write_totals(
    month: Month, closing: int, places: Mapping[str, Figures], extra: Mapping[str, Mapping[str, int]]
) -> str:
    """Write the totals; their hash tells later whether they are still the same."""
    everywhere = sorted({*places, *(place for column in extra.values() for place in column)})
    rows = [
        (
            place,
            [places.get(place, {}).get(key, 0) for key in catalogue.COUNTED],
            {key: column.get(place, 0) for key, column in extra.items()},
        )
        for place in everywhere
    ]
    copy = f"COPY {MonthlyTotal._meta.db_table} (month, closing, place, values, extra) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy) as into:
        for place, values, more in rows:
            into.write_row((month.first, closing, place, values, json.dumps(more)))
    return digests.of(rows)


def _names(month: Month, closing: int, counted: Iterable[str]) -> dict[str, str]:
    """What the places of the city and the units counted are called now, by prefix and by "u" and number."""
    found = {}
    rows = Division.objects.within(facts.city_area()).filter(is_virtual=False)
    rows = rows.filter(Q(closed_on=None) | Q(closed_on__gt=month.last) | Q(code__in=counted))
    for code, level, short_name, name in rows.values_list("code", "level", "short_name", "name"):
        prefix = code[: Division.PREFIX[Division.Level(level)]]
        found[prefix] = name if level == Division.Level.CITY else short_name
    units = MonthlyFact.objects.filter(month=month.first, closing=closing, unit_id__isnull=False)
    names = Organisation.objects.filter(pk__in=units.values("unit_id").distinct())
    return found | {f"u{pk}": name for pk, name in names.values_list("pk", "name")}


def _close_districts(city: MonthlyStatement) -> None:
    """The districts' statements are closed with the city's, those that never came as well."""
    for area in districts():
        MonthlyStatement.objects.get_or_create(
            area=area, month=city.month, defaults={"submit_due_on": city.submit_due_on}
        )
    MonthlyStatement.objects.filter(month=city.month).exclude(pk=city.pk).update(
        state=State.CLOSED, closed_at=city.closed_at, closed_by=city.closed_by, closing=city.closing
    )
