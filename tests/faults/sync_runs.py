"""One run: a few people's affairs, faults meanwhile, quiet, and what must hold then."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.db import OperationalError, connection, connections

from checkin.api.models import Purpose
from checkin.feedback import actions as feedback
from checkin.feedback.models import FeedbackReport
from checkin.statistics.months import Month
from checkin.sync import actions, periodic
from checkin.sync.lines import REFUSALS
from checkin.sync.models import DeadLetter, Webhook
from communities.notices.models import Mailbox, Notice
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.jobs import tasks
from huifeng.jobs.models import Job
from tests.checkin.api.systems import System, system_of
from tests.checkin.sync.receiver import Receiver
from tests.communities.factories import TinyCity, make_staff
from tests.faults.sync_acts import Act, Place, insist, new_place, owed, stories
from tests.faults.sync_house import BEATS, STOPS, WORKERS, House
from tests.faults.sync_receiver import MOODS, Town

FAULTS = (
    "worker killed",
    "child killed",
    "beat killed",
    "redis flushed",
    "redis",
    "postgres",
    "twice",
    "clock",
)
STRETCH = 1.2  # seconds in which acts and faults happen
RECOVERY = 90  # seconds within which all must be well again
CLOCK_STEPS = (-3 * 3600, -200, 90, 3600, 3 * 3600)
Letter = DeadLetter.State


@dataclass(frozen=True)
class Plan:
    """`faults` in order, each after a pause; `moods` of the receivers."""

    seed: int
    faults: tuple[str, ...]
    pauses: tuple[float, ...]
    moods: tuple[str, ...]


def plan_of(seed: int) -> Plan:
    """What goes wrong in the run of a seed: a fault and a mood in turn, so that none is left out, and others."""
    chance = random.Random(seed)
    others = [fault for fault in FAULTS if fault != FAULTS[seed % len(FAULTS)]]
    faults = [FAULTS[seed % len(FAULTS)], *chance.sample(others, 2)]
    chance.shuffle(faults)
    moods = {MOODS[seed % len(MOODS)], chance.choice(MOODS)}
    pauses = tuple(chance.uniform(0, 2 * STRETCH / len(faults)) for _ in faults)
    return Plan(seed, tuple(faults), pauses, tuple(sorted(moods)))


@dataclass(frozen=True)
class Base:
    """Whom the reports of `month` are about: made once for all runs. `boss` is of the city's bureau."""

    city: TinyCity
    month: Month
    boss: User
    reported: frozenset[tuple[int, str]]  # organisation, side


@dataclass
class Reader:
    """Another system of an organisation that pulls /api/v1/changes all the time, a few a page."""

    system: System
    read: list[int] = field(default_factory=list)

    def look(self) -> bool:
        """Read one page; whether there was more."""
        answer = self.system.get("changes", after=self.read[-1] if self.read else 0, limit=3)
        assert answer.status_code == HTTPStatus.OK, answer.content.decode()
        page = answer.json()
        self.read += [change["number"] for change in page["items"]]
        return bool(page["more"])

    def catch_up(self) -> None:
        while self.look():
            pass


