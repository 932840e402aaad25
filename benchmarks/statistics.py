"""A month of a whole city: counted while it is open, closed, read when it is closed, and the people behind a cell."""

import time
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from checkin.record.models import CheckIn
from checkin.statistics import actions, catalogue, counting, facts, partitions, ranking, trend
from checkin.statistics.models import MonthlyFact
from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from demo import filling
from huifeng.accounts.models import User
from members.people.models import Retiree

from . import crowd
from .figures import Figure, Result
from .running import Run

CITY = 300  # retirees of the city that holds places and units; --size people are made beside it
TIMES, PAGES = 3, 10
CELLS = 60  # so many cells of the peer are measured; the others cost the same


def measure(run: Run) -> Result:
    crowd.fill(run.size, run.say)
    filling.analyse()
    month, last = Month.current(), Month.current().previous
    run.say(f"counting {month} of everybody, {TIMES} times")
    table = counting.table(month, "3702", "community")
    open_month = _seconds(lambda: counting.table(month, "3702", "community"))
    limit = _seconds(lambda: _group_by(facts.live(month)))
    cells = len(table.rows) * len(catalogue.M1)
    run.say(f"one ORM query a cell: {CELLS} of {cells:,}")
    peer = _peer(CELLS) * cells
    found: dict[str, dict[str, Figure]] = {"counting": {}, "first 50 people": {}}
    found["first 50 people"] |= _pages(month, "open month")
    count = _seconds(lambda: counting.cell_people(month, "3702", "new", sees_restricted=True).count(), 1)
    run.say("the figures of the overview and of the ranking, with no month closed")
    never_closed = _screens(month)
    run.say(f"closing {last}; nothing of it is kept")
    partitions.ensure(last)
    with transaction.atomic():
        began = time.perf_counter()
        statement = actions.close(last, by=User.objects.system(), explanation="benchmark")
        closing = time.perf_counter() - began
        plain, live_insert, heap, rows = _plain_inserts(last, statement.closing)
        closed = _seconds(lambda: counting.table(last, "3702", "community"))
        frozen = facts.frozen(last, statement.closing)
        frozen_count = _seconds(lambda: counting.count_places(frozen, counting.Where("3702")))
        frozen_limit = _seconds(lambda: _group_by(frozen))
        found["first 50 people"] |= _pages(last, "closed month")
        found["first 50 people"] |= _pages(month, "open month after a closed one")
        after_closed = _seconds(lambda: counting.table(month, "3702", "community"))
        run.say("the same figures with that month closed")
        with_closed = _screens(month)
        transaction.set_rollback(True)
    found["counting"] = _told(
        TIMES,
        {
            "open month, all communities and columns": open_month,
            "open month after a closed one": after_closed,
            "closed month, from its totals": closed,
            "closed month, counted from its facts": frozen_count,
        },
    ) | _told(1, {"how many are new in the city, open month": count})
    found["closing"] = _told(
        1,
        {
            "closing": closing,
            "limit: copying its rows": plain,
            "making and inserting its rows alone": live_insert,
            "copying them without indexes": heap,
        },
    )
    found["screens"] = never_closed | {
        f"{name}, last month closed": each for name, each in with_closed.items()
    }
    return Result(
        "statistics", run.size, round(open_month, 3),
        f"one ORM query a cell, from {CELLS} of {cells:,} cells", round(peer, 1),
        "SELECT place, count(*) … GROUP BY place over the same live facts", round(limit, 3), found,
        {
            "people": rows,
            "communities": len(table.rows),
            "columns": len(catalogue.COUNTED),
            "cells": cells,
            "times_the_limit": round(open_month / limit, 2),
            "times_the_limit_frozen_facts": round(frozen_count / frozen_limit, 2),
            "closed_seconds": round(closed, 3),
            "closing_seconds": round(closing, 2),
            "plain_insert_seconds": round(plain, 2),
            "live_insert_seconds": round(live_insert, 2),
            "plain_insert_without_indexes_seconds": round(heap, 2),
            "closing_times_plain_insert": round(closing / plain, 2),
            "closing_times_live_insert": round(closing / live_insert, 2),
        },
    )  # fmt: skip


def _told(times: int, seconds: dict[str, float]) -> dict[str, Figure]:
    return {name: Figure(round(each, 3), round(each, 3), times) for name, each in seconds.items()}


def _seconds(act: Callable[[], object], times: int = TIMES) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return median(taken)


