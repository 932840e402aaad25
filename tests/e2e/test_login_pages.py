"""The login pages in a real browser."""

import re

import pytest

from huifeng.accounts import hooks
from huifeng.accounts.hooks import ReadyAccount
from huifeng.texts.models import Text
from tests.e2e.browser import audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PHONE = "13812345678"


@pytest.mark.parametrize("size", ["standard", "xl"])
@pytest.mark.parametrize("width", [320, 1366])
def test_login_pages_are_sound(open_page, live_server, monkeypatch, width: int, size: str):
    ready = [
        ReadyAccount("社区工作人员", "limin", "zhanshan-2026", "湛山社区"),
        ReadyAccount("老同志", PHONE, ""),
    ]
    monkeypatch.setattr(hooks, "ready_accounts", [lambda: ready])
    page = open_page(live_server.url + "/login/", width=width, size=size)
    assert audit(page, "retiree") == []

    page.get_by_label("请输入您的手机号").fill("138")
    page.get_by_role("button", name="发短信给我").click()
    page.wait_for_selector(".error-summary")
    assert audit(page, "retiree") == []

    page.get_by_label("请输入您的手机号").fill(PHONE)
    page.get_by_role("button", name="发短信给我").click()
    page.wait_for_url("**/login/code/")
    assert audit(page, "retiree") == []

    page.get_by_role("button", name="再发一次").click()
    page.get_by_text("请等 60 秒再点").wait_for()
    assert audit(page, "retiree") == []

    page.goto(live_server.url + "/login/staff/?idle=1")
    assert audit(page, "retiree") == []


def test_a_retiree_logs_in_by_keyboard_without_scripts(open_page, live_server):
    page = open_page(live_server.url + "/login/", javascript=False)
    page.get_by_label("请输入您的手机号").fill(PHONE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code/")
    digits = re.search(r"\d{6}", Text.objects.latest("pk").words)
    assert digits
    page.get_by_label("请输入短信里的 6 位数字").fill(digits[0])
    page.keyboard.press("Enter")

    page.wait_for_url("**/my/**")
