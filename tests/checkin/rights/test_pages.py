"""The pages of rights, and what the bureau's say when it decides."""

import pytest
from django.test import Client

from checkin.rights import actions
from huifeng.audit.models import AuditEntry
from tests.checkin.world import World
from tests.communities.factories import make_staff

pytestmark = pytest.mark.django_db


def logged_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_the_person_reads_what_was_agreed_and_in_which_words(world: World) -> None:
    person = world.confirmed().retiree

    page = logged_in(person.user).get("/my/rights/").content.decode()

    assert "报到同意书" in page
    assert "您可以随时查看、改正，也可以撤回。" in page
    assert "撤回同意" in page


def test_consent_is_taken_back_and_not_asked_for_again(world: World) -> None:
    person = world.confirmed().retiree
    client = logged_in(person.user)

    client.post("/my/rights/consent/")

    assert person.consent_withdrawals.count() == 1
    assert "您现在没有要撤回的" in client.get("/my/rights/consent/").content.decode()


def test_the_bureau_decides_with_a_reason(world: World) -> None:
    person = world.confirmed().retiree
    asked = actions.ask(person.pk, by=person.user, words="不想用了")
    client = logged_in(make_staff(world.city.districts[0]))
    address = f"/bureau/rights/{asked.pk}/"

    page = client.get(address).content.decode()
    empty = client.post(address, {"decision": "refuse", "reason": ""})
    done = client.post(address, {"decision": "refuse", "reason": "还在名册里"})

    assert "不想用了" in page
    assert "现在不能删除" in page
    assert (empty.status_code, done.status_code) == (422, 302)
    assert AuditEntry.objects.filter(action="people.viewed", target_id=str(person.pk)).count() == 2
    assert "还在名册里" in logged_in(person.user).get("/my/rights/erasure/").content.decode()


def test_an_erasure_the_law_forbids_is_refused_in_words(world: World) -> None:
    person = world.confirmed().retiree
    asked = actions.ask(person.pk, by=person.user)

    answer = logged_in(make_staff(world.city.districts[0])).post(
        f"/bureau/rights/{asked.pk}/", {"decision": "erase", "reason": "本人要求"}
    )

    assert answer.status_code == 409
    assert "保留名册" in answer.content.decode()


def test_units_have_no_such_pages_and_streets_may_not(world: World) -> None:
    assert logged_in(world.unit_clerk).get("/unit/rights/").status_code == 404
    assert logged_in(world.street_clerk).get("/bureau/rights/").status_code == 403
