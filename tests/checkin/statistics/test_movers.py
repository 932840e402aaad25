"""Who came, went or died is found without looking at everybody, and nobody is missed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from random import Random

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin.record.models import CheckIn, CheckInEvent, EndReason, State
from checkin.statistics import actions, catalogue, counting, facts
from checkin.statistics.counting import cells, movers
from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from demo import filling
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.units.models import UnitMembership

TODAY = date(2026, 11, 20)
NOW, LAST, LONG_AGO = Month(2026, 11), Month(2026, 10), Month(2025, 6)
LATER = "2026-11-25 12:00+08:00"  # more than facts.UNDER_WAY after the closing
PARTS = ("came", "gone", "died")
KEYS = tuple(
    key for key, measure in catalogue.BY_KEY.items() if any(part in measure.condition for part in PARTS)
)
RARE = ("died_in", "withdrawn", "moved_out", "moved_in", "deaths", "late", "new_ceremony")


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), time_machine.travel("2026-11-20 12:00+08:00"), transaction.atomic():
        filling.fill(600, seed=1, today=TODAY, say=lambda words: None)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    sid = transaction.savepoint_create()
    yield
    transaction.savepoint_rollback(sid)


def everybody(month: Month, key: str, area: str = "3702") -> list[int]:
    """The list behind a figure, asked of everybody's facts."""
    relation = facts.relation_of(month)
    cell = counting.cell_people(month, area, key, sees_restricted=True)
    return [pk for (pk,) in cell._select("f.retiree_id", relation)]


def moved(month: Month) -> dict[str, set[int]]:
    """Everybody of whom the facts of the month say that they came, went or died."""
    relation = facts.live(month)
    with counting.over_everybody() as cursor:
        cursor.execute(
            f"SELECT retiree_id, came, gone, died FROM ({relation.sql}) f WHERE came <> '' OR gone <> '' OR died",
            relation.params,
        )
        rows = cursor.fetchall()
    return {part: {row[0] for row in rows if row[number]} for number, part in enumerate(PARTS, 1)}


def assert_nobody_is_missed(month: Month, *, least: int = 1) -> None:
    there = moved(month)
    everyone = set().union(*there.values())
    assert len(everyone) >= least
    for key, expected in (
        ("new", there["came"]),
        ("died_in", there["gone"]),
        ("deaths", there["died"]),
        ("late", everyone),
    ):
        found = movers.movers(catalogue.measure(key), facts.live(month))
        assert found is not None
        assert sorted(set(found)) == found
        assert expected - set(found) == set(), key


def close_last() -> None:
    actions.close(LAST, by=User.objects.system(), explanation="测试")


@pytest.mark.parametrize("month", [NOW, LAST, LONG_AGO], ids=str)
def test_nobody_who_moved_is_missed(month: Month) -> None:
    assert_nobody_is_missed(month, least=5)


def test_nobody_who_moved_is_missed_after_a_closed_month() -> None:
    close_last()

    assert_nobody_is_missed(NOW, least=5)


def test_figure_list_and_first_page_are_those_of_everybody_in_a_district() -> None:
    close_last()
    change(40, seed=3)
    with time_machine.travel(LATER):
        rows = counting.table(NOW, "3702", "district", KEYS).rows
        for row in sorted(rows, key=lambda row: row.figures["withdrawn"])[-3:]:
            assert row.figures["withdrawn"] > 0
            for key in (*RARE, "new", "on_time"):
                cell = counting.cell_people(NOW, row.code, key, sees_restricted=True)
                expected = everybody(NOW, key, row.code)
                assert cell.count() == row.figures[key] == len(expected), (row.code, key)
                assert cell.retiree_ids(size=None) == expected, (row.code, key)
                assert cell.retiree_ids() == expected[:50], (row.code, key)


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_missed_whatever_is_entered_late(seed: int) -> None:
    """After the closing of the month before: what an action writes, of random people, many times over."""
    close_last()
    done = change(120, seed=seed)

    with time_machine.travel(LATER):
        assert min(done.values()) > 0, done
        assert_nobody_is_missed(NOW, least=60)