class Run:
    """`note` keeps what happened when, to be printed with a failure."""

    def __init__(self, plan: Plan, house: House, receiver: Receiver, base: Base):
        self.plan, self.house, self.base = plan, house, base
        self.began, self.events = time.monotonic(), [str(plan)]
        self.chance = random.Random(plan.seed + 1_000_000)
        self.place: Place = new_place(base.city, plan.seed)
        self.town = Town(plan.moods, plan.seed, self.note)
        self.leads: dict[int, User] = {}  # by webhook
        self.webhooks = [self._connect(place, receiver) for place in self.organisations]
        self.readers = [Reader(system_of(place, Purpose.CHANGES)) for place in self.organisations]
        self.done: list[Act] = []
        receiver.answer = self.town.answer

    @property
    def organisations(self) -> list[Organisation]:
        return [self.place.unit, self.place.here, self.place.there]

    def note(self, text: str) -> None:
        self.events.append(f"{time.monotonic() - self.began:6.2f} {text}")

    # -- what happens

    def go(self) -> None:
        """Acts and faults at the same time, then quiet until all is well."""
        reading = threading.Event()
        with ThreadPoolExecutor(6) as pool:
            acting = [
                pool.submit(copy_context().run, _apart, self._tell_a_story, story)
                for story in stories(self.place)
            ]
            acting.append(pool.submit(copy_context().run, _apart, self._ask_for_reports))
            watching = pool.submit(copy_context().run, _apart, self._read_all_the_time, reading)
            try:
                self._break_things()
                _results(acting)
                self._recover()
            finally:
                reading.set()
            _results([watching])
        for reader in self.readers:
            reader.catch_up()

    def close(self) -> None:
        for webhook in self.webhooks:
            actions.pause_webhook(webhook.pk, by=self.leads[webhook.pk])

    def _tell_a_story(self, story: Any) -> None:
        for act in story:
            time.sleep(self.chance.uniform(0, STRETCH / 5))
            insist(act.do)
            self.done.append(act)
            self.note(f"act: {act.name}")

    def _ask_for_reports(self) -> None:
        time.sleep(self.chance.uniform(0, STRETCH))
        insist(lambda: feedback.start(self.base.month, by=self.base.boss))
        self.note("act: reports asked for")

    def _read_all_the_time(self, end: threading.Event) -> None:
        while not end.wait(0.2):
            try:
                for reader in self.readers:
                    reader.look()
            except OperationalError:
                connection.close()

    def _break_things(self) -> None:
        for fault, pause in zip(self.plan.faults, self.plan.pauses, strict=True):
            time.sleep(pause)
            self.note(f"fault: {fault}")
            self._break(fault)
            self.note(f"fault over: {fault}")

    def _break(self, fault: str) -> None:
        house, chance = self.house, self.chance
        match fault:
            case "worker killed":
                house.kill(chance.choice(WORKERS))
            case "child killed":
                for _ in range(3):
                    house.kill_child(chance.choice(WORKERS), chance.randrange(2))
                    time.sleep(0.1)
            case "beat killed":
                house.kill(chance.choice(BEATS))
            case "redis flushed":
                house.flush_redis()
            case "redis" | "postgres":
                house.restart(fault, chance.choice(STOPS[fault]))
                connections.close_all()
            case "twice":
                self._send_twice()
            case "clock":
                step = chance.choice(CLOCK_STEPS)
                self.note(f"clock wrong by {step} s")
                house.move_clock(step)
        house.heal()

    def _send_twice(self) -> None:
        messages: list[tuple[Any, list[int]]] = [(periodic.relay_notices, []), (periodic.send_webhooks, [])]
        messages += [(tasks.run, [pk]) for pk in Job.objects.values_list("pk", flat=True).order_by("-pk")[:2]]
        for task, arguments in messages * 2:
            try:
                task.delay(*arguments)
            except Exception as error:  # the queue may be away: then nothing is sent at all
                self.note(f"not sent: {error!r}")

    def _recover(self) -> None:
        self.house.move_clock(0)
        self.house.heal()
        self.note("quiet")
        end, asked = time.monotonic() + RECOVERY, time.monotonic()
        while waits := self._what_waits():
            assert time.monotonic() < end, f"still not well: {waits}"
            self.house.heal()  # as a service manager does: kombu ends a worker that lost Redis amid a task
            if time.monotonic() > asked + 1:
                self._decide()
                asked = time.monotonic()
            time.sleep(0.15)
        self.note("well again")

    def _what_waits(self) -> str:
        if Notice.objects.filter(state=Notice.State.PENDING).exists():
            return "notices without number"
        last = dict(Mailbox.objects.values_list("organisation", "last_number"))
        for webhook in Webhook.objects.filter(pk__in=[webhook.pk for webhook in self.webhooks]):
            if webhook.cursor < last.get(webhook.organisation_id, 0):
                return f"webhook {webhook.pk} stands at {webhook.cursor}: {webhook.last_error}"
            if webhook.letters.filter(state__in=(Letter.WAITING, Letter.QUEUED)).exists():
                return f"dead letters of webhook {webhook.pk}"
        if FeedbackReport.objects.of_month(self.base.month).sent().count() < len(self.base.reported):
            return "reports"
        if Job.objects.filter(state__in=Job.OPEN).exists():
            return "a job"
        return ""

    def _decide(self) -> None:
        """What people do about what the program left to them: letters sent again, a failed job asked for again."""
        for webhook in self.webhooks:
            if again := actions.resend_all(webhook.pk, by=self.leads[webhook.pk]):
                self.note(f"{again} letters of webhook {webhook.pk} sent again")
        unsent = FeedbackReport.objects.of_month(self.base.month).sent().count() < len(self.base.reported)
        if unsent and not Job.objects.filter(state__in=Job.OPEN).exists():
            feedback.start(self.base.month, by=self.base.boss)
            self.note("reports asked for again")

    def _connect(self, organisation: Organisation, receiver: Receiver) -> Webhook:
        lead = make_staff(organisation, Assignment.Role.LEAD)
        url = f"{receiver.url}{self.plan.seed}/{organisation.pk}"
        webhook = actions.add_webhook(organisation.pk, url, by=lead)
        self.leads[webhook.pk] = lead
        self.town.open_line(url, webhook.secret)
        return webhook

    # -- what must hold

    def check(self) -> None:
        for organisation, webhook, reader in zip(
            self.organisations, self.webhooks, self.readers, strict=True
        ):
            rows = list(Notice.objects.filter(receiver=organisation).order_by("number"))
            numbers = [row.number for row in rows]
            assert numbers == list(range(1, len(rows) + 1)), f"{organisation.pk} has holes"
            assert reader.read == numbers, "whoever reads by number missed one"
            self._check_line(webhook, rows)
        told = Notice.objects.filter(receiver__in=self.organisations)
        _same(Counter(told.values_list("receiver", "kind")), owed(self.place, self.done))
        self._check_reports()

    def _check_line(self, webhook: Webhook, rows: list[Notice]) -> None:
        line = self.town.line_of(webhook.url)
        assert sorted(line.told) == [row.number for row in rows], "each exactly once"
        assert not line.changed, "the same webhook-id was another fact"
        assert len(line.bodies) == len({body for body in line.bodies.values()})
        letters = set(webhook.letters.values_list("notice__number", flat=True))
        if not letters:
            assert line.told == sorted(line.told)
        for person in {row.person for row in rows}:
            of_person = [row for row in rows if row.person == person]
            assert [row.pk for row in of_person] == sorted(row.pk for row in of_person)
            mine = {row.number for row in of_person}
            arrived = [number for number in line.told if number in mine]
            assert arrived == sorted(arrived), f"order of person {person}"
            first = min((number for number in letters & mine), default=0)
            assert not first or line.refused[first] >= REFUSALS, f"nobody refused {first}"

    def _check_reports(self) -> None:
        reports = FeedbackReport.objects.of_month(self.base.month)
        _same(Counter(reports.values_list("organisation", "side")), Counter(self.base.reported))
        told = Notice.objects.filter(key__in=[f"feedback:{report.pk}:sent" for report in reports])
        _same(Counter(told.values_list("receiver", flat=True)), Counter(pk for pk, _ in self.base.reported))


def _same(found: Counter[Any], expected: Counter[Any]) -> None:
    assert found == expected, f"missing: {expected - found}, too many: {found - expected}"


def _apart[**P](work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    """In a thread with database connections of its own."""
    try:
        work(*args, **kwargs)
    finally:
        connections.close_all()


def _results(futures: list[Future[None]]) -> None:
    for future in futures:
        future.result()
