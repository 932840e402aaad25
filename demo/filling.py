"""Bringing a database to a demo city: schema, code lists, calendar, places, then the city."""

import contextlib
import gc
import io
import time
from collections.abc import Callable, Iterator
from datetime import date

from django.core.management import call_command
from django.db import connection, connections, transaction

from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.embedded import engines
from huifeng.embedded.roles import as_owner
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from members.roster.models import ImportBatch

from .city.activities import plant_activities
from .city.doubles import plant_double
from .city.feedback import bring_feedback
from .city.fill import LOGINS, make_city
from .city.imports import bring_rosters
from .city.money import bring_money
from .city.nights import look_at_night
from .city.proposals import plant_proposals
from .city.requests import ask_for_help
from .city.signing import relay_history
from .city.systems import connect, let_in
from .city.visits import plant_visits
from .models import DemoCity

FILL_LOCK = 370201  # advisory: one filling at a time
type Say = Callable[[str], None]


def prepare(say: Say) -> None:
    """What any city needs: code lists, holidays, periods, divisions with organisations. Safe to repeat."""
    output = io.StringIO()
    call_command("load_reference", stdout=output)
    call_command("load_presets", stdout=output)
    for line in output.getvalue().splitlines():
        say(line)


def fill(members: int, *, seed: int, today: date, say: Say) -> DemoCity:
    """The demo city of this database: what is there, else a new one, written in one transaction.

    A filling that was killed has left nothing. Raises RuleBroken when the database holds people who are not
    of a demo city.
    """
    began = time.monotonic()
    with _no_collector(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FILL_LOCK])
        known = DemoCity.objects.first()
        if known is not None:
            return known
        if Retiree.objects.exists():
            raise RuleBroken("这个数据目录里已有不是演示的数据，没有改动。要清空重来，请加 --reset。")
        prepare(say)
        city = make_city(members, seed=seed, today=today, say=say)
        city.write(say)
        row = DemoCity(members=members, seed=seed, today=today, accounts=city.accounts)
        row.seconds = round(time.monotonic() - began, 1)
        row.save()
    return row


@transaction.atomic
def live_on(city: DemoCity) -> None:
    """What comes about only through the program's own acts, on a city that is filled and analysed: rosters on their
    way, somebody who stands twice, corrections that were proposed, last month's feedback, records opened at night.
    Then every notice is delivered, and two of the offices let a system of theirs in. Repeating it changes nothing.
    """
    if ImportBatch.objects.exists():
        return
    clerk = User.objects.get(username=LOGINS["unit"])
    unit = Assignment.objects.select_related("organisation").get(user=clerk).organisation
    bring_rosters(city.seed, city.today, unit, clerk)
    plant_double(unit)
    community_clerk = User.objects.get(username=LOGINS["community"])
    community = Assignment.objects.select_related("organisation").get(user=community_clerk).organisation
    plant_proposals(unit, clerk, community, community_clerk)
    plant_activities(community, community_clerk, unit, clerk)
    plant_visits(unit, clerk, community, community_clerk)
    offices = Assignment.objects.filter(user__username__in=LOGINS.values()).select_related("organisation")
    bureau = User.objects.get(username=LOGINS["bureau"])
    ask_for_help(unit, clerk, community, community_clerk, bureau)
    bring_feedback(city.today, [assignment.organisation for assignment in offices], bureau)
    city_bureau = Assignment.objects.select_related("organisation").get(user=bureau).organisation
    bring_money(city.today, community, community_clerk, city_bureau, bureau)
    look_at_night(community, community_clerk)
    relay_history(city.today, unit, clerk)
    for role, organisation in (("unit", unit), ("community", community)):
        let_in(role, organisation, _lead_of(organisation), city.today)
    connect(unit, _lead_of(unit))


def _lead_of(organisation: Organisation) -> User:
    lead = Assignment.Role.LEAD
    return Assignment.objects.select_related("user").filter(organisation=organisation, role=lead)[0].user


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of rows come and none goes: looking for garbage meanwhile costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def migrate(say: Say) -> None:
    output = io.StringIO()
    call_command("migrate", interactive=False, verbosity=1, stdout=output)
    applied = output.getvalue().count("... OK") + output.getvalue().count(" OK\n")
    say("schema is current" if not applied else "schema created")


def start_over(folder: str) -> None:
    """Throw away database and Redis of the data folder."""
    connections.close_all()
    engines.recreate_database(folder)


def analyse() -> None:
    """Let the planner know what was written. As the owner; outside a transaction."""
    with as_owner(), connections["default"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
