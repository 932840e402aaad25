"""Every test here may ask for a browser, and for a small city that a server shows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from huifeng.accounts.models import User
from tests.checkin.world import World, make_world
from tests.e2e.browser import browser, desktop, open_page, phone

__all__ = ["browser", "desktop", "logged_in", "open_page", "phone", "world"]


@pytest.fixture
def world(transactional_db: None) -> World:
    call_command("load_calendar", verbosity=0)
    return make_world()


@pytest.fixture
def logged_in(open_page: Callable[..., Any], live_server: Any) -> Callable[..., Any]:
    """`logged_in(user, path, **options)`: the page as `user` sees it; options as for open_page."""

    def opened(user: User, path: str, **options: Any) -> Any:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        return open_page(live_server.url + path, cookies=[cookie], **options)

    return opened
