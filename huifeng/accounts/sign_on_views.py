"""统一登录: there, back, and for staff the page that binds and unbinds. All 404 where no provider is set."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.utils import perform_login
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huifeng.errors import RuleBroken

from . import actions, logins, sign_on
from .models import SingleSignOn, User
from .permissions import may_use_sign_on, why_no_sign_on
from .sign_on import CONNECT, LOGIN, Came, NotSignedOn
from .views import go_home, next_page

TICKET = "sign_on_ticket"  # in the session: a connection is begun from our page only, never by a link of somebody else
HOW = "sign_on"
STATUS = {"down": 503, "crowded": 429, "stale": 400, "cancelled": 400, "wrong": 400}  # else 403
type View = Callable[..., HttpResponse]


def _where_there_is_one(view: View) -> View:
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.OIDC["name"]:
            raise Http404
        return view(request, *args, **kwargs)

    return asked


@login_not_required
@_where_there_is_one
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """To the provider. A link and no form: `form-action` of our pages would stop a form that ends elsewhere."""
    ticket = request.session.pop(TICKET, "") if "connect" in request.GET else ""
    if "connect" in request.GET and not (
        ticket
        and request.user.is_authenticated
        and secrets.compare_digest(ticket.encode(), request.GET["connect"].encode())
    ):
        return redirect("accounts:sign_on")
    if request.user.is_authenticated and not ticket:
        return go_home(request)
    if _too_many(request):
        return _refuse(request, "crowded")
    try:
        return sign_on.begin(
            request, process=CONNECT if ticket else LOGIN, next_page="" if ticket else next_page(request)
        )
    except NotSignedOn as nobody:
        return _failed(request, nobody.why)


@login_not_required
@_where_there_is_one
@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """From the provider: let in whose account it is, or bind the account that asked for it."""
    if _too_many(request):  # before anything is written down of it
        return _refuse(request, "crowded")
    try:
        came = sign_on.finish(request)
    except NotSignedOn as nobody:
        return _failed(request, nobody.why)
    if came.process == CONNECT:
        return _bind(request, came)
    if request.user.is_authenticated:
        return go_home(request)
    user = User.objects.with_subject(came.subject) or _vouched_for(came)
    if user is None:
        return _failed(request, "unknown", typed=came.subject)
    if why := why_no_sign_on(user):
        return _failed(request, why, user=user)
    if came.phone and not SingleSignOn.objects.filter(user=user).exists():
        actions.bind_sign_on(user.pk, came.subject, by=User.objects.system(), how="phone")
    answer: HttpResponse = perform_login(
        request, user, redirect_url=came.next_page or None, signal_kwargs={"how": HOW}
    )
    return answer


def _too_many(request: HttpRequest) -> bool:
    """Whether one address asks too often. allauth's public function lets every GET pass."""
    if ratelimit.consume(request, app="allauth.account", action="sign_on", limit_get=True):
        return False
    logins.blocked(request, user=None, how=HOW)
    return True


def _vouched_for(came: Came) -> User | None:
    """The account that logs in with the phone the provider has verified, unless it was bound before."""
    user = User.objects.with_phone(came.phone) if came.phone else None
    return None if user is None or SingleSignOn.objects.filter(user=user).exists() else user


def _bind(request: HttpRequest, came: Came) -> HttpResponse:
    user = request.user
    if not isinstance(user, User) or user.pk != came.user_id:
        return _failed(request, "stale")
    try:
        actions.bind_sign_on(user.pk, came.subject, by=user, how="session")
        messages.success(request, f"连好了，以后可以点“{settings.OIDC['name']}”登录")
    except (
        RuleBroken
    ) as broken:  # not our page was sent, so "go back, what you typed is still there" helps nobody
        messages.warning(request, broken.message)
    return redirect("accounts:sign_on")


def _failed(request: HttpRequest, why: str, *, user: User | None = None, typed: str = "") -> HttpResponse:
    if user is not None and why == "inactive":
        logins.inactive(request, user, how=HOW)
    else:
        logins.failed(request, user=user, how=HOW, typed=typed, why=why)
    return _refuse(request, why)


def _refuse(request: HttpRequest, why: str) -> HttpResponse:
    page = {"why": why, "name": settings.OIDC["name"]}
    return render(request, "public/login_sign_on_refused.html", page, status=STATUS.get(why, 403))


@_where_there_is_one
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Bind one's account to the single sign-on, or unbind it, having just said again who one is."""
    user = request.user
    if not isinstance(user, User) or not may_use_sign_on(user):
        raise Http404
    return _page(request)


@reauthentication_required(app="accounts")
def _page(request: HttpRequest) -> HttpResponse:
    user, name = request.user, settings.OIDC["name"]
    assert isinstance(user, User)
    if request.method == "POST":
        actions.unbind_sign_on(user.pk, by=user, but=request.session.session_key)
        messages.success(request, f"断开了。“{name}”不再能进这个账号")
        return redirect("accounts:sign_on")
    old = get_adapter().is_reauthentication_required(app="accounts")
    blind = old and not get_adapter().get_reauthentication_methods(user)  # no password and no second factor
    bound = SingleSignOn.objects.filter(user=user, subject__isnull=False).first()
    ticket = request.session.setdefault(TICKET, secrets.token_urlsafe(16))
    return render(
        request, "public/login_sign_on.html", {"name": name, "bound": bound, "blind": blind, "ticket": ticket}
    )
