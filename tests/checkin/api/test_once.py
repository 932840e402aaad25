"""Idempotency-Key: a write is done once, however often and however simultaneously it is sent."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from checkin.api import actions
from checkin.api.models import IdempotentRequest
from checkin.record.models import State
from huifeng.audit.models import AuditEntry
from members.people.models import Retiree
from tests.checkin.api.systems import System, problem, system_of
from tests.checkin.world import World, again, make_world, moves
from tests.members.factories import make_id_number
from tests.members.racing import race

CONTACT = {"contact": "李敏", "incomplete_because": "老同志记不清了"}


def test_the_same_request_again_gets_the_same_answer(world: World, community_system: System) -> None:
    checkin = world.submitted()
    address = f"checkins/{checkin.number}/confirm"

    first = community_system.post(address, CONTACT, key="k1", version=checkin.version)
    second = community_system.post(address, CONTACT, key="k1", version=checkin.version)

    assert (second.status_code, second.json(), second["ETag"]) == (200, first.json(), first["ETag"])
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert moves(checkin).count("confirmed") == 1


def test_the_answer_stays_when_somebody_changed_the_row_since(world: World, unit_system: System) -> None:
    person = world.member()
    body = {"values": {"original_post": "处长"}}
    first = unit_system.patch(f"people/{person.pk}", body, key="k1", version=person.version)
    unit_system.patch(
        f"people/{person.pk}", {"values": {"original_post": "局长"}}, version=person.version + 1
    )

    again_ = unit_system.patch(f"people/{person.pk}", body, key="k1", version=person.version)

    assert again_.json() == first.json()
    assert Retiree.objects.get(pk=person.pk).original_post == "局长"


def test_names_in_another_order_are_the_same_request(world: World, unit_system: System) -> None:
    id_number = make_id_number(77)

    first = unit_system.post("people", {"name": "周桂兰", "id_number": id_number}, key="k1")
    second = unit_system.post("people", {"id_number": id_number, "name": "周桂兰"}, key="k1")

    assert second.json() == first.json()


@pytest.mark.parametrize("other", [{"name": "孙德胜"}, {"name": "周桂兰", "kind": "lixiu"}])
def test_the_same_key_with_another_body_is_refused(
    world: World, unit_system: System, other: dict[str, str]
) -> None:
    unit_system.post("people", {"name": "周桂兰"}, key="k1")

    answer = unit_system.post("people", other, key="k1")

    assert problem(answer, 422) == "key_reused"
    assert Retiree.objects.filter(name=other["name"]).count() == (other["name"] == "周桂兰")


def test_the_same_key_at_another_address_is_refused(world: World, unit_system: System) -> None:
    checkin = world.waiting_for_unit()
    unit_system.post("people", {"name": "周桂兰"}, key="k1")

    answer = unit_system.post(f"checkins/{checkin.number}/verify", key="k1", version=checkin.version)

    assert problem(answer, 422) == "key_reused"
    assert again(checkin).state == State.SUBMITTED


def test_two_systems_may_use_the_same_key(world: World, unit_system: System) -> None:
    other = system_of(world.unit)

    for system, name in ((unit_system, "周桂兰"), (other, "孙德胜")):
        assert system.post("people", {"name": name}, key="k1").status_code == 201


def test_a_refusal_is_not_kept(world: World, unit_system: System) -> None:
    person = world.member()
    address, body = f"people/{person.pk}", {"values": {"original_post": "处长"}}
    stale = unit_system.patch(address, body, key="k1", version=person.version + 7)

    answer = unit_system.patch(address, body, key="k1", version=person.version)

    assert stale.status_code == 412
    assert answer.json()["outcomes"] == {"original_post": "changed"}


def test_a_write_without_a_key_is_refused(world: World, unit_system: System) -> None:
    answer = unit_system.client.post(
        "/api/v1/people", {"name": "周桂兰"}, content_type="application/json", headers=unit_system.headers()
    )

    assert problem(answer, 428) == "idempotency_key_missing"
    assert not Retiree.objects.filter(name="周桂兰").exists()


@pytest.mark.parametrize("key", ["", "k" * 129, "钥匙".encode().decode("latin-1"), "a b"])
def test_a_key_that_is_none_is_refused(world: World, unit_system: System, key: str) -> None:
    headers = unit_system.headers() | {"Idempotency-Key": key}
    answer = unit_system.client.post("/api/v1/people", {}, content_type="application/json", headers=headers)

    assert problem(answer, 400) == "idempotency_key_wrong"


def test_after_a_rotation_the_key_is_still_known(world: World, unit_system: System) -> None:
    unit_system.post("people", {"name": "周桂兰"}, key="k1")
    token = unit_system.token
    last_day = timezone.localdate() + timedelta(days=90)
    issued = actions.rotate(token.pk, by=token.created_by, key=uuid.uuid4(), last_day=last_day)

    answer = System(issued.token, issued.words).post("people", {"name": "周桂兰"}, key="k1")

    assert answer["Idempotent-Replayed"] == "true"


def test_a_kept_answer_names_nobody_to_who_reads_the_table(world: World, unit_system: System) -> None:
    unit_system.post("people", {"name": "周桂兰", "id_number": make_id_number(77)}, key="k1")

    row = IdempotentRequest.objects.extra(select={"raw": "body"}).get()

    assert "周桂兰" in row.body
    assert "周桂兰".encode() not in bytes(row.raw)


def test_an_answer_is_forgotten_after_a_week(world: World, unit_system: System) -> None:
    unit_system.post("people", {"name": "周桂兰"}, key="old")
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        unit_system.post("people", {"name": "孙德胜"}, key="new")

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert actions.forget_old() == 1

    assert IdempotentRequest.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_act_once_and_get_one_answer() -> None:
    world = make_world()
    system = system_of(world.unit)

    def send(number: int) -> Any:
        client = System(system.token, system.words)
        answer = client.post("people", {"name": "周桂兰"}, key="k1")
        return answer.status_code, answer.json()

    answers = race(4, send)

    assert len({str(answer) for answer in answers}) == 1, answers
    assert answers[0][0] == 201
    assert Retiree.objects.filter(name="周桂兰").count() == 1
    assert AuditEntry.objects.filter(action="retiree.enrolled").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_that_it_is_in_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkin.api.actions.idempotency.PATIENCE", "300ms")
    world = make_world()
    system = system_of(world.unit)
    with transaction.atomic():
        IdempotentRequest.objects.create(
            account=system.token.account,
            token=system.token,
            key="k1",
            fingerprint=b"x" * 32,
            created_at=timezone.now(),
        )
        (answer,) = race(
            1, lambda _: System(system.token, system.words).post("people", {"name": "周桂兰"}, key="k1")
        )

    assert problem(answer, 409) == "in_progress"
    assert answer["Retry-After"] == "2"


@pytest.mark.django_db(transaction=True)
def test_of_two_lost_updates_at_once_one_is_refused() -> None:
    world = make_world()
    system = system_of(world.unit)
    person = world.member()

    def send(number: int) -> Any:
        return (
            System(system.token, system.words)
            .patch(
                f"people/{person.pk}", {"values": {"original_post": f"处长{number}"}}, version=person.version
            )
            .status_code
        )

    assert sorted(race(3, send)) == [200, 412, 412]
