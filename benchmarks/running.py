"""The ground every benchmark stands on: a filled data folder, the web servers, who is logged in."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin.record.models import CheckIn
from communities.organisations.models import Assignment, Organisation
from demo import filling
from demo.models import DemoCity
from huifeng.accounts.models import User
from huifeng.embedded import supervisor
from huifeng.errors import RuleBroken

from . import client
from .client import Cookies, Job

MOST_WARM = 20
SEED = 1
TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Refused(Exception):
    """It cannot be measured here, with the reason."""


class _Done(Exception):
    """The measuring is over: the servers may stop."""


@dataclass(frozen=True)
class Run:
    """A prepared data folder, and how often things are done."""

    folder: Path
    size: int
    requests: int
    count: int
    city: DemoCity
    say: Callable[[str], None]
    register: int = 0
    backlog: int = 0

    def account(self, role: str) -> dict[str, str]:
        return next(known for known in self.city.accounts if known["role"] == role)

    def staff(self, role: str) -> User:
        return User.objects.get(username=self.account(role)["login"])

    def serve[T](self, measure: Callable[["Ports"], T], *, peer: bool = False) -> T:
        """What `measure` finds while our pages, the bare view and the peer are served, as in production."""
        ports = Ports(*(_free_port() for _ in range(3)))
        beside = {"bare": ports.bare} | ({"peer": ports.peer} if peer else {})
        found: list[T] = []

        def work() -> None:
            for port in beside.values():
                client.wait_for(port, "/")
            found.append(measure(ports))
            raise _Done

        connections.close_all()
        with contextlib.suppress(_Done):
            supervisor.supervise(
                [supervisor.web(ports.ours), *(_other(port, name) for name, port in beside.items())],
                data=self.folder,
                ready_url=f"http://{client.HOST}:{ports.ours}/healthz",
                on_ready=work,
            )
        if not found:
            raise Refused(f"the web servers did not work; see {self.folder / 'logs'}")
        return found[0]

    def limit(self, ports: "Ports") -> Job:
        return self.gets(ports.bare, f"/bare/{some_checkin()}")

    def gets(self, port: int, path: str, cookies: Cookies | None = None) -> Job:
        warm = min(MOST_WARM, self.requests)
        return Job(port, [(path, None)] * (warm + self.requests), warm, cookies or {})


@dataclass(frozen=True)
class Ports:
    ours: int
    bare: int
    peer: int


def _other(port: int, name: str) -> supervisor.Process:
    """The same server with other addresses."""
    web = supervisor.web(port)
    settings = {"DJANGO_SETTINGS_MODULE": f"benchmarks.{name}_settings"}
    return replace(web, name=name, environment=web.environment | settings)


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((client.HOST, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def prepared(
    folder: Path,
    size: int,
    requests: int,
    count: int,
    say: Callable[[str], None],
    *,
    city_of: int = 0,
    register: int = 0,
    backlog: int = 0,
) -> Iterator[Run]:
    """The data folder, alone, with a city of `size` (or `city_of`): what is there, else a new one."""
    with supervisor.only_one(folder):
        say(f"data folder {folder}")
        filling.migrate(say)
        known = DemoCity.objects.first()
        try:
            city = filling.fill(city_of or size, seed=SEED, today=timezone.localdate(), say=say)
        except RuleBroken as refused:
            raise Refused(refused.message) from None
        if known is None:
            filling.analyse()
        elif city.members != (city_of or size):
            raise Refused(f"{folder} holds a city of {city.members} people; --data another folder")
        yield Run(folder, size, requests, count, city, say, register, backlog)


def some_checkin() -> int:
    return CheckIn.objects.order_by("pk").values_list("pk", flat=True)[0]


def session_of(user: User) -> Cookies:
    """Log `user` in without a password, by making the session."""
    browser = Client()
    browser.force_login(user)
    return {"sessionid": browser.cookies["sessionid"].value}


def administrator() -> User:
    """Who may see the peer's list; exists in data folders of benchmarks only."""
    user = get_user_model().objects.get_or_create(
        username="benchmark",
        defaults={"display_name": "Benchmark", "is_staff": True, "is_superuser": True, "password": "!"},
    )[0]
    city = Organisation.objects.filter(kind=Organisation.Kind.BUREAU).order_by("division").first()
    Assignment.objects.get_or_create(  # row-level security shows the admin's lists to whom it shows the people
        user=user, organisation=city, defaults={"valid_from": timezone.localdate()}
    )
    return user


def counted(act: Callable[[], Any]) -> int:
    """How many queries `act` makes; BEGIN, COMMIT and savepoints are not counted."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return sum(not query["sql"].startswith(TRANSACTION_WORDS) for query in queries.captured_queries)


def queries_of(path: str, cookies: Cookies) -> int:
    """How many queries a page makes, once everything is warm."""
    browser = Client()
    for name, value in cookies.items():
        browser.cookies[name] = value

    def ask() -> None:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    ask()
    return counted(ask)
