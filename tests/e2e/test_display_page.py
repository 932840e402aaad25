"""The frame of retiree pages in a real browser: sizes, contrast, with and without script."""

import pytest

from tests.e2e.browser import CONTRASTS, SIZES, audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BODY_PIXELS = {"standard": "20px", "large": "24px", "xl": "30px"}


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_sound_on_a_phone(open_page, live_server, size, contrast):
    page = open_page(live_server.url + "/display/", width=360, size=size, contrast=contrast)

    assert audit(page, "retiree") == []
    assert page.evaluate("getComputedStyle(document.body).fontSize") == BODY_PIXELS[size]


@pytest.mark.parametrize("width", [320, 768, 1366])
def test_the_page_is_sound_at_other_widths(open_page, live_server, width):
    assert audit(open_page(live_server.url + "/display/", width=width), "retiree") == []


@pytest.mark.parametrize("javascript", [True, False])
def test_one_press_makes_the_type_larger_and_it_stays(open_page, live_server, javascript):
    page = open_page(live_server.url + "/display/", javascript=javascript)

    page.click("button[value=xl]")

    page.wait_for_selector("html[data-size=xl]")
    page.goto(live_server.url + "/display/")
    assert page.get_attribute("html", "data-size") == "xl"


def test_a_strange_address_is_answered_by_our_own_page(open_page, live_server):
    page = open_page(live_server.url + "/no-such-page/")

    assert page.inner_text("h1") == "没有找到这一页"
    assert audit(page, "retiree") == []
