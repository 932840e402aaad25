"""Staff sessions end after half an hour of rest, and who has to log in comes back to their page."""

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from .adapter import STAFF_SEEN

IDLE_SECONDS = 30 * 60
TOUCH_SECONDS = 60  # write the session at most once a minute


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


class StaffIdle:
    """End the session of staff who did nothing for half an hour; the login page says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen, now = request.session.get(STAFF_SEEN), int(time.time())
        if seen is None:
            return self.get_response(request)
        if now - seen > IDLE_SECONDS:
            logout(request)
            query = urlencode({"idle": 1, "next": page_of(request)})
            return _go(request, f"{reverse('accounts:staff')}?{query}")
        if now - seen >= TOUCH_SECONDS:
            request.session[STAFF_SEEN] = now
        return self.get_response(request)


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
