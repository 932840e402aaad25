"""A page that asks once a row fails the test, whatever test it is. Acts are left out: a batch acts row by row."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from zeal import zeal_context


def reading_is_watched(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "GET":
            return get_response(request)
        with zeal_context():
            return get_response(request)

    return answer
