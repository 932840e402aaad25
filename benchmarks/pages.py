"""Every sort of page: how long it takes as a logged-in user, over HTTP, from the real web server."""

from dataclasses import dataclass
from urllib.parse import quote

from django.test import override_settings

from checkin.record.models import CheckIn, State
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from huifeng.display.slices import PAGE

from . import client
from .client import Cookies
from .figures import Figure, Result
from .running import Ports, Run, administrator, queries_of, session_of, some_checkin

PEER_LIST = "/admin/checkin_record/checkin/"


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    cookies: Cookies


def measure(run: Run) -> Result:
    return run.serve(lambda ports: _measure(run, ports), peer=True)


def _measure(run: Run, ports: Ports) -> Result:
    ours, peers = _our_pages(run, ports), _peer_pages(run)
    framed = Page("framed", f"/framed/{some_checkin()}", ours[0].cookies)
    run.say(f"asking for {len(ours)} pages, the peer's and the bare view in turn, {run.requests} times each")
    took = iter(
        client.run(
            [
                run.limit(ports),
                *(run.gets(ports.ours, page.path, page.cookies) for page in ours),
                *(run.gets(ports.peer, page.path, page.cookies) for page in [framed, *peers]),
            ]
        )
    )
    limit = Figure.of(next(took), 1)
    pages = {p.name: Figure.of(next(took), queries_of(p.path, p.cookies)) for p in ours}
    with override_settings(ROOT_URLCONF="benchmarks.peer"):
        frame = Figure.of(next(took), queries_of(framed.path, framed.cookies))
        peer = {p.name: Figure.of(next(took), queries_of(p.path, p.cookies)) for p in peers}
    worst = max(pages, key=lambda name: pages[name].p95)
    return Result(
        "pages",
        run.size,
        pages[worst].p95,
        "Django admin's own list of the same check-ins, first page, p95",
        peer[peers[0].name].p95,
        "bare Django view with one indexed query, p95",
        limit.p95,
        {
            "pages": pages,
            "peer_pages": peer,
            "limits": {"bare view": limit, "bare view, logged in": frame},
        },
        {"worst_page": worst, "checkins": CheckIn.objects.count()},
    )


def _our_pages(run: Run, ports: Ports) -> list[Page]:
    community, unit, bureau = (
        client.log_in(ports.ours, run.account(role)["login"], run.account(role)["password"])
        for role in ("community", "unit", "bureau")
    )
    office = Assignment.objects.get(user=run.staff("community")).organisation
    case = CheckIn.objects.at_desk(office).filter(state=State.VERIFIED).first()
    person = User.objects.with_phone(run.account("retiree_waiting")["login"])
    assert case is not None
    assert person is not None
    retiree = session_of(person)
    surname = case.retiree.name[0]
    return [
        Page("community today", "/community/", community),
        Page("community pending", "/community/checkins/", community),
        Page("community one case", f"/community/checkins/{case.pk}/", community),
        Page("unit members", "/unit/", unit),
        Page("bureau people", "/bureau/people/", bureau),
        Page("bureau people by name", f"/bureau/people/?q={quote(surname)}", bureau),
        Page("bureau overview", "/bureau/", bureau),
        Page("retiree home", "/my/", retiree),
        Page("retiree progress", "/my/progress/", retiree),
    ]


def _peer_pages(run: Run) -> list[Page]:
    admin = session_of(administrator())
    surname = CheckIn.objects.select_related("retiree").get(pk=some_checkin()).retiree.name[0]
    last = (CheckIn.objects.count() - 1) // PAGE + 1
    return [
        Page("admin list, first page", PEER_LIST, admin),
        Page("admin list, last page", f"{PEER_LIST}?p={last}", admin),
        Page("admin list, search by name", f"{PEER_LIST}?q={quote(surname)}", admin),
    ]
