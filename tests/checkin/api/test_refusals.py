"""Strangers, limits and what is no request: each gets a problem that says what to do."""

import json
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from checkin.api.urls import ENDPOINTS
from tests.checkin.api.systems import System, problem
from tests.checkin.world import World

ADDRESSES = [route for route, _, _ in ENDPOINTS]
FILLED = {
    "<int:number>": "1",
    "<int:pk>": "1",
    "<checkin_number:number>": "FX-2026-000001",
    "<slug:name>": "x",
}


def filled(route: str) -> str:
    for part, value in FILLED.items():
        route = route.replace(part, value)
    return route


@pytest.mark.django_db
@pytest.mark.parametrize("route", [*ADDRESSES, "nowhere", "people/x"])
def test_a_stranger_gets_401_everywhere(client: Client, route: str) -> None:
    for method in ("get", "post", "patch", "put", "delete", "options"):
        for slash in ("", "/"):
            answer = getattr(client, method)(f"/api/v1/{filled(route)}{slash}")

            assert problem(answer, 401) == "not_authenticated"
            assert answer["WWW-Authenticate"] == 'Bearer realm="huifeng"'
            assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "given",
    [
        "Bearer x",
        "Basic YTpi",
        "Bearer hf_0123456789_" + "0" * 64,
        "Bearer 令牌".encode().decode("latin-1"),
        "Bearer",
    ],
)
def test_what_is_no_token_is_refused(world: World, client: Client, given: str) -> None:
    answer = client.get("/api/v1/people", headers={"Authorization": given})

    assert problem(answer, 401) == "bad_token"


def test_the_right_prefix_with_another_secret_is_refused(world: World, unit_system: System) -> None:
    unit_system.words = unit_system.words[:-64] + "0" * 64

    assert problem(unit_system.get("people"), 401) == "bad_token"


def test_a_session_is_no_token(world: World, client: Client) -> None:
    client.force_login(world.unit_clerk)

    assert problem(client.get("/api/v1/people"), 401) == "not_authenticated"


@pytest.mark.parametrize("query", [{"limit": 201}, {"limit": 0}, {"after": -1}, {"after": "x"}, {"afer": 3}])
def test_a_wrong_query_is_refused_by_name(world: World, unit_system: System, query: dict[str, Any]) -> None:
    answer = unit_system.get("people", **query)

    assert problem(answer, 400) == "invalid"
    assert [error["field"] for error in answer.json()["errors"]] == list(query)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("{", "application/json", 400, "parse_error"),
        ("[" * 100_000, "application/json", 400, "parse_error"),
        ('{"name": NaN}', "application/json", 400, "parse_error"),
        (b"\xff", "application/json", 400, "parse_error"),
        ("[]", "application/json", 400, "invalid"),
        ('{"name": "a\\u0000b"}', "application/json", 400, "invalid"),
        ('{"name": "\\ud800"}', "application/json", 400, "invalid"),
        ("name=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
)
def test_a_wrong_body_is_refused(
    world: World, unit_system: System, body: Any, kind: str, status: int, code: str
) -> None:
    headers = unit_system.headers() | {"Idempotency-Key": "k1"}
    answer = unit_system.client.generic("POST", "/api/v1/people", body, content_type=kind, headers=headers)

    assert problem(answer, status) == code


def test_a_body_too_large_is_refused_unread(world: World, unit_system: System) -> None:
    answer = unit_system.post("people", json.dumps({"name": "x" * 1024 * 1024}))

    assert problem(answer, 413) == "too_large"


def test_another_method_is_refused(world: World, unit_system: System) -> None:
    answer = unit_system.client.delete("/api/v1/people", headers=unit_system.headers())

    assert problem(answer, 405) == "method_not_allowed"


def test_an_address_with_a_slash_is_the_same(world: World, unit_system: System) -> None:
    assert unit_system.get("people/").json() == unit_system.get("people").json()


def test_too_many_requests_are_told_when_to_come_back(
    world: World, unit_system: System, settings: Any
) -> None:
    settings.API_READS_A_MINUTE, settings.API_WRITES_A_MINUTE = 3, 1
    answers = [unit_system.get("people") for _ in range(6)]

    late = [answer for answer in answers if answer.status_code == 429]
    assert late  # at least three of six, but for a minute that ended between
    assert problem(late[0], 429) == "throttled"
    assert 1 <= int(late[0]["Retry-After"]) <= 60
    assert unit_system.post("people", {"name": "周桂兰"}).status_code == 201


def test_the_limit_is_of_one_account(
    world: World, unit_system: System, community_system: System, settings: Any
) -> None:
    settings.API_READS_A_MINUTE = 1
    while unit_system.get("people").status_code == 200:
        pass

    assert community_system.get("people").status_code == 200


def test_without_redis_nobody_is_shut_out(
    world: World, unit_system: System, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_READS_A_MINUTE = 0
    assert unit_system.get("people").status_code == 429
    monkeypatch.setitem(settings.CACHES["default"], "LOCATION", "redis://127.0.0.1:1/0")
    monkeypatch.setitem(caches.settings["default"], "LOCATION", "redis://127.0.0.1:1/0")
    working = caches["default"]
    del caches["default"]

    answer = unit_system.get("people")

    caches["default"] = working
    assert answer.status_code == 200
