"""For which organisation a member of staff works on this page: the one place where that is decided.

Somebody with several assignments chooses with `?org=`; the choice is kept in the session, one for each area
of pages (community, unit, bureau). Whoever has no assignment there is refused with 403.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from communities.organisations.models import Assignment, Organisation
from communities.organisations.permissions import offices_of
from huifeng.accounts.models import User

Kind = Organisation.Kind

KINDS: dict[str, tuple[Kind, ...]] = {
    "community": (Kind.COMMUNITY,),
    "unit": (Kind.UNIT,),
    "bureau": (Kind.BUREAU, Kind.STREET),
}
SESSION_KEY = "acting"


@dataclass(frozen=True)
class Acting:
    """`organisation` is acted for now; `choices` are all the user could act for on the same pages.

    `area` names the pages: community, unit or bureau. `homes` are the first organisations of the other areas.
    `is_lead`: the user is the lead (负责人) of `organisation` today.
    """

    user: User
    area: str
    organisation: Organisation
    choices: list[Organisation]
    homes: list[tuple[str, Organisation]]
    is_lead: bool

    @property
    def is_bureau(self) -> bool:
        return self.organisation.kind == Kind.BUREAU


class StaffRequest(HttpRequest):
    """A request to a staff page, with its `acting`."""

    acting: Acting
    user: User
    htmx: Any


def area_of(organisation: Organisation) -> str | None:
    """The pages on which one acts for `organisation`; None for those outside the system."""
    return next((area for area, kinds in KINDS.items() if organisation.kind in kinds), None)


def area_of_pages(request: HttpRequest) -> str | None:
    """The area this page stands in (/unit/roster/ in "unit"); None for pages that belong to none."""
    first = request.path.split("/")[1]
    return first if first in KINDS else None


def _assignments(user: User) -> list[Assignment]:
    """Everything `user` acts for today, the longest-standing assignment first. One query."""
    return offices_of(user)


def acting_of(request: HttpRequest, area: str | None) -> Acting:
    """Who the user acts for on the pages of `area`, else of the area used last; or PermissionDenied."""
    user = cast(User, request.user)
    assignments = _assignments(user)
    ours = [(found, a.organisation) for a in assignments if (found := area_of(a.organisation))]
    chosen = request.session.get(SESSION_KEY, {})
    area = area or _last_area(chosen, ours)
    choices = [organisation for found, organisation in ours if found == area]
    if area is None or not choices:
        raise PermissionDenied
    wanted = request.GET.get("org") or str(chosen.get(area, ""))
    organisation = next((o for o in choices if str(o.pk) == wanted), choices[0])
    now = {
        **{k: v for k, v in chosen.items() if k != area},
        area: organisation.pk,
    }  # the area used last comes last
    if list(now.items()) != list(chosen.items()):
        request.session[SESSION_KEY] = now
    homes = {found: o for found, o in reversed(ours) if found != area}
    roles = {(a.organisation_id, a.role) for a in assignments}
    is_lead = (organisation.pk, Assignment.Role.LEAD) in roles
    return Acting(user, area, organisation, choices, list(homes.items()), is_lead)


def _last_area(chosen: dict[str, int], ours: list[tuple[str, Organisation]]) -> str | None:
    areas = [area for area, _ in ours]
    last = next((area for area in reversed(chosen) if area in areas), None)
    return last or (areas[0] if areas else None)


type View[**P] = Callable[Concatenate[StaffRequest, P], HttpResponse]


def staff_page[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in who acts for an organisation of this area of pages, and say on the request for which.

    Pages are never kept by a browser or a proxy: they hold personal data.
    """

    @never_cache
    @login_required
    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request.acting = acting_of(request, area_of_pages(request))  # type: ignore[attr-defined]
        if "org" in request.GET and request.method == "GET":
            return redirect(_without_org(request))
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return page


def _without_org(request: HttpRequest) -> str:
    """The same address without the choice, which the session holds now, so that links can be passed on."""
    rest: QueryDict = request.GET.copy()
    del rest["org"]
    return f"{request.path}?{rest.urlencode()}" if rest else request.path
