"""For whom a page acts: the reader, or somebody the reader helps (家人帮办).

The address says it and nothing else does: `/my/…` is oneself, `/my/for/<retiree id>/…` somebody one helps,
so two open pages can never be mistaken for each other. Every such page shows 「您正在替 … 办理」.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.views.decorators.cache import never_cache

from communities.organisations.models import Organisation
from huifeng.accounts.models import User

from . import looks
from .models import Helper, Retiree

Pattern = URLPattern | URLResolver
View = Callable[..., HttpResponse]


def person_pages(patterns: list[Pattern]) -> list[Pattern]:
    """`patterns` for oneself, and the same under `for/<retiree id>/`, with the same names."""
    return [*patterns, path("for/<int:retiree_id>/", include(patterns))]


def user_of(request: HttpRequest) -> User:
    """Who is logged in, on a page that demands it."""
    return cast(User, request.user)


def address_of(request: HttpRequest, name: str, **kwargs: Any) -> str:
    """The address of the page `name` for the same person as this request."""
    acting_id = getattr(request, "acting_id", None)
    return reverse(name, kwargs=kwargs if acting_id is None else {"retiree_id": acting_id, **kwargs})


def go(request: HttpRequest, name: str, **kwargs: Any) -> HttpResponse:
    """To the page `name` of the same person."""
    return redirect(address_of(request, name, **kwargs))


def for_person(view: View) -> View:
    """Give the view the person its address names: view(request, person, …).

    Somebody one neither is nor helps is 404. Who is nobody of the register is asked who they are.
    """

    @login_required
    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: Any, retiree_id: int | None = None, **kwargs: Any) -> HttpResponse:
        person = _oneself(user_of(request)) if retiree_id is None else _helped(user_of(request), retiree_id)
        if person is None:
            return _elsewhere(request)
        request.acting_id = retiree_id  # type: ignore[attr-defined]
        request.person = person  # type: ignore[attr-defined]
        if retiree_id is not None and request.method == "GET":
            looks.by_helper(user_of(request), person)
        return view(request, person, *args, **kwargs)

    return page


def _oneself(user: User) -> Retiree | None:
    return Retiree.objects.filter(user=user).select_related("residence").first()


def _helped(user: User, retiree_id: int) -> Retiree:
    person = (
        Retiree.objects.alive()
        .filter(pk=retiree_id, helpers__user=user, helpers__ended_at=None)
        .select_related("residence")
        .first()
    )
    if person is None:
        raise Http404
    return person


def helped_by(user: User) -> list[Helper]:
    """The people `user` helps now, in the order they agreed."""
    return list(
        Helper.objects.filter(user=user, ended_at=None, retiree__died_on=None)
        .select_related("retiree")
        .order_by("consented_at", "pk")
    )


def _elsewhere(request: HttpRequest) -> HttpResponse:
    """Nobody of the register: the same page of the one person helped, a choice of several, or 「您是谁」."""
    helped = helped_by(user_of(request))
    if not helped:
        return redirect("people:who")
    if len(helped) > 1 or request.method not in ("GET", "HEAD"):
        return redirect("people:which")
    asked = request.resolver_match
    assert asked is not None
    there = reverse(asked.view_name, kwargs={**asked.kwargs, "retiree_id": helped[0].retiree_id})
    query = request.GET.urlencode()
    return redirect(f"{there}?{query}" if query else there)


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    community: Organisation | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the person: with the banner when somebody else acts, and the community's own phone."""
    person = getattr(request, "person", None)
    acting = person is not None and getattr(request, "acting_id", None) is not None
    values: dict[str, Any] = {"person": person, "acting_for": person.name if person and acting else ""}
    if community is not None and community.phone:
        values |= {"help_phone": community.phone, "help_hours": community.hours}
    return render(request, template, values | (context or {}), status=status)
