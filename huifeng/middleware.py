"""What every request gets: a number of its own, and a plain answer when a rule says no."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .errors import RuleBroken

request_id: ContextVar[str] = ContextVar("request_id", default="")

_SAFE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestContext:
    """Give each request an id: the log, the audit and the 500 page name it.

    A proxy's X-Request-ID is kept when it is harmless, so that both logs agree.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class NoZeroBytes:
    """Refuse with 400 what nobody types and PostgreSQL does not take: a zero byte in an address or a form.

    Systems' JSON is judged by checkin/api.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        """After the check of the form's token, which reads the form first."""
        sent = (request.GET,) if request.path_info.startswith("/api/") else (request.GET, request.POST)
        values = (value for fields in sent for pair in fields.lists() for value in (pair[0], *pair[1]))
        if "\x00" in request.path_info or any("\x00" in value for value in values):
            raise BadRequest("a zero byte")


class RuleBrokenAnswer:
    """Answer RuleBroken with 409 and its sentence; htmx puts it into #messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RuleBroken):
            return None
        response = render(request, "rule_broken.html", {"message": error.message, "error": error}, status=409)
        if getattr(request, "htmx", False):
            response["HX-Retarget"] = "#messages"
            response["HX-Reswap"] = "innerHTML"
        return response
