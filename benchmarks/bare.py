"""The limit of every page: a Django view with one query by primary key and no middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from checkin.record.models import CheckIn
from huifeng.rowscope.scope import as_program


@as_program("no middleware, so nobody else's eyes")
def one_row(request: HttpRequest, pk: int) -> HttpResponse:
    number, state = CheckIn.objects.values_list("number", "state").get(pk=pk)
    return HttpResponse(f"{number} {state}")


urlpatterns = [path("bare/<int:pk>", one_row)]
