import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from zeal import NPlusOneError

from communities.organisations.models import Organisation
from tests.communities.factories import make_city
from tests.n_plus_one import reading_is_watched


def asks_once_a_row(request: HttpRequest) -> HttpResponse:
    return HttpResponse([str(row.division) for row in Organisation.objects.all()])


@pytest.mark.django_db
def test_a_page_that_asks_once_a_row_is_found(rf: RequestFactory) -> None:
    make_city()

    with pytest.raises(NPlusOneError):
        reading_is_watched(asks_once_a_row)(rf.get("/"))
