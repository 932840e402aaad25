"""Sends requests into the town, each rolled back, and says what came of it: status, what it holds, what it wrote.

Nothing of the test client: it copies every template's context, which is most of the time of a small page.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import override_settings

from huifeng.accounts.models import User

_WRITES = re.compile(
    r'^\s*(?:WITH\b.*?\b)?(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?"?(\w+)"?', re.I | re.S
)
UNWATCHED = (
    "tests.n_plus_one.reading_is_watched"  # every other test watches; here it would be half of the time
)


@dataclass(frozen=True)
class Asked:
    """What a request came to. `wrote`: the tables it wrote to, `error`: the end of a traceback of a 5xx."""

    status: int
    content: bytes
    kind: str
    location: str
    wrote: frozenset[str]
    error: str = ""
    changed: dict[str, dict[Any, str | None]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Caller:
    """Asks as somebody. Every request runs in a savepoint that is rolled back, so the town stays as it is."""

    handler: BaseHandler
    factory: RequestFactory
    rows: "Rows"
    heard: "Heard"

    def ask(
        self,
        who: "str | None",
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        then: str = "",
        follow: bool = False,
        csrf: bool = True,
    ) -> Asked:
        """`who`: a session's key, None for nobody. A dict is a form, or JSON under /api/; text is sent as it is.

        `then`: a page that is looked at afterwards, before all is rolled back; its content follows. `follow`: so is
        the page that the answer leads to. `csrf`: False sends no token of a form of ours.
        """
        if path.startswith("/api/") and body is not None:
            data: dict[str, Any] = {"data": json.dumps(body), "content_type": "application/json"}
        elif isinstance(body, str):
            data = {"data": body, "content_type": "application/x-www-form-urlencoded"}
        elif method == "POST":
            data = {"data": body or {}}
        else:
            data = {}
        request = getattr(self.factory, method.lower())(path, headers=headers, **data)
        request._dont_enforce_csrf_checks = csrf
        if who is not None:
            request.COOKIES[settings.SESSION_COOKIE_NAME] = who
        wrote: set[str] = set()

        def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            if (found := _WRITES.match(sql if isinstance(sql, str) else str(sql))) is not None:
                wrote.add(found[1])
            return execute(sql, params, many, context)

        savepoint = transaction.savepoint_create()
        error, changed, told = "", {}, {}
        try:
            with connection.execute_wrapper(watch):
                response = self.handler.get_response(request)
                content = b"".join(response.streaming_content) if response.streaming else response.content
            if follow and response.status_code == 302 and re.match(r"/(?![/\\])", response["Location"]):
                then = response["Location"]
            if then:
                following = self.factory.get(then)
                following.COOKIES.update(request.COOKIES)
                answer = self.handler.get_response(following)
                content += b"" if answer.streaming else answer.content
            status, kind, told = response.status_code, response.get("Content-Type", ""), response.headers
            location = response.get("Location", "") or response.get("HX-Redirect", "")
            if method != "GET" and wrote - Rows.BESIDE and not connection.needs_rollback:
                connection.check_constraints()  # those that wait for COMMIT, which never comes here
                changed = self.rows.changed(wrote)
        except Exception:  # what a 5xx would hide
            status, content, kind, location = 500, b"", "", ""
            error = traceback.format_exc(limit=-4)
        transaction.set_rollback(False)
        transaction.savepoint_rollback(savepoint)
        transaction.savepoint_commit(savepoint)  # else the next one stands in it, and thousands pile up
        return Asked(status, content, kind, location, frozenset(wrote), error, changed, told)


@contextmanager
def caller() -> Iterator[Caller]:
    """A caller with the middleware of the program, errors not hidden, no limit a minute."""
    middleware = [name for name in settings.MIDDLEWARE if name != UNWATCHED]
    with override_settings(
        MIDDLEWARE=middleware,
        DEBUG_PROPAGATE_EXCEPTIONS=True,
        API_READS_A_MINUTE=10**9,
        API_WRITES_A_MINUTE=10**9,
    ):
        handler = BaseHandler()
        handler.load_middleware()
        logger, heard = logging.getLogger("django.request"), Heard()
        logger.addHandler(heard)
        logger.propagate = False  # pytest would write a traceback for each 403
        try:
            yield Caller(handler, RequestFactory(), Rows(), heard)
        finally:
            logger.propagate = True
            logger.removeHandler(heard)


class Heard(logging.Handler):
    """What was logged, as plain lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def session_of(user: User) -> str:
    """The key of a session in which `user` is logged in."""
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


class Rows:
    """The rows of the town as text, table by table, to say which of them a request changed."""

    # what any request may write: sessions, the stories of who looked, keys of requests
    BESIDE = frozenset({"django_session", "audit_auditentry", "accounts_user", "checkin_api_apitoken"})

    def __init__(self) -> None:
        self.before: dict[str, dict[Any, str]] = {}

    def remember(self) -> None:
        """Keep every row as it is now."""
        names = [
            name
            for name in connection.introspection.table_names()
            if not name.startswith(("django_", "auth_"))
        ]
        self.before = {name: self._read(name) for name in names}

    def changed(self, tables: set[str]) -> dict[str, dict[Any, str | None]]:
        """Of these tables the rows that are new, other, or gone (None), by key."""
        found: dict[str, dict[Any, str | None]] = {}
        for name in sorted(tables - self.BESIDE & set(self.before)):
            if name not in self.before:
                continue
            before, now = self.before[name], self._read(name)
            rows: dict[Any, str | None] = {key: text for key, text in now.items() if before.get(key) != text}
            rows |= dict.fromkeys(before.keys() - now.keys())
            if rows:
                found[name] = rows
        return found

    @staticmethod
    def _read(name: str) -> dict[Any, str]:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{name}" t')
            texts = [text for (text,) in cursor.fetchall()]
        return {_key(json.loads(text), text): text for text in texts}


def _key(row: dict[str, Any], text: str) -> Any:
    return row.get("id", text)