@pytest.mark.parametrize("key", RARE)
@pytest.mark.parametrize("closed", [False, True])
def test_a_rare_figure_does_not_look_at_everybody(key: str, closed: bool) -> None:
    if closed:
        close_last()
    cell = counting.cell_people(NOW, "3702", key, sees_restricted=True)

    with CaptureQueriesContext(connection) as queries:
        cell.count()
        cell.page()
        cell.retiree_ids(size=None)

    assert not [query for query in queries.captured_queries if "enable_nestloop" in query["sql"]]


def test_every_measure_of_movement_is_known_as_one() -> None:
    known = [
        measure.key
        for measure in catalogue.MEASURES
        if movers.movers(measure, facts.live(LONG_AGO)) is not None
    ]

    assert known == list(KEYS)
    assert {"new", "died_in", "late", "deaths", "on_time"} <= set(known)


def test_pages_of_few_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "BLOCK", 3)
    cell = counting.cell_people(LAST, "3702", "new", sees_restricted=True)
    found, after = [], 0

    while page := cell.retiree_ids(after, 4):
        found += page
        after = page[-1]

    assert found == everybody(LAST, "new")
    assert len(found) > 8


# What the actions write, without their rules ------------------------------------------------------------------------


def change(times: int, *, seed: int) -> dict[str, int]:
    """So many late entries on LATER; how many of each kind there were."""
    chance, done = Random(seed), dict.fromkeys(CHANGES, 0)
    with time_machine.travel(LATER):
        for number in range(times):
            name = list(CHANGES)[number % len(CHANGES)]
            done[name] += CHANGES[name](chance)
    return done


def some(chance: Random, **asked: object) -> CheckIn | None:
    rows = list(CheckIn.objects.filter(**asked).order_by("pk"))
    return chance.choice(rows) if rows else None


def written(checkin: CheckIn | None, move: CheckInEvent.Move, **values: object) -> int:
    """The check-in with other values, and its event."""
    if checkin is None:
        return 0
    CheckIn.objects.filter(pk=checkin.pk).update(**values)
    CheckInEvent.objects.create(
        checkin=checkin, move=move, to_state=values.get("state", checkin.state), at=timezone.now(),
        actor=User.objects.system(), actor_name="系统", role="系统",
    )  # fmt: skip
    return 1


def write(person: Retiree | None, **values: object) -> int:
    if person is None:
        return 0
    for name, value in values.items():
        setattr(person, name, value)
    person.save()
    return 1


def die(chance: Random) -> int:
    """Long before the closed month, in it, or now; the check-in in force ends."""
    day = date(2026, chance.choice([3, 10, 11]), chance.randint(1, 20))
    row = some(chance, state=State.CONFIRMED, retiree__died_on=None)
    if row is not None and chance.random() < 0.7:
        written(row, CheckInEvent.Move.ENDED, **ENDED | {"end_reason": EndReason.DEATH})
    return write(row and row.retiree, died_on=day)


def come_back(chance: Random) -> int:
    """A death is undone, and what it ended is in force again."""
    row = some(chance, state=State.ENDED, end_reason=EndReason.DEATH)
    if row is None or CheckIn.objects.filter(retiree=row.retiree_id, state=State.CONFIRMED).exists():
        return 0
    write(row.retiree, died_on=None)
    return written(row, CheckInEvent.Move.RESTORED, state=State.CONFIRMED, ended_at=None, end_reason="")


def leave(chance: Random) -> int:
    return written(some(chance, state=State.CONFIRMED), CheckInEvent.Move.ENDED, **ENDED)