def _run(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def _group_by(relation: facts.Relation) -> None:
    _run(f"SELECT place, count(*) FROM ({relation.sql}) AS f GROUP BY place", relation.params)


def _peer(cells: int) -> float:
    """Seconds of one cell, asked for the usual way; the cells are drawn from communities and columns alike."""
    chance = Random(1)
    communities = list(Organisation.objects.open().filter(kind=Organisation.Kind.COMMUNITY).order_by("pk"))
    alive = Retiree.objects.filter(statistics_flag=True, died_on=None)

    def one(number: int) -> int:
        community = chance.choice(communities)
        there = alive.filter(checkins__state="confirmed", checkins__community=community)
        asked = [
            lambda: alive.filter(residence=community.division_id).count(),
            lambda: there.count(),
            lambda: there.filter(sex="M").count(),
            lambda: there.filter(political_status__in=["cpc", "cpc_probationary"]).count(),
            lambda: there.filter(rank__startswith="county").count(),
            lambda: there.filter(birth_date__year__lte=1946, birth_date__year__gt=1936).count(),
            lambda: there.filter(
                memberships__valid_until=None, memberships__unit__nature="enterprise"
            ).count(),
            lambda: CheckIn.objects.filter(community=community, confirmed_at__month=10).count(),
            lambda: CheckIn.objects.filter(community=community, state__in=CheckIn.AT_DESK).count(),
            lambda: CheckIn.objects.filter(community=community, end_reason="death").count(),
        ]
        return asked[number % len(asked)]()

    began = time.perf_counter()
    for number in range(cells):
        one(number)
    return (time.perf_counter() - began) / cells


def _pages(month: Month, words: str) -> dict[str, Figure]:
    """The first fifty people behind some cells, common and rare, of the city and of a community."""
    busiest = max(
        counting.table(month, "370202", "community").rows, key=lambda row: row.figures["checked_in"]
    ).code
    found = {}
    for area, key in (
        ("3702", "checked_in"),
        (busiest, "checked_in"),
        ("3702", "new"),
        ("3702", "pending"),
        ("3702", "died_in"),
    ):
        cell = counting.cell_people(month, area, key, sees_restricted=True)
        cell.page()
        taken = []
        for _ in range(PAGES if month != Month.current() or key == "checked_in" else TIMES):
            began = time.perf_counter()
            cell.page()
            taken.append(time.perf_counter() - began)
        place = "city" if area == "3702" else "community"
        found[f"{words}, {place}, {key}"] = Figure.of(taken)
    return found


def _screens(month: Month) -> dict[str, Figure]:
    """What the overview counts for its line besides its table, and the ranking, each asked for once."""
    cache.clear()  # of this data folder
    now = counting.table(month, "3702", measures=trend.KEYS).total.figures
    quarter = ranking.Quarter.of(month)
    screens = {
        "twelve months, first look": lambda: trend.trend("3702", month, now),
        "twelve months, second look": lambda: trend.trend("3702", month, now),
        "ranking of districts": lambda: ranking.ranking(quarter, "3702", "district"),
        "ranking of units": lambda: ranking.ranking(quarter, "3702", "unit"),
    }
    return _told(1, {name: _seconds(screen, 1) for name, screen in screens.items()})


def _plain_inserts(month: Month, closing: int) -> tuple[float, float, float, int]:
    """The same rows again: copied into the same partition under another number, made anew into it, copied into a
    bare table."""
    table = MonthlyFact._meta.db_table
    columns = ", ".join(facts.COLUMNS)
    source = (
        f"SELECT month, %(other)s, {columns} FROM {table} WHERE month = %(month)s AND closing = %(closing)s"
    )
    params = {"month": month.first, "closing": closing, "other": closing + 1000}
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (month, closing, {columns}) {source}", params)
        rows = cursor.rowcount
    plain = time.perf_counter() - began
    live = facts.live(month)
    made = f"SELECT %(month)s, %(other)s, {columns} FROM ({live.sql}) AS f"
    again = live.params | params | {"other": closing + 2000}
    began = time.perf_counter()
    _run(f"INSERT INTO {table} (month, closing, {columns}) {made}", again)
    live_insert = time.perf_counter() - began
    began = time.perf_counter()
    _run(f"CREATE TEMP TABLE bare ON COMMIT DROP AS {source}", params)
    return plain, live_insert, time.perf_counter() - began, rows
