"""How long personal data is kept (保存期限): one table, to which each room adds what it forgets by itself.

docs/retention.md is this table in words; a test compares both. What a room adds here it does in a periodic task of
its own: by sets, safe to run twice at once, and killed in the middle it goes on the next night.
"""

from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)
YEAR = 365 * DAY


@dataclass(frozen=True)
class Kept:
    """`what` is kept for `time` after `since`; then it is gone, or `then` says what is left. `task` sees to it."""

    what: str
    time: timedelta
    since: str
    task: str
    then: str = "deleted"


kept: list[Kept] = []


def declare(*rows: Kept) -> None:
    kept.extend(rows)
