"""统一登录: how an account is bound to somebody the province knows, once, and unbound."""

import threading
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.utils import timezone

from huifeng.accounts import actions, homes
from huifeng.accounts.homes import Home
from huifeng.accounts.models import SingleSignOn, User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.texts.models import Text
from tests.communities.threads import at_the_same_time
from tests.huifeng.factors import PASSWORD, log_in, logged_in, page
from tests.huifeng.sign_on.travel import (
    NAME,
    PAGE,
    START,
    allowed,
    come_in,
    entry,
    leave,
)

PHONE = "13800001111"  # the province says that it is liu's, and has verified it; sun only says so


def to_be_bound(client: Client) -> str:
    """From 登录设备 to the provider."""
    return leave(client, connect=client.get(PAGE).context["ticket"])


def with_phone(user: User) -> User:
    user.set_phone(PHONE)
    user.save()
    return user


@pytest.fixture
def colleague(clerk: User) -> User:
    return User.objects.create_user("zhang", password=PASSWORD, display_name="张勇")


# By who is logged in ----------------------------------------------------------------------------------------


def test_who_is_logged_in_binds_and_comes_in_by_it(clerk: User, sign_on: str, client: Client) -> None:
    with_phone(clerk)
    log_in(client)
    assert f'href="{PAGE}">{NAME}</a>' in page(client.get("/login/devices/"))
    answer = client.get(allowed(sign_on, "chen", to_be_bound(client)), follow=True)

    assert "已经连上" in page(answer)
    assert entry() == ("single_sign_on.bound", {"how": "session"})
    assert "可以用统一登录进入了" in Text.objects.get().words
    assert come_in(Client(), sign_on)["Location"] == "/bureau/"


def test_whose_login_is_old_says_again_who_they_are(clerk: User, sign_on: str, client: Client) -> None:
    log_in(client)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=6)):
        assert (
            client.get(PAGE)["Location"] == f"/login/second/again/password/?next={PAGE.replace('/', '%2F')}"
        )
        client.post("/login/second/again/password/", {"password": PASSWORD, "next": PAGE})
        assert client.get(PAGE).status_code == 200


def test_who_cannot_say_again_who_they_are_logs_in_anew(clerk: User, sign_on: str, client: Client) -> None:
    User.objects.filter(pk=clerk.pk).update(password="!")
    client.force_login(User.objects.get(pk=clerk.pk))  # nobody knows when
    shown = page(client.get(PAGE))

    assert "请先退出，再登录一次" in shown
    assert "connect=" not in shown


def test_a_link_of_somebody_else_binds_nothing(clerk: User, sign_on: str, client: Client) -> None:
    log_in(client)

    for ticket in ("", "x", "é"):
        assert client.get(START, {"connect": ticket})["Location"] == PAGE
    assert client.get(START)["Location"] == "/bureau/"


def test_a_ticket_is_good_once(clerk: User, sign_on: str, client: Client) -> None:
    log_in(client)
    ticket = client.get(PAGE).context["ticket"]
    leave(client, connect=ticket)

    assert client.get(START, {"connect": ticket})["Location"] == PAGE


def test_what_was_begun_for_one_account_binds_no_other(
    clerk: User, colleague: User, sign_on: str, client: Client
) -> None:
    log_in(client)
    address = allowed(sign_on, "chen", to_be_bound(client))
    session = client.session  # another account in the same browser, its state kept
    session["_auth_user_id"], session["_auth_user_hash"] = (
        str(colleague.pk),
        colleague.get_session_auth_hash(),
    )
    session.save()

    assert client.get(address).status_code == 400
    assert not SingleSignOn.objects.exists()


def test_a_subject_is_of_one_account_only(bound: User, colleague: User, sign_on: str, client: Client) -> None:
    log_in(client, "zhang")
    answer = client.get(allowed(sign_on, "chen", to_be_bound(client)), follow=True)

    assert "已经连着别的工作账号" in page(answer)
    assert SingleSignOn.objects.get().user == bound


def test_an_account_is_of_one_subject_only(bound: User) -> None:
    with pytest.raises(RuleBroken, match="请先断开"):
        actions.bind_sign_on(bound.pk, "issuer another", by=bound, how="session")


def test_binding_twice_is_once(bound: User, sign_on: str) -> None:
    actions.bind_sign_on(bound.pk, f"{sign_on} sd-0001", by=bound, how="session")

    assert AuditEntry.objects.filter(action="single_sign_on.bound").count() == 1


