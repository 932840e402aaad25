"""A stranger, somebody not logged in, comes to every address: to the login, or to nothing."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# Open to anybody, each for a reason.
PUBLIC = (
    r"^$",  # the front page
    r"^help/",  # phones of communities
    r"^handbook/",
    r"^login/",
    r"^logout/$",
    r"^display/",  # type size
    r"^p/",  # progress by signed token
    r"^a/",  # what the poster of an activity opens; the button asks for the login
    r"^letters/",  # a feedback report by signed token, for organisations outside
    r"^healthz$",
    r"^readyz$",
    r"^api/v1/",  # 401 without a token, see tests/checkin/api/test_refusals.py
    r"^demo/",  # only with the demo app
)
VALUES = {
    "int": "1",
    "str": "x",
    "slug": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "paper_suffix": "pdf",
    "division": "370202001000",
    "checkin_number": "FX-2026-000001",
    "path": "x",
}


def addresses(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            if route != "admin/":
                found += addresses(entry, route)
        elif isinstance(entry, URLPattern):
            found.append(re.sub(r"<(?:(\w+):)?\w+>", lambda match: VALUES[match[1] or "str"], route))
    return sorted(set(found))


ALL = addresses(get_resolver())
PRIVATE = [address for address in ALL if not any(re.search(public, address) for public in PUBLIC)]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", PRIVATE)
def test_a_stranger_is_sent_to_the_login(client: Client, address: str, method: str) -> None:
    answer = getattr(client, method)(f"/{address}")

    assert answer.status_code in (302, 405)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/login/")


def test_there_are_addresses_of_all_four_sides() -> None:
    sides = {address.split("/")[0] for address in PRIVATE}

    assert {"my", "community", "unit", "bureau", "papers", "search"} <= sides