def move(chance: Random) -> int:
    """The request of somebody who is checked in is confirmed elsewhere."""
    row = some(chance, state=State.CONFIRMED, retiree__died_on=None)
    if row is None:
        return 0
    written(row, CheckInEvent.Move.ENDED, **ENDED | {"end_reason": EndReason.MOVED})
    there = chance.choice(list(Organisation.objects.filter(kind="community").order_by("pk")))
    now = timezone.now()
    new = CheckIn.objects.create(
        retiree=row.retiree, state=State.CONFIRMED, channel="counter", number=f"T{row.pk}", community=there,
        created_by=User.objects.system(), created_at=now, submitted_at=now, confirmed_at=now,
    )  # fmt: skip
    return written(new, CheckInEvent.Move.CONFIRMED)


def undo(chance: Random) -> int:
    """A confirmation of long ago is undone; later it may be confirmed again."""
    row = some(chance, state=State.CONFIRMED)
    return written(row, CheckInEvent.Move.UNDONE, state=State.WITHDRAWN, confirmed_at=None)


def hide(chance: Random) -> int:
    person = chance.choice(list(Retiree.objects.filter(statistics_flag=True).order_by("pk")))
    return write(person, statistics_flag=False)


def show(chance: Random) -> int:
    """Of those whom the closing did not see."""
    person = chance.choice(list(Retiree.objects.filter(statistics_flag=False).order_by("pk")))
    return write(person, statistics_flag=True)


def join(chance: Random) -> int:
    """Two rows are one person: the check-ins go over."""
    rows = Retiree.objects.filter(merged_into=None)
    taken = list(rows.filter(checkins__state=State.CONFIRMED).distinct().order_by("pk"))
    kept = chance.choice(list(rows.filter(checkins=None).order_by("pk")))
    other = chance.choice(taken)
    for checkin in list(other.checkins.all()):
        written(checkin, CheckInEvent.Move.MERGED, retiree=kept)
    write(kept)
    return write(other, merged_into=kept)


def part(chance: Random) -> int:
    """A merge is undone: check-ins leave the row that the closing counted."""
    rows = Retiree.objects.filter(merged_into=None)
    kept = chance.choice(list(rows.filter(checkins__state=State.CONFIRMED).distinct().order_by("pk")))
    other = chance.choice(list(rows.filter(checkins=None).order_by("pk")))
    for checkin in list(kept.checkins.all()):
        written(checkin, CheckInEvent.Move.UNMERGED, retiree=other)
    return write(kept) and write(other)


def merge_places(chance: Random) -> int:
    """One community takes another one over, on a day of the month or of the month that is closed."""
    open_ones = list(Organisation.objects.filter(kind="community", closed_on=None).order_by("pk"))
    peopled = set(CheckIn.objects.filter(state=State.CONFIRMED).values_list("community", flat=True))
    old = chance.choice([row for row in open_ones if row.pk in peopled])
    heir = chance.choice([row for row in open_ones if row != old])
    old.closed_on, old.successor = date(2026, chance.choice([10, 11]), 15), heir
    old.save()
    CheckIn.objects.filter(community=old).update(community=heir)
    return 1


def other_unit(chance: Random) -> int:
    """Somebody checked in outside the city, who stands at the unit's seat, belongs to another unit since."""
    row = some(chance, state=State.CONFIRMED, community__kind="external_community")
    if row is None:
        return 0
    units = list(Organisation.objects.filter(kind="unit").order_by("pk"))
    UnitMembership.objects.filter(retiree=row.retiree_id, valid_until=None).update(unit=chance.choice(units))
    return 1


ENDED = {
    "state": State.ENDED,
    "ended_at": datetime(2026, 11, 25, 4, tzinfo=UTC),
    "end_reason": EndReason.WITHDRAWN,
}
CHANGES: dict[str, Callable[[Random], int]] = {
    each.__name__: each
    for each in (die, come_back, leave, move, undo, hide, show, join, part, merge_places, other_unit)
}
