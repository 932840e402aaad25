"""What is written down about logging in. The one place that listens to signals: django-allauth and Django say nothing
in any other way of a login, its end, and a second factor.

Nothing typed is kept: of a login name nobody has, a keyed hash, so that tries of one name are seen to belong together.
Who typed is not known before the login, so until then the program is the actor and the account is what it is about.
"""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from redis.exceptions import RedisError

from huifeng.audit import actions as audit
from huifeng.sealed import blind_index

from .models import User

LOGGED_IN, LOGGED_OUT, FAILED = "account.logged_in", "account.logged_out", "account.login_failed"
BLOCKED, INACTIVE, PASSWORD = "account.blocked", "account.inactive", "account.password_changed"
FACTOR_ADDED, FACTOR_REMOVED = "account.factor_added", "account.factor_removed"
FACTOR_RESET, FACTOR_FAILED = "account.factor_reset", "account.factor_failed"
BLOCKED_SECONDS = 15 * 60  # while somebody is blocked, one entry says so


def listen() -> None:
    """Called once, by AppConfig.ready."""
    account.user_logged_in.connect(_logged_in, dispatch_uid="audit")
    auth.user_logged_out.connect(_logged_out, dispatch_uid="audit")
    for signal in (account.password_set, account.password_changed, account.password_reset):
        signal.connect(_password_changed, dispatch_uid="audit")
    mfa.authenticator_added.connect(_factor_added, dispatch_uid="audit")
    mfa.authenticator_removed.connect(_factor_removed, dispatch_uid="audit")
    mfa.authenticator_reset.connect(_factor_reset, dispatch_uid="audit")
    mfa.authentication_failed.connect(_factor_failed, dispatch_uid="audit")


def failed(request: HttpRequest, *, user: User | None, how: str, typed: str = "", why: str = "") -> None:
    """A wrong password, wrong digits, a refused sign-on. `user`: whose account it was; else `typed` is kept as a
    keyed hash. `why`: one word of ours.
    """
    _of_stranger(FAILED, request, user=user, how=how, typed=typed, why=why)


def blocked(request: HttpRequest, *, user: User | None, how: str, typed: str = "") -> None:
    """A limit refused somebody; written down once in a quarter of an hour, so that nobody fills the audit."""
    who = str(user.pk) if user else _hashed(typed) if typed else address_of(request)
    try:
        if not cache.add(f"audit:blocked:{how}:{who}", 1, BLOCKED_SECONDS):
            return
    except RedisError:  # better twice than not at all
        pass
    _of_stranger(BLOCKED, request, user=user, how=how, typed=typed)


def inactive(request: HttpRequest, user: User, *, how: str = "password") -> None:
    """The right password of an account that is switched off, or its owner by single sign-on."""
    _of_stranger(INACTIVE, request, user=user, how=how)


def password_changed(request: HttpRequest, user: User) -> None:
    audit.record(PASSWORD, user, by=user, after=_from(request))


def address_of(request: HttpRequest | None) -> str:
    """The network address a request came from, behind as many proxies as the settings say; "" if there is none."""
    try:
        return get_adapter().get_client_ip(request) if request is not None else ""
    except PermissionDenied:
        return ""


def _from(request: HttpRequest | None, **more: str) -> dict[str, str]:
    return {name: value for name, value in {**more, "address": address_of(request)}.items() if value}


def _hashed(typed: str) -> str:
    return blind_index(typed, "login").hex()[:16]


def _of_stranger(
    action: str, request: HttpRequest, *, user: User | None, how: str, typed: str = "", why: str = ""
) -> None:
    after = _from(request, how=how, why=why, name="" if user or not typed else _hashed(typed))
    audit.record(action, user or User(), by=User.objects.system(), after=after)


def _logged_in(sender: Any, request: HttpRequest, user: User, how: str = "", **_: Any) -> None:
    audit.record(LOGGED_IN, user, by=user, after=_from(request, how=how))


def _logged_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record(LOGGED_OUT, user, by=user, after=_from(request))


def _password_changed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    password_changed(request, user)


def _factor(action: str, request: HttpRequest, user: User, authenticator: Any) -> None:
    after = _from(request, kind=str(getattr(authenticator, "type", "")))
    audit.record(action, user, by=user, after=after)


def _factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    _factor(FACTOR_ADDED, request, user, authenticator)


def _factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    _factor(FACTOR_REMOVED, request, user, authenticator)


def _factor_reset(sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    _factor(FACTOR_RESET, request, user, authenticator)


def _factor_failed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    _of_stranger(FACTOR_FAILED, request, user=user, how="factor")
