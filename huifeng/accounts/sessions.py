"""Sessions in a table that can be asked whose they are.

Django's own session is a row nobody can find by account. Ours is the same row with the account, the device in words
and two times beside it, so that "end all my other logins" is one DELETE. The cookie's key is kept as its SHA-256:
who reads the table, or a backup, can use no session.

In front of it the cache answers for a minute at most. Who ends a session deletes both; should the cache be away just
then, or a request have read the row a moment before, the session still ends within that minute. Rights are asked for
anew at every request, so who has left has none in that minute either.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

# what we keep in a session of somebody logged in
BEGAN, SEEN = "began", "seen"  # when they logged in and last did something (Unix time)
STAFF = "staff"  # logged in with a home of staff
DEVICE = "device"  # words
SECOND = "second_factor"  # gave a second factor in this session


FRESH_SECONDS = 60
_CACHE = "session:"
logger = logging.getLogger(__name__)


def _if_there[T](asked: Callable[[], T]) -> T | None:
    """What the cache says; nothing when Redis is away, for the table says it too."""
    try:
        return asked()
    except RedisError:
        logger.warning("the cache of sessions is away")
        return None


def forget_cached(keys: Iterable[str]) -> None:
    """Let the cache forget sessions by the table's keys, now and once more when the deletion is committed."""
    names = [_CACHE + key for key in keys]

    def forget() -> None:
        _if_there(lambda: cache.delete_many(names))

    forget()
    transaction.on_commit(forget)


def kept_key(session_key: str) -> str:
    """What the table calls the session that the cookie calls `session_key`."""
    return sha256(session_key.encode()).hexdigest()


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from .models import Session  # the model names this class

        return Session

    def load(self) -> dict[str, Any]:
        name = _CACHE + kept_key(str(self.session_key))
        data = _if_there(lambda: cache.get(name))
        if data is None:
            data = super().load()
            if data:
                _if_there(lambda: cache.set(name, data, FRESH_SECONDS))
        return dict(data)

    def save(self, must_create: bool = False) -> None:
        super().save(must_create)
        name, data = _CACHE + kept_key(str(self.session_key)), self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # Django's
        _if_there(lambda: cache.set(name, data, FRESH_SECONDS))

    def _get_session_from_db(self) -> Any:
        row = self.model.objects.filter(
            session_key=kept_key(str(self.session_key)), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return bool(self.model.objects.filter(session_key=kept_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # Django's
        return self.get_model_class()(
            session_key=kept_key(key),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get(SESSION_KEY),
            device=data.get(DEVICE, ""),
            as_staff=data.get(STAFF, False),
            began_at=_moment(data.get(BEGAN)),
            seen_at=_moment(data.get(SEEN)),
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=kept_key(key)).delete()
            forget_cached([kept_key(key)])
