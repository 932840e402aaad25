"""Set type size and contrast."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from .choice import Choice


def _own_page(request: HttpRequest) -> str:
    """The page to go back to: `next`, else the referring page, else the front page; never another site."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
            return address
    return "/"


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show the choices with samples; a POST keeps one and goes back to the page it came from.

    The page's script asks for JSON and changes the page in place, so nothing typed is lost.
    """
    if request.method != "POST":
        return render(request, "public/display.html")
    choice = Choice.of(request).changed(
        size=request.POST.get("size", ""), contrast=request.POST.get("contrast", "")
    )
    response: HttpResponse
    if request.headers.get("Accept") == "application/json":
        response = JsonResponse(choice.as_json())
    else:
        response = HttpResponseRedirect(_own_page(request))
    choice.keep(response, secure=request.is_secure())
    return response
