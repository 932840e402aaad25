"""Late entries: what the actions write, without their rules, of people drawn by chance."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

import time_machine
from django.utils import timezone

from checkin.record.models import CheckIn, CheckInEvent, EndReason, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.units.models import UnitMembership

LATER = "2026-11-25 12:00+08:00"  # more than facts.UNDER_WAY after the closing


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
