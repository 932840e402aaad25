"""A real Chromium for tests. Fixtures come to tests by tests/e2e/conftest.py; `audit` is re-exported here."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.audit import audit, watch

__all__ = [
    "CONTRASTS",
    "EVERY",
    "LOOKS",
    "OF_RETIREES",
    "OF_STAFF",
    "SIZES",
    "WIDTHS",
    "WIDTHS_OF_THE_GATE",
    "Look",
    "audit",
    "browser",
    "desktop",
    "open_page",
    "phone",
]

WIDTHS = (320, 360, 390, 768, 1366)
SIZES = ("standard", "large", "xl")
CONTRASTS = ("normal", "high")
Look = tuple[int, str, str]  # width in px, size, contrast
ALL = os.environ.get("TEST_ALL") == "1"
EVERY: list[Look] = [(width, size, contrast) for width in WIDTHS for size in SIZES for contrast in CONTRASTS]
LOOKS = EVERY if ALL else [(360, "standard", "normal"), (1366, "standard", "normal")]
# the long lists of pages: in the gate as most people see them, all widths with TEST_ALL=1
WIDTHS_OF_THE_GATE = (360, 1366) if ALL else (360,)
OF_RETIREES = EVERY if ALL else LOOKS[:1]
OF_STAFF = EVERY if ALL else LOOKS[1:]
_HEIGHTS = {320: 568, 360: 740, 390: 844, 768: 1024, 1366: 768}
_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--headless", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium on PATH; as root: apt-get install chromium fonts-noto-cjk")
    # Playwright runs an event loop in this thread, which Django would take for an async view.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address as one reader sees it.

    `open_page(url, width=360, size="standard", contrast="normal", cookies=(), javascript=True, **context)`;
    `cookies` are Playwright cookies with a `url`; `context` goes to `new_context` (forced_colors …).
    Everything is closed after the test.
    """
    contexts = []

    def opened(
        url: str,
        *,
        width: int = 360,
        size: str = "standard",
        contrast: str = "normal",
        cookies: Sequence[Any] = (),
        javascript: bool = True,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": _HEIGHTS.get(width, 800)},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if url:
            origin = "/".join(url.split("/")[:3])
            choice = {"name": "huifeng_display", "value": f"{size}.{contrast}", "url": origin}
            context.add_cookies([choice, *cookies])
            page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """An empty page, 360 wide; nothing chosen yet, as on a first visit."""
    return open_page("", width=360)


@pytest.fixture
def desktop(open_page: Callable[..., Page]) -> Page:
    """An empty page, 1366 wide."""
    return open_page("", width=1366)