def test_nobody_binds_an_account_of_another(clerk: User, colleague: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.bind_sign_on(clerk.pk, "issuer sub", by=colleague, how="session")
    with pytest.raises(PermissionDenied):
        actions.bind_sign_on(clerk.pk, "issuer sub", by=clerk, how="phone")


def test_who_is_no_staff_has_no_page_and_binds_nothing(
    clerk: User, sign_on: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("本人", "/my/")]])
    log_in(client)

    assert client.get(PAGE).status_code == 404
    assert "sso" not in page(client.get("/login/devices/"))
    with pytest.raises(PermissionDenied):
        actions.bind_sign_on(clerk.pk, "issuer sub", by=clerk, how="session")


# By the phone the province has verified ---------------------------------------------------------------------


def test_a_verified_phone_binds_where_the_provider_is_trusted(
    clerk: User, sign_on: str, client: Client, settings: Any
) -> None:
    settings.OIDC_TRUSTS_PHONE = True
    with_phone(clerk)

    assert come_in(client, sign_on, "liu")["Location"] == "/bureau/"
    assert logged_in(client)
    assert SingleSignOn.objects.get().subject == f"{sign_on} sd-0002"
    found = AuditEntry.objects.get(action="single_sign_on.bound")
    assert (found.actor, found.after["how"]) == ("系统", "phone")


def test_a_phone_binds_nothing_where_the_provider_is_not_trusted(
    clerk: User, sign_on: str, client: Client
) -> None:
    with_phone(clerk)

    assert come_in(client, sign_on, "liu").status_code == 403
    assert not SingleSignOn.objects.exists()


def test_a_phone_that_is_not_verified_binds_nothing(
    clerk: User, sign_on: str, client: Client, settings: Any
) -> None:
    settings.OIDC_TRUSTS_PHONE = True
    with_phone(clerk)

    assert come_in(client, sign_on, "sun").status_code == 403
    assert not SingleSignOn.objects.exists()


def test_a_phone_does_not_bind_who_is_bound_to_another(
    bound: User, sign_on: str, client: Client, settings: Any
) -> None:
    settings.OIDC_TRUSTS_PHONE = True
    with_phone(bound)

    assert come_in(client, sign_on, "liu").status_code == 403
    assert SingleSignOn.objects.get().subject == f"{sign_on} sd-0001"


def test_a_phone_of_who_is_no_staff_binds_nothing(
    clerk: User, sign_on: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_TRUSTS_PHONE = True
    monkeypatch.setattr(homes, "homes", [lambda user: [Home("本人", "/my/")]])
    with_phone(clerk)

    assert "没有在任何单位任职" in page(come_in(client, sign_on, "liu"))
    assert not SingleSignOn.objects.exists()


# Unbound ----------------------------------------------------------------------------------------------------


def test_who_unbinds_comes_in_by_it_no_more(bound: User, sign_on: str, client: Client) -> None:
    other = Client()
    come_in(other, sign_on)
    log_in(client)
    client.post(PAGE)

    assert SingleSignOn.objects.get().subject == ""
    assert AuditEntry.objects.filter(action="single_sign_on.unbound").count() == 1
    assert logged_in(client)
    assert other.get("/login/devices/").status_code == 302  # it ended
    assert come_in(Client(), sign_on).status_code == 403


def test_unbinding_twice_is_once_and_of_ones_own_only(bound: User, colleague: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.unbind_sign_on(bound.pk, by=colleague)
    actions.unbind_sign_on(bound.pk, by=bound)
    actions.unbind_sign_on(bound.pk, by=bound)

    assert AuditEntry.objects.filter(action="single_sign_on.unbound").count() == 1


def test_after_unbinding_a_phone_does_not_bind_but_its_owner_can(
    bound: User, sign_on: str, client: Client, settings: Any
) -> None:
    settings.OIDC_TRUSTS_PHONE = True
    with_phone(bound)
    actions.unbind_sign_on(bound.pk, by=bound)

    assert come_in(client, sign_on, "liu").status_code == 403
    with pytest.raises(RuleBroken):
        actions.bind_sign_on(bound.pk, "issuer sub", by=User.objects.system(), how="phone")
    assert actions.bind_sign_on(bound.pk, "issuer sub", by=bound, how="session").subject == "issuer sub"


@pytest.mark.django_db(transaction=True)
def test_the_same_binding_at_the_same_time_is_once(clerk: User) -> None:
    User.objects.system()
    reached = threading.Barrier(2)

    def bind() -> None:
        with transaction.atomic():
            reached.wait(timeout=10)
            actions.bind_sign_on(clerk.pk, "issuer sub", by=clerk, how="session")

    assert at_the_same_time(bind, bind) == [None, None]
    assert AuditEntry.objects.filter(action="single_sign_on.bound").count() == 1
