"""Tokens: who may make them, what they let in, and how they end."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from checkin.api import actions
from checkin.api.models import ApiToken, Purpose
from communities.organisations.models import Assignment
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from tests.checkin.api.systems import System, lead_of, problem, system_of
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff, make_unit
from tests.members.racing import race


def in_days(days: int) -> Any:
    return timezone.localdate() + timedelta(days=days)


def create(world: World, by: User, **fields: Any) -> actions.Issued:
    asked = {"key": uuid.uuid4(), "name": "人事系统", "purposes": ["read"], "last_day": in_days(30)}
    return actions.create(world.unit.pk, by=by, **(asked | fields))


@pytest.fixture
def lead(world: World) -> User:
    return make_staff(world.unit, Assignment.Role.LEAD)


def rotate(system: System) -> System:
    issued = actions.rotate(system.token.pk, by=lead_of(system), key=uuid.uuid4(), last_day=in_days(90))
    return System(issued.token, issued.words)


def test_a_token_acts_as_an_account_of_its_own_for_the_organisation(world: World, lead: User) -> None:
    issued = create(world, lead)

    assert standing_of(issued.token.account).organisation_ids == {world.unit.pk}
    assert issued.words.startswith(f"hf_{issued.token.prefix}_")
    entry = AuditEntry.objects.get(action="api_token.created")
    assert (entry.actor_id, entry.organisation_id) == (lead.pk, world.unit.pk)
    assert entry.after is not None
    assert issued.words[-64:] not in str(entry.after)


def test_the_secret_is_kept_nowhere(world: World, lead: User) -> None:
    issued = create(world, lead)
    secret = issued.words.rpartition("_")[2]

    row = ApiToken.objects.values().get()

    assert secret not in str(row)
    assert bytes.fromhex(secret) not in bytes(row["secret_hash"])


def test_the_account_of_a_token_cannot_log_in(world: World, lead: User) -> None:
    issued = create(world, lead)

    assert not issued.token.account.has_usable_password()
    for password in ("", "!", issued.words):
        assert not Client().login(username=issued.token.account.username, password=password)


def test_only_the_lead_of_the_organisation_makes_tokens(world: World) -> None:
    for user in (world.unit_clerk, world.bureau_clerk, make_staff(make_unit(), Assignment.Role.LEAD)):
        with pytest.raises(PermissionDenied):
            create(world, user)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "incomplete"),
        ({"purposes": []}, "incomplete"),
        ({"purposes": ["everything"]}, "incomplete"),
        ({"last_day": None}, "bad_expiry"),
    ],
)
def test_a_token_needs_a_name_a_purpose_and_an_end(
    world: World, lead: User, fields: dict[str, Any], code: str
) -> None:
    for last_day in (in_days(-1), in_days(367)) if "last_day" in fields else (in_days(1),):
        with pytest.raises(RuleBroken) as refused:
            create(world, lead, **{**fields, "last_day": last_day})
        assert refused.value.code == code


def test_the_same_form_twice_makes_one_token(world: World, lead: User) -> None:
    key = uuid.uuid4()
    create(world, lead, key=key)

    with pytest.raises(RuleBroken, match="只显示一次"):
        create(world, lead, key=key)

    assert ApiToken.objects.count() == 1


def test_a_token_lets_in_until_the_end_of_its_last_day(world: World) -> None:
    system = system_of(world.unit, days=3)

    with time_machine.travel(system.token.expires_at - timedelta(seconds=1), tick=False):
        assert system.get("people").status_code == 200
    with time_machine.travel(system.token.expires_at, tick=False):
        answer = system.get("people")

    assert problem(answer, 401) == "token_expired"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_shut_out_at_once_and_its_account_closed(world: World) -> None:
    system = system_of(world.unit)

    actions.revoke(system.token.pk, by=lead_of(system), why="系统下线")
    actions.revoke(system.token.pk, by=lead_of(system), why="再点一次")

    assert problem(system.get("people"), 401) == "token_revoked"
    assert AuditEntry.objects.filter(action="api_token.revoked").count() == 1
    account = User.objects.get(pk=system.token.account_id)
    assert not account.is_active
    assert not Assignment.objects.filter(user=account, valid_until=None).exists()


def test_a_token_is_revoked_with_a_reason_by_the_lead(world: World, unit_system: System) -> None:
    with pytest.raises(RuleBroken, match="为什么"):
        actions.revoke(unit_system.token.pk, by=lead_of(unit_system), why=" ")
    with pytest.raises(PermissionDenied):
        actions.revoke(unit_system.token.pk, by=world.unit_clerk, why="系统下线")

    assert unit_system.get("people").status_code == 200


def test_after_a_rotation_both_secrets_work_for_a_week(world: World, unit_system: System) -> None:
    new = rotate(unit_system)

    assert new.token.account_id == unit_system.token.account_id
    for days, expected in ((6, 200), (8, 401)):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            assert unit_system.get("people").status_code == expected
            assert new.get("people").status_code == 200


def test_a_token_is_rotated_once(world: World, unit_system: System) -> None:
    rotate(unit_system)

    with pytest.raises(RuleBroken, match="已经换过"):
        rotate(unit_system)

    assert ApiToken.objects.count() == 2


def test_a_rotation_does_not_lengthen_the_old_token(world: World) -> None:
    system = system_of(world.unit, days=2)
    before = system.token.expires_at

    rotate(system)

    assert ApiToken.objects.get(pk=system.token.pk).expires_at == before


def test_revoking_the_old_secret_leaves_the_new_one(world: World, unit_system: System) -> None:
    new = rotate(unit_system)

    actions.revoke(unit_system.token.pk, by=lead_of(unit_system), why="旧密钥泄露")

    assert unit_system.get("people").status_code == 401
    assert new.get("people").status_code == 200


def test_a_revoked_token_is_not_rotated(world: World, unit_system: System) -> None:
    actions.revoke(unit_system.token.pk, by=lead_of(unit_system), why="系统下线")

    with pytest.raises(RuleBroken, match="重新生成"):
        rotate(unit_system)

    assert ApiToken.objects.count() == 1


def test_the_last_use_is_written_at_most_once_a_minute(world: World, unit_system: System) -> None:
    start = timezone.now()
    seen = []
    for seconds in (0, 30, 61):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            unit_system.get("people")
            seen.append(ApiToken.objects.get(pk=unit_system.token.pk).last_used_at)

    assert seen == [start, start, start + timedelta(seconds=61)]


def test_a_closed_organisation_is_shut_out(world: World, unit_system: System) -> None:
    world.unit.closed_on = timezone.localdate()
    world.unit.save()

    assert problem(unit_system.get("people"), 403) == "organisation_closed"


@pytest.mark.parametrize(
    ("purpose", "method", "path"),
    [
        (Purpose.CHANGES, "get", "people"),
        (Purpose.READ, "get", "changes"),
        (Purpose.READ, "post", "people"),
        (Purpose.READ, "post", "people/lookup"),
        (Purpose.READ, "post", "digest"),
        (Purpose.WRITE, "get", "people"),
        (Purpose.WRITE, "get", "checkins"),
        (Purpose.IDENTITY, "get", "people"),
        (Purpose.IDENTITY, "post", "people"),
    ],
)
def test_a_token_is_good_for_its_purpose_only(world: World, purpose: str, method: str, path: str) -> None:
    system = system_of(world.unit, purpose)

    assert problem(getattr(system, method)(path), 403) == "wrong_purpose"


def test_asking_for_the_head_needs_the_same_purpose(world: World) -> None:
    system, person = system_of(world.unit, Purpose.CHANGES), world.member()

    answer = system.client.head(f"/api/v1/people/{person.pk}", headers=system.headers())

    assert answer.status_code == 403
    assert "ETag" not in answer


def test_codes_and_organisations_are_for_every_token(world: World) -> None:
    system = system_of(world.unit, Purpose.CHANGES)

    codes = system.get("codes/return_reason").json()
    found = system.get("organisations", q=world.unit.name).json()["items"]

    assert "address_unclear" in [code["code"] for code in codes["items"]]
    assert [row["code"] for row in found] == [world.unit.code]
    assert problem(system.get("codes/nothing"), 404) == "not_found"


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_twice_at_once_makes_one_token() -> None:
    world, key = make_world(), uuid.uuid4()
    lead = make_staff(world.unit, Assignment.Role.LEAD)

    answers = race(2, lambda _: create(world, lead, key=key))

    assert ApiToken.objects.count() == 1
    assert sorted(type(answer).__name__ for answer in answers) == ["Issued", "RuleBroken"]


@pytest.mark.django_db(transaction=True)
def test_two_rotations_at_once_give_one_new_secret() -> None:
    system = system_of(make_world().unit)

    answers = race(2, lambda _: rotate(system))

    assert ApiToken.objects.count() == 2
    assert sorted(type(answer).__name__ for answer in answers) == ["RuleBroken", "System"]
