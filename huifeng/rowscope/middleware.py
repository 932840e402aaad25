"""A request sees nothing until it has a user, and then what the user may see."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from huifeng.accounts.models import User

from . import scope


class RowScope:
    """Give each request the scope of its user, of the session or of an API token alike."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope.as_viewer(_Viewer(request)):
            return self.get_response(request)


class _Viewer:
    """The scope of the request's user, worked out at the first statement after the user is known.

    Who has not been asked for yet is nobody: to ask here would read the session under `/api/`, and twice
    everywhere else.
    """

    def __init__(self, request: HttpRequest):
        self.request = request
        self.only_reads = request.method in ("GET", "HEAD")
        self.known: scope.Scope = scope.NOBODY

    def __call__(self) -> scope.Scope:
        user = self.request.__dict__.get("user")
        if user is None or not isinstance(user.__dict__.get("_wrapped", user), User):
            return scope.NOBODY
        if self.known.user_id != user.pk:
            self.known = scope.of(user)
        return self.known
