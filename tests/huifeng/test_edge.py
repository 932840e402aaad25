"""The edge: whom a request says it asks, what an error tells, what a page never asks for."""

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from huifeng.urls import urlpatterns as ours

SECRET = "王建国 370202195003081234"
RAISED = {"500": ValueError, "400": BadRequest, "403": PermissionDenied}


def _fails(request: HttpRequest, kind: str) -> None:
    raise RAISED[kind](SECRET)


urlpatterns = [path("fails/<kind>/", _fails), *ours]


@pytest.mark.parametrize(
    ("kind", "status"), [("500", 500), ("400", 400), ("403", 403), ("nowhere/王建国", 404)]
)
@pytest.mark.django_db
def test_an_error_page_tells_no_data(kind, status, settings, no_number_in_the_logs):
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).get(f"/fails/{kind}/")
    page = answer.content.decode()
    no_number_in_the_logs.clear()  # blotted out on its way

    assert answer.status_code == status
    assert [word for word in ("王建国", "370202", "Traceback", "ValueError", "_fails") if word in page] == []
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "huifeng.example.evil.example", "huifeng.example@evil.example"]
)
def test_another_host_is_refused(host, settings):
    settings.ALLOWED_HOSTS = ["huifeng.example"]
    answer = Client(raise_request_exception=False).get("/help/", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.django_db
def test_a_forwarded_host_is_not_believed(settings):
    settings.ALLOWED_HOSTS = ["huifeng.example"]
    asked = {"Host": "huifeng.example", "X-Forwarded-Host": "evil.example"}
    answer = Client().get("/my/", headers=asked)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    assert settings.USE_X_FORWARDED_HOST is False


def test_cookies_are_kept_from_scripts_and_other_sites(settings):
    assert settings.SESSION_COOKIE_HTTPONLY is True
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")


@pytest.mark.django_db
def test_a_zero_byte_is_refused_in_form_query_and_address():
    browser = Client(raise_request_exception=False)

    assert browser.post("/login/", {"phone": "139\x00"}).status_code == 400
    assert browser.get("/help/?q=%00").status_code == 400
    assert browser.get("/handbook/%00/").status_code in (400, 404)


@pytest.mark.django_db
def test_every_page_of_a_stranger_says_what_nobody_asks_for():
    for address in ("/", "/help/", "/login/"):
        assert "工作人员不会向您要验证码、银行卡号，也不收任何费用" in Client().get(address).content.decode()
