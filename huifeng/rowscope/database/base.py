"""Django's PostgreSQL, telling the server before each statement whose eyes it has.

Settings of a session are taken back by a rollback, of a savepoint too, so what was told is forgotten then and
told again. What an old connection of the pool says is never believed.
"""

import contextlib
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

from huifeng.rowscope import scope
from huifeng.rowscope.views import OWN

_TELL = "SELECT " + ", ".join(f"set_config('huifeng.{name}', %s, false)" for name in scope.NAMES)
_NO_PERSONS = f"SELECT set_config('huifeng.{scope.PERSONS}', '', false)"
_PERSONS = (
    f"SELECT set_config('huifeng.{scope.PERSONS}',"
    f" COALESCE((SELECT array_agg(retiree_id)::text FROM {OWN}), ''), false)"
)


def _statements(told: tuple[str, ...]) -> str:
    """What tells the server of a scope, in one round trip."""
    return f"{_TELL}; {_PERSONS if told[0] == scope.VIEWER_KIND else _NO_PERSONS}"


class _Following:
    """A cursor whose statements run under the scope of the moment."""

    db: "DatabaseWrapper"
    cursor: Any

    def _execute(self, sql: Any, params: Any, *context: Any) -> Any:
        self.db.tell_scope()
        return super()._execute(sql, params, *context)  # type: ignore[misc]

    def _executemany(self, sql: Any, param_list: Any, *context: Any) -> Any:
        self.db.tell_scope()
        return super()._executemany(sql, param_list, *context)  # type: ignore[misc]

    def callproc(self, *args: Any, **kwargs: Any) -> Any:
        self.db.tell_scope()
        return super().callproc(*args, **kwargs)  # type: ignore[misc]

    def copy(self, *args: Any, **kwargs: Any) -> Any:
        self.db.tell_scope()
        return self.cursor.copy(*args, **kwargs)

    def stream(self, *args: Any, **kwargs: Any) -> Any:
        self.db.tell_scope()
        return self.cursor.stream(*args, **kwargs)


class ScopedCursor(_Following, CursorWrapper):
    pass


class ScopedDebugCursor(_Following, base.CursorDebugWrapper):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._told: tuple[str, ...] | None = None  # what the server knows; None: no idea
        self._between = False  # while a savepoint is handled no scope is needed, and a broken one takes none

    def make_cursor(self, cursor: Any) -> ScopedCursor:
        return ScopedCursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> ScopedDebugCursor:
        return ScopedDebugCursor(cursor, self)

    def tell_scope(self) -> None:
        """Make the settings of the session those of the current scope. One statement, if they differ."""
        if self._between:
            return
        self.validate_no_broken_transaction()
        wanted = scope.current().settings
        if wanted == self._told:
            return
        self._told = None
        with self.wrap_database_errors:
            self.connection.execute(_statements(wanted), wanted)
        self._told = wanted

    def connect(self) -> None:
        self._told = None
        super().connect()

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # the stubs leave it out
        except BaseException:
            self._told = None
            raise

    def _rollback(self) -> None:
        self._told = None
        super()._rollback()  # type: ignore[misc]  # the stubs leave it out

    def _savepoint(self, sid: str) -> None:
        with self._nothing_told():
            super()._savepoint(sid)  # type: ignore[misc]  # the stubs leave it out

    def _savepoint_commit(self, sid: str) -> None:
        with self._nothing_told():
            super()._savepoint_commit(sid)  # type: ignore[misc]  # the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        self._told = None
        with self._nothing_told():
            super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs leave it out

    @contextlib.contextmanager
    def _nothing_told(self) -> Any:
        self._between = True
        try:
            yield
        finally:
            self._between = False

    def _close(self) -> None:
        """A connection that goes back to the pool sees nothing, whoever gets it and whatever they forget."""
        self._told = None
        if self.connection is not None and self.pool and not self.connection.broken:
            with contextlib.suppress(self.Database.Error):
                self.connection.rollback()
                self.connection.execute(_statements(scope.NOBODY.settings), scope.NOBODY.settings)
                self.connection.commit()
        super()._close()  # type: ignore[misc]  # the stubs leave it out
