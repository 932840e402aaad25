"""Walks as a role through every page it reaches and puts something hostile into every box it finds."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.urls import Resolver404, resolve

from tests.matrix.addresses import Address
from tests.matrix.asking import Asked, Caller
from tests.matrix.hostile import NUMBERS, QUERIES, TEXTS, WORDS, files, traces
from tests.matrix.reading import Form, Page, filled
from tests.matrix.roles import Role
from tests.matrix.town import Side

NOT_FOLLOWED = ("/logout/", "/static/", "/demo/")
MOST_BOXES = 2  # of a form that get something odd one by one, when not thorough
ALIKE = 2  # addresses of one page that are looked at, and tried when they are refused or lead on; one when not thorough
READY = "/readyz"  # 503: no worker runs in a test
NEVER_ASKED = re.compile(r"银行|卡号|密码|验证码")  # of an elder, under /my/
VALUES: list[str | list[str]] = list(TEXTS.values())
SAID = "工作人员不会向您要验证码、银行卡号，也不收任何费用"


@dataclass
class Crawl:
    """`payloads`: how many of the hostile values each box gets; `thorough`: also each set of conditions of a page.

    `seen`: pages that were walked, by staff of an area once, thoroughly by each role. `known`: what was tried
    already, by whichever role. `accepted`: forms that were taken; they are rolled back.
    """

    caller: Caller
    policy: str
    payloads: int
    thorough: bool
    known: set[tuple[Any, ...]] = field(default_factory=set)
    seen: dict[Any, Counter[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(Counter))
    findings: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    pages: int = 0
    forms: int = 0
    boxes: int = 0
    accepted: int = 0

    def walk(self, role: Role, addresses: list[Address], side: Side) -> None:
        """Every page the role reaches, by classified address or by link; then each of its forms."""
        chance = random.Random(f"huifeng {role.name}")
        tried: Counter[Any] = Counter()
        alike = ALIKE if self.thorough else 1
        shown = [
            each for each in addresses if each.lets_in(role) and (self.thorough or each.may_see(role, side))
        ]
        waiting = ["/", *(address.path(side) for address in shown)]
        seen = self.seen[role.name if self.thorough else role.areas or role.name]
        found: list[tuple[str, Form]] = []
        while waiting:
            path = waiting.pop(0)
            if path.startswith(NOT_FOLLOWED):
                continue
            key = _kind(path, exactly=self.thorough)
            if key is None or seen[key] >= alike or tried[path] or tried[key] >= alike:
                continue
            if ("acts only", key) in self.known:
                continue
            tried.update((path, key))
            asked = self.ask(role, "GET", path)
            if asked.status == 405:
                self.known.add(("acts only", key))
                continue
            self.pages += 1
            seen[key] += self.thorough or asked.status == 200  # what a clerk is refused a lead may be shown
            if asked.location:
                waiting.append(urljoin(path, asked.location))
            if asked.status in (200, 422) and asked.kind.startswith("text/html"):
                page = Page(asked.content.decode())
                self._judge(role, path, page)
                waiting += [urljoin(path, link) for link in page.links]
                found += [(path, form) for form in page.forms]
            self._ask_oddly(role, path, chance)
        for path, form in found:
            self._fill(role, path, form, chance)

    def ask(self, role: Role, method: str, path: str, body: Any = None, **more: Any) -> Asked:
        """One request; what is wrong with its answer is a finding."""
        asked = self.caller.ask(role.session, method, path, body, **more)
        self.statuses[asked.status] += 1
        wrong = []
        if asked.status >= 500 and not path.startswith(READY):
            wrong = [asked.error or "5xx"]
        elif asked.status < 500:
            wrong = traces(asked.content, asked.kind, asked.location, asked.headers, self.policy)
        where = f"{role.name}: {method} {path[:200]} {_short(body)} → {asked.status}"
        self.findings += [f"{where}: {words}" for words in wrong]
        return asked

    def _judge(self, role: Role, path: str, page: Page) -> None:
        """What the policy of the pages forbids; what an elder is never asked for, and told so on every page.

        In the admin stand inline styles of django-import-export, which the browser leaves out.
        """
        if not path.startswith("/admin/"):
            self.findings += [f"{role.name}: {path}: {words}" for words in page.against_policy]
        if path.startswith("/my/"):
            asks = [words for words in page.labels if NEVER_ASKED.search(words)]
            self.findings += [f"{role.name}: {path}: asks for {words}" for words in asks]
            if SAID not in page.words and "body" in page.tags:
                self.findings.append(f"{role.name}: {path}: does not say what nobody asks for")

    def _ask_oddly(self, role: Role, path: str, chance: random.Random) -> None:
        """The same page with odd conditions, and with keys that are none."""
        parts = urlsplit(path)
        once = ("address", _kind(parts.path, exactly=self.thorough))
        if once in self.known:
            return
        self.known.add(once)
        given = dict(parse_qsl(parts.query))
        odds: list[dict[str, Any]] = [{name: chance.choice(VALUES) for name in (*given, *QUERIES)}]
        if self.thorough:
            odds += [dict.fromkeys((*given, *QUERIES), value) for value in VALUES]
            odds += [{name: value} for name in given for value in self._some(chance)]
        for odd in odds:
            query = urlencode(given | _shortened(odd), doseq=True, errors="replace")
            self.ask(role, "GET", f"{parts.path}?{query}")
        for odd_path in _picked(list(_odd_paths(parts.path)), self.payloads, chance):
            self.ask(role, "GET", odd_path)

    def _fill(self, role: Role, path: str, form: Form, chance: random.Random) -> None:
        action = urljoin(path, form.action)
        kind = _kind(action.partition("?")[0], exactly=self.thorough)
        once = (form.method, kind, tuple(sorted(form.kinds)))
        if kind is None or once in self.known or action.startswith(NOT_FOLLOWED):
            return
        self.known.add(once)
        self.forms += 1
        for body in self._bodies(form, chance):
            if form.method == "get":
                query = urlencode(_shortened(body), doseq=True, errors="replace")
                self.ask(role, "GET", f"{action.partition('?')[0]}?{query}")
            else:
                asked = self.ask(role, "POST", action, body, follow=True)
                self.accepted += asked.status == 302
        if form.method == "post":
            self.ask(role, "POST", action, "a=%FF%FE&version=%ED%A0%80&" + "id=1&" * 200)
            forged = self.ask(role, "POST", action, filled(form), csrf=False)
            if forged.status != 403:
                self.findings.append(f"{role.name}: POST {action} without a token → {forged.status}")

    def _bodies(self, form: Form, chance: random.Random) -> Iterator[dict[str, Any]]:
        """The form filled well but for one box; each of its buttons; and odd in every box at once."""
        well = filled(form)
        buttons = [name for name, kind in form.kinds.items() if kind == "submit"]
        yield well
        for name in buttons:
            for value in form.choices.get(name, ()):
                yield well | {name: value}
        boxes = [name for name in form.kinds if name != "csrfmiddlewaretoken"]
        for name in boxes if self.thorough else _picked(boxes, MOST_BOXES, chance):
            self.boxes += 1
            odd = list(files()) if form.kinds[name] == "file" else VALUES
            for value in _picked(odd, self.payloads, chance):
                yield well | {name: files()[value] if form.kinds[name] == "file" else value}
        for value in self._some(chance):
            yield {name: value for name in form.kinds if form.kinds[name] != "file"}
        yield {}

    def _some(self, chance: random.Random) -> list[str | list[str]]:
        return _picked(VALUES, self.payloads, chance)


def _picked(values: list[Any], number: int, chance: random.Random) -> list[Any]:
    return values if number >= len(values) else chance.sample(values, number)


def _kind(path: str, *, exactly: bool) -> tuple[Any, ...] | None:
    """Which page an address is, exactly: of which words and conditions; None for what is none of ours."""
    parts = urlsplit(path)
    if parts.scheme or parts.netloc:
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    if not exactly:
        return (match._func_path,)
    words = tuple(value for value in match.kwargs.values() if isinstance(value, str) and len(value) < 12)
    return (match._func_path, words, *sorted({name for name, _ in parse_qsl(parts.query)}))


def _odd_paths(path: str) -> Iterator[str]:
    """The address with each of its keys and words odd."""
    steps = path.split("/")
    match = resolve(path)
    for value in map(str, match.kwargs.values()):
        if value in steps:
            place = steps.index(value)
            for odd in NUMBERS if value.isdigit() else WORDS:
                yield "/".join([*steps[:place], odd, *steps[place + 1 :]])


def _shortened(values: Mapping[str, Any]) -> dict[str, Any]:
    """An address holds no 100 kB: a server in front refuses it."""
    return {
        name: value[:2000] if isinstance(value, str) else value
        for name, value in values.items()
        if isinstance(value, str | list)
    }


def _short(body: Any) -> str:
    return repr(body)[:400] if body is not None else ""
