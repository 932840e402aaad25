"""A community confirms a check-in: the action alone, and the whole click over HTTP."""

import time
from collections.abc import Callable
from functools import partial

from django.test import Client

from checkin.record import actions
from checkin.record.models import Channel, CheckIn, State
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.celery import app
from members.people.fields import missing_for_confirmation
from members.people.models import Retiree
from members.units.models import UnitMembership

from . import client
from .client import Job
from .figures import Figure, Result
from .running import Ports, Refused, Run, counted

WARM = 5
# pretix's redeem call, as the design gives it: another machine, another year's hardware
PEER_P95, PEER_QUERIES = 0.129, 18


def measure(run: Run) -> Result:
    return run.serve(lambda ports: _measure(run, ports))


def _measure(run: Run, ports: Ports) -> Result:
    clerk = run.staff("community")
    community = Assignment.objects.get(user=clerk).organisation
    each = WARM + run.count
    run.say(f"preparing {2 * each + 2} verified check-ins")
    ready = _prepare(2 * each + 2, clerk, community)
    by_action, by_click, (one, other) = ready[:each], ready[each : 2 * each], ready[2 * each :]

    cookies = client.log_in(
        ports.ours, run.account("community")["login"], run.account("community")["password"]
    )
    clicks = [_click(checkin, clerk, community, cookies["csrftoken"]) for checkin in by_click]
    run.say(f"confirming {run.count} in this process, then {run.count} over HTTP beside the bare view")
    alone = [_timed(partial(actions.confirm, checkin.pk, by=clerk)) for checkin in by_action]
    clicked, bare = client.run([Job(ports.ours, clicks, WARM, cookies, status=302), run.limit(ports)])
    limit = Figure.of(bare, 1)

    action = Figure.of(alone[WARM:], counted(partial(actions.confirm, one.pk, by=clerk)))
    click = Figure.of(clicked, _queries_of_click(other, clerk, community, cookies))
    left = CheckIn.objects.filter(pk__in=[checkin.pk for checkin in ready]).exclude(state=State.CONFIRMED)
    if left.exists():
        raise Refused(f"{left.count()} of the check-ins were not confirmed")
    app.control.purge()  # no worker runs here: nobody would ever take the hints about texts to send
    return Result(
        "confirm",
        run.size,
        click.p95,
        "pretix's redeem call, p95, measured elsewhere: only indicative",
        PEER_P95,
        "bare Django view with one indexed query, p95",
        limit.p95,
        {"confirm": {"click over HTTP": click, "action alone": action}, "limits": {"bare view": limit}},
        {"peer_queries": PEER_QUERIES, "peer_measured_here": False},
    )


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _prepare(wanted: int, clerk: User, community: Organisation) -> list[CheckIn]:
    """Verified check-ins with `community` of people who never had one. They are used up: see docs."""
    people = Retiree.objects.filter(
        checkins=None,
        died_on=None,
        standing=Retiree.Standing.ROSTER,
        pk__in=UnitMembership.objects.open().values("retiree"),
    ).order_by("pk")
    ready: list[CheckIn] = []
    for person in people.iterator():
        if missing_for_confirmation(person):
            continue
        draft = actions.start(person.pk, by=clerk, channel=Channel.COUNTER)
        address = person.residence_address or "香港中路 1 号"
        actions.write_down(draft.pk, by=clerk, community_id=community.pk, address=address, data_correct=True)
        checkin = actions.submit(draft.pk, by=clerk, consented=True)
        if checkin.state == State.VERIFIED:
            ready.append(checkin)
        if len(ready) == wanted:
            return ready
    raise Refused(
        f"only {len(ready)} people are left who could check in, {wanted} are needed; each run uses them up:"
        " delete the data folder, or ask for fewer with --count"
    )


def _form(checkin: CheckIn, clerk: User, community: Organisation) -> dict[str, str]:
    return {
        "version": str(checkin.version),
        "contact": clerk.display_name,
        "phone": community.phone,
    }


def _click(
    checkin: CheckIn, clerk: User, community: Organisation, token: str
) -> tuple[str, dict[str, str] | None]:
    form = _form(checkin, clerk, community) | {"csrfmiddlewaretoken": token}
    return f"/community/checkins/{checkin.pk}/confirm/", form


def _queries_of_click(checkin: CheckIn, clerk: User, community: Organisation, cookies: client.Cookies) -> int:
    browser = Client()
    browser.cookies["sessionid"] = cookies["sessionid"]
    browser.get("/community/")

    def press() -> None:
        answer = browser.post(f"/community/checkins/{checkin.pk}/confirm/", _form(checkin, clerk, community))
        assert answer.status_code == 302, answer.status_code

    return counted(press)
