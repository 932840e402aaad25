"""What a clerk has typed at the counter and not sent yet, so that a lapsed session or a closed page loses nothing.

An entry in the cache for each clerk and person, not a row: it is a convenience of one working day and no
record of anything. It holds the values of the counter form and nothing else about the person (no name, no
number), is read by the clerk who typed it only, and is gone after registration or after a day.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

SECONDS = 24 * 3600
DONE_SECONDS = 60  # a request sent just before the registration may arrive just after it
LONGEST = 500  # characters of one value


@dataclass(frozen=True)
class Kept:
    """The values of the form by field name, and when they were kept."""

    fields: dict[str, str]
    at: datetime


def keep(clerk_id: int, retiree_id: int, fields: dict[str, str]) -> Kept:
    """Keep `fields` in the place of what was kept before. Raises RedisError when the cache is away."""
    made = Kept({name: value[:LONGEST] for name, value in fields.items()}, timezone.now())
    key = _key(clerk_id, retiree_id)
    cache.set(key, made, SECONDS)
    if cache.get(f"{key}:done"):  # asked after writing: whichever of the two comes last, nothing stays
        cache.delete(key)
    return made


def recall(clerk_id: int, retiree_id: int) -> Kept | None:
    """What this clerk typed about this person, if there is something and the cache is there."""
    with suppress(RedisError):
        found: Kept | None = cache.get(_key(clerk_id, retiree_id))
        return found
    return None


def forget(clerk_id: int, retiree_id: int) -> None:
    """The person is registered: delete what was kept, also what is still on its way."""
    key = _key(clerk_id, retiree_id)
    with suppress(RedisError):
        cache.set(f"{key}:done", True, DONE_SECONDS)
        cache.delete(key)


def _key(clerk_id: int, retiree_id: int) -> str:
    return f"counter:{clerk_id}:{retiree_id}"
