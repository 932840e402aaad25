"""The handbook is there for everybody, whole, and promises what holds."""

import pytest
from django.urls import reverse

from checkin.record import periods
from communities.calendar.models import Period
from services.handbook.pages import PAGES

BANNED = ["提交工单", "授权", "绑定", "同步", "缓存", "异常", "参数", "系统错误", "用户", "账号注销", "驳回"]
pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return response.content.decode()


def test_contents_lead_to_every_page(client):
    page = text_of(client.get("/handbook/"))

    for one in PAGES:
        assert reverse("handbook:page", args=[one.slug]) in page


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.slug)
def test_page_has_one_heading_and_plain_words(client, one):
    response = client.get(reverse("handbook:page", args=[one.slug]))

    assert response.status_code == 200
    assert text_of(response).count("<h1") == 1
    assert [word for word in BANNED if word in text_of(response)] == []


def test_unknown_page_is_not_found(client):
    assert client.get("/handbook/nothing/").status_code == 404


def test_whole_book_holds_every_page(client):
    page = text_of(client.get("/handbook/whole/"))

    assert all(one.title in page for one in PAGES)


def test_deadline_set_by_the_bureau_is_the_one_promised(client):
    Period.objects.update_or_create(
        key=periods.COMMUNITY_CONFIRM, defaults={"title": "社区确认", "length": 7, "unit": "working_days"}
    )

    assert "7 个工作日" in text_of(client.get("/handbook/online/"))
