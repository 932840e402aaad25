"""Sessions end in time, bureaus log in with a second factor, and who has to log in comes back to their page."""

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from . import kept, second_factor
from .adapter import OWN_PHONE_SECONDS
from .sessions import BEGAN, SECOND, SEEN, STAFF

STAFF_TOUCH_SECONDS, TOUCH_SECONDS = 60, 5 * 60  # a session is written at most so often for being used


def page_of(request: HttpRequest) -> str:
    """The page the person looks at: this one, or for a form or a fragment the one that holds it."""
    if request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
        return request.get_full_path()
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return "/"
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _go(request: HttpRequest, address: str) -> HttpResponse:
    if "HX-Request" in request.headers:  # a 302 would put the whole login page into the fragment's place
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


class SessionEnds:
    """End a session of staff after half an hour of rest or twelve hours, any other after thirty days.

    The login page says so, and what was typed into a form meanwhile comes back after the login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen, now = request.session.get(SEEN), int(time.time())
        if seen is not None:
            staff = request.session.get(STAFF, False)
            if why := self._over(request, staff=staff, now=now):
                return self._end(request, why, staff=staff)
            if now - seen >= (STAFF_TOUCH_SECONDS if staff else TOUCH_SECONDS):
                request.session[SEEN] = now
        with kept.given_back(request):
            return self.get_response(request)

    def _over(self, request: HttpRequest, *, staff: bool, now: int) -> str:
        """Why this session is over: "idle", "long", or "" when it is not."""
        if staff and now - request.session[SEEN] > settings.STAFF_IDLE_SECONDS:
            return "idle"
        longest = settings.STAFF_SESSION_SECONDS if staff else OWN_PHONE_SECONDS
        return "long" if now - request.session[BEGAN] > longest else ""

    def _end(self, request: HttpRequest, why: str, *, staff: bool) -> HttpResponse:
        page, user_id, words = page_of(request), request.user.pk, kept.typed_into(request)
        logout(request)
        if words and page != "/":
            kept.keep(request, words, page=page, user_id=user_id)
        address = reverse("accounts:staff" if staff else "accounts:login")
        return _go(request, f"{address}?{urlencode({why: 1, 'next': page})}")


class SecondFactorFirst:
    """Who must have a second factor and gave none in this session reaches the pages that set it up, nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.SECOND_FACTOR == "off"
            or not request.user.is_authenticated
            or request.session.get(SECOND)
            or not second_factor.is_asked_of(request.user)
        ):
            return self.get_response(request)
        if second_factor.has_one(request.user):  # it was set up elsewhere since this session began
            logout(request)
            return _go(request, f"{reverse('accounts:staff')}?{urlencode({'next': page_of(request)})}")
        if _name_of(request) in second_factor.WAYS_IN:
            return self.get_response(request)
        return _go(request, reverse("mfa_index"))


def _name_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


class BackToThePage:
    """Who is sent to login from a form or a fragment comes back to its page, not to the act."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 302 or "?next=" not in response["Location"]:
            return response
        page = page_of(request)
        target = response["Location"].partition("?")[0]
        if target != reverse("accounts:login") or page == request.get_full_path():
            return response
        return _go(request, f"{target}?{urlencode({'next': page})}")
