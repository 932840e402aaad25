"""What is written down about logging in, and that nothing typed is in it."""

from types import SimpleNamespace

import pytest
from allauth.mfa import signals as mfa
from django.test import Client, RequestFactory

from huifeng.accounts import actions, logins
from huifeng.accounts.models import LoginCode, User
from huifeng.audit.models import AuditEntry
from tests.communities.factories import PASSWORD, UserFactory
from tests.members.factories import make_account

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture
def staff() -> User:
    return UserFactory(username="lilei", display_name="李雷")


def log_in(login: str, password: str, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/login/staff/", {"login": login, "password": password}, REMOTE_ADDR="203.0.113.7")
    return client


def written(*, but: tuple[str, ...] = ()) -> list[AuditEntry]:
    return list(
        AuditEntry.objects.filter(action__startswith="account.").exclude(action__in=but).order_by("pk")
    )


def test_a_login_is_written_down_with_its_address(staff: User):
    log_in("lilei", PASSWORD)

    (entry,) = written()
    assert (entry.action, entry.actor_id, entry.target_id) == ("account.logged_in", staff.pk, str(staff.pk))
    assert entry.after == {"address": "203.0.113.7"}


def test_a_login_by_digits_is_written_down():
    user = make_account(PHONE)
    client = Client()
    client.post("/login/", {"phone": PHONE})
    client.post("/login/code/", {"digits": LoginCode.objects.get(user=user).digits})

    assert [entry.action for entry in written()] == ["account.logged_in"]


def test_logging_out_is_written_down(staff: User):
    log_in("lilei", PASSWORD).post("/logout/")

    assert [entry.action for entry in written()] == ["account.logged_in", "account.logged_out"]


def test_a_wrong_password_is_about_the_account_and_by_nobody(staff: User):
    log_in("lilei", "wrong-password")

    (entry,) = written()
    assert (entry.action, entry.target_id) == ("account.login_failed", str(staff.pk))
    assert entry.actor == "系统"
    assert entry.after == {"how": "password", "address": "203.0.113.7"}


def test_a_name_nobody_has_is_kept_as_a_keyed_hash_only():
    log_in("13900001111", "secret-typed-here")
    log_in("13900001111", "secret-typed-here")

    first, second = written()
    assert first.after is not None
    assert first.after == second.after
    assert len(first.after["name"]) == 16
    everything = str([entry.__dict__ for entry in written()])
    assert "13900001111" not in everything
    assert "secret-typed-here" not in everything


def test_wrong_digits_are_written_down():
    user = make_account(PHONE)
    client = Client()
    client.post("/login/", {"phone": PHONE})
    right = LoginCode.objects.get(user=user).digits
    client.post("/login/code/", {"digits": f"{(int(right) + 1) % 1_000_000:06}"})

    (entry,) = written()
    assert (entry.action, entry.target_id) == ("account.login_failed", str(user.pk))
    assert entry.after is not None
    assert entry.after["how"] == "digits"


def test_who_is_blocked_is_written_down_once_a_quarter_of_an_hour(staff: User):
    for _ in range(9):
        log_in("lilei", "wrong-password")

    actions_ = [entry.action for entry in written()]
    assert actions_ == ["account.login_failed"] * 5 + ["account.blocked"]


def test_locked_digits_are_written_down_as_blocked():
    user = make_account(PHONE)
    client = Client()
    client.post("/login/", {"phone": PHONE})
    for _ in range(actions.TRIES + 2):
        client.post("/login/code/", {"digits": "000000"})

    assert [entry.action for entry in written()].count("account.blocked") == 1
    assert {entry.target_id for entry in written()} == {str(user.pk)}


def test_an_account_that_is_switched_off_is_written_down(staff: User):
    staff.is_active = False
    staff.save()

    log_in("lilei", PASSWORD)

    assert [entry.action for entry in written()] == ["account.inactive"]


def test_a_changed_password_is_written_down(staff: User):
    client = log_in("lilei", PASSWORD)
    fresh = "another-good-one-7"
    client.post(
        "/login/password/", {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    )

    assert [entry.action for entry in written(but=("account.logged_in",))] == ["account.password_changed"]


@pytest.mark.parametrize(
    ("signal", "action"),
    [
        (mfa.authenticator_added, "account.factor_added"),
        (mfa.authenticator_removed, "account.factor_removed"),
        (mfa.authenticator_reset, "account.factor_reset"),
        (mfa.authentication_failed, "account.factor_failed"),
    ],
)
def test_a_second_factor_that_changes_or_fails_is_written_down(staff: User, signal, action: str):
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")

    signal.send(
        sender=User,
        request=request,
        user=staff,
        authenticator=SimpleNamespace(type="totp"),
        reauthentication=False,
    )

    (entry,) = written()
    assert (entry.action, entry.target_id) == (action, str(staff.pk))


def test_without_redis_a_block_is_still_written_down(staff: User, monkeypatch):
    def away(*args: object) -> bool:
        raise logins.RedisError

    monkeypatch.setattr(logins.cache, "add", away)

    logins.blocked(RequestFactory().get("/"), user=staff, how="password")

    assert [entry.action for entry in written()] == ["account.blocked"]
