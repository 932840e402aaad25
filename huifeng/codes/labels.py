"""Code lists in memory: the label of a code, the choices of a list, the code of a word people write.

Each process keeps all lists (a few hundred words). A write raises a stamp in Redis; every process looks at
the stamp at most once in two seconds and reads the table again when it changed. The process that writes sees
its own change at once. Without Redis the table is read again each time the stamp is looked for.
"""

import contextlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.cache import cache
from redis.exceptions import RedisError

from .models import CodeValue

_STAMP = "codes:stamp"
_LOOK_AGAIN = 2.0  # seconds
_FULL_WIDTH = str.maketrans("（），", "(),")


@dataclass
class _List:
    """One list: by code in order, by every word that names a code, and the coarser words."""

    labels: dict[str, str] = field(default_factory=dict)
    active: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    roll_ups: dict[str, str] = field(default_factory=dict)


@dataclass
class _Memory:
    lists: dict[str, _List] | None = None
    stamp: str | None = None
    looked_at: float = 0.0


_memory = _Memory()
_EMPTY = _List()


def label(list_name: str, code: str) -> str:
    """The label of `code`; the code itself when the list does not hold it, "" for ""."""
    return _list(list_name).labels.get(code, code)


def choices(list_name: str) -> list[tuple[str, str]]:
    """(code, label) of the words in use, in order."""
    return list(_list(list_name).active.items())


def is_known(list_name: str, code: str) -> bool:
    """Whether `code` may be written: it is in the list and in use."""
    return code in _list(list_name).active


def code_for(list_name: str, word: str) -> str | None:
    """The code that people mean by `word` (a label, an alias or the code itself); None when nobody knows."""
    return _list(list_name).words.get(_plain(word))


def roll_up(list_name: str, code: str) -> str:
    """The code of the coarser word that totals use, "" when there is none."""
    return _list(list_name).roll_ups.get(code, "")


def roll_ups(list_name: str) -> Mapping[str, str]:
    """Every code of the list with its coarser word."""
    return _list(list_name).roll_ups


def forget() -> None:
    """Read the table again at the next look-up in this process."""
    _memory.lists = None


def tell_everybody() -> None:
    """Let every process read the table again. Called after COMMIT."""
    forget()
    with contextlib.suppress(RedisError):  # without it the others look at the table themselves
        cache.set(_STAMP, str(time.time_ns()), None)


def _list(name: str) -> _List:
    return _lists().get(name, _EMPTY)


def _lists() -> dict[str, _List]:
    now = time.monotonic()
    if _memory.lists is None or now - _memory.looked_at > _LOOK_AGAIN:
        stamp = _stamp()
        if _memory.lists is None or stamp is None or stamp != _memory.stamp:
            _memory.lists = _read()
        _memory.stamp, _memory.looked_at = stamp, now
    return _memory.lists


def _stamp() -> str | None:
    try:
        return str(cache.get_or_set(_STAMP, "0", None))
    except RedisError:
        return None


def _read() -> dict[str, _List]:
    """All lists. A label wins over another code's alias, and the first of two equal aliases wins."""
    lists: dict[str, _List] = {}
    rows = list(CodeValue.objects.order_by("list", "order", "code"))
    for row in rows:
        known = lists.setdefault(row.list, _List())
        known.labels[row.code] = row.label
        known.roll_ups[row.code] = row.roll_up
        if row.is_active:
            known.active[row.code] = row.label
        known.words.setdefault(_plain(row.code), row.code)
    for words in (lambda row: [row.label], lambda row: row.aliases):
        for row in rows:
            for word in words(row):
                lists[row.list].words.setdefault(_plain(word), row.code)
    return lists


def _plain(word: str) -> str:
    return re.sub(r"\s+", "", word).translate(_FULL_WIDTH).casefold()
