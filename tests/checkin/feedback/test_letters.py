"""The signed link: for whoever has no account; it ends, is taken back, answers once, names nobody in full."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from checkin.feedback import actions, letters
from checkin.feedback.models import State
from checkin.record.papers import links
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from tests.checkin.statistics.conftest import on

from .conftest import Fed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(fed: Fed):
    fed.make()
    with on("2026-11-10"):
        yield


@pytest.fixture
def token(fed: Fed) -> str:
    return letters.token_of(actions.give_link(fed.of_outside().pk, by=fed.boss))


def page(client: Client, token: str):
    return client.get(reverse("letters:letter", args=[token]))


def test_a_link_is_kept_until_it_is_taken_back(fed: Fed, token: str) -> None:
    again = actions.give_link(fed.of_outside().pk, by=fed.boss)

    assert letters.token_of(again) == token
    assert AuditEntry.objects.filter(action="feedback.link_given").count() == 1


def test_only_for_receivers_outside_and_by_who_may(fed: Fed) -> None:
    with pytest.raises(PermissionDenied):
        actions.give_link(fed.of_unit().pk, by=fed.boss)
    with pytest.raises(PermissionDenied):
        actions.give_link(fed.of_outside().pk, by=fed.world.clerk_there)


def test_the_page_shows_no_full_name_and_is_kept_by_nobody(fed: Fed, token: str, client: Client) -> None:
    answer = page(client, token)

    words = answer.content.decode()
    assert answer.status_code == 200
    assert "外地人" not in words
    assert "外*人" in words
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("spoil", ["x", "1-1", "abc.def"])
def test_a_token_that_is_not_ours_leads_nowhere(client: Client, spoil: str) -> None:
    answer = page(client, spoil)

    assert answer.status_code == 404
    assert "链接已失效" in answer.content.decode()


def test_a_link_ends_when_it_is_taken_back(fed: Fed, token: str, client: Client) -> None:
    actions.revoke_link(fed.of_outside().pk, by=fed.boss)

    assert page(client, token).status_code == 404
    new = letters.token_of(actions.give_link(fed.of_outside().pk, by=fed.boss))
    assert new != token
    assert page(client, new).status_code == 200


def test_a_link_ends_with_its_day(fed: Fed, token: str, client: Client) -> None:
    with on("2027-02-01"):
        assert page(client, token).status_code == 404


def test_the_token_of_a_check_in_is_none_of_a_report(fed: Fed, token: str) -> None:
    assert links.find(token) is None


def test_the_whole_is_answered_by_link_with_a_typed_name(fed: Fed, token: str, client: Client) -> None:
    for matter in fed.of_outside().matters.all():
        client.post(
            reverse("letters:answer_matter", args=[token, matter.pk]),
            {f"m{matter.pk}-words": "会联系", f"m{matter.pk}-name": "钱主任"},
        )
    answer = client.post(reverse("letters:answer", args=[token]), {"reply": "agreed", "name": "钱主任"})

    report = fed.of_outside()
    assert answer.status_code == 302
    assert (report.state, report.answered_by, report.received_by) == (State.ANSWERED, "钱主任", "钱主任")
    entry = AuditEntry.objects.get(action="feedback.answered")
    assert (entry.actor, entry.note) == ("系统", "钱主任")


def test_an_answer_without_a_name_is_asked_for_it(fed: Fed, token: str, client: Client) -> None:
    answer = client.post(reverse("letters:answer", args=[token]), {"reply": "agreed"})

    assert answer.status_code == 422
    assert "请填写答复人姓名" in answer.content.decode()
    assert fed.of_outside().state == State.SENT


def test_too_many_answers_in_an_hour_are_refused(fed: Fed, token: str) -> None:
    for _ in range(60):
        actions.use_link(token)

    with pytest.raises(RuleBroken, match="太频繁"):
        actions.use_link(token)
    with on("2026-11-11"):
        assert actions.use_link(token).link_posts == 1


def test_a_matter_of_another_report_is_not_reached(fed: Fed, token: str, client: Client) -> None:
    matter = fed.of_unit().matters.get()

    answer = client.post(
        reverse("letters:answer_matter", args=[token, matter.pk]),
        {f"m{matter.pk}-words": "好", f"m{matter.pk}-name": "某人"},
    )

    assert answer.status_code == 404
    assert fed.of_unit().matters.get().state == "open"
