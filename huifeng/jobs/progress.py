"""How far a job has come, in the cache: seen at once by everybody, also while its transaction is open.

Nothing depends on it: with an empty cache a job only looks as if it had just begun.
"""

import contextlib
from dataclasses import asdict, dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

KEPT = 3600  # seconds


@dataclass(frozen=True)
class Progress:
    """`done` of `total` (0: not known yet), and in words what is going on."""

    done: int = 0
    total: int = 0
    words: str = ""


def tell(job_id: int, progress: Progress) -> None:
    with contextlib.suppress(RedisError):
        cache.set(_key(job_id), asdict(progress), KEPT)


def of(job_id: int) -> Progress:
    try:
        return Progress(**(cache.get(_key(job_id)) or {}))
    except RedisError:
        return Progress()


def _key(job_id: int) -> str:
    return f"job:{job_id}"
