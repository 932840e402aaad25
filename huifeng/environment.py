"""Reads settings from the environment and refuses what it does not understand."""

import base64
import difflib
import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from huifeng.keyring import Key, split

PREFIX = "HUIFENG_"


class Environment:
    """The variables of a process, remembering which names were asked for.

    A value may stand in the variable itself or in the file that NAME_FILE names, never in both.
    """

    def __init__(self, variables: dict[str, str] | None = None):
        self.variables = dict(os.environ if variables is None else variables)
        self.known: set[str] = set()

    def text(self, name: str, default: str = "", choices: Iterable[str] = ()) -> str:
        """The value of `name` without white space around it; `default` when absent or empty."""
        self.known |= {name, f"{name}_FILE"}
        value, file = self.variables.get(name, "").strip(), self.variables.get(f"{name}_FILE", "").strip()
        if value and file:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; keep one.")
        if file:
            try:
                value = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from None
        value = value or default
        if choices and value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        words = {"": default, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        value = self.text(name).lower()
        if value not in words:
            raise ImproperlyConfigured(f"{name} is {value!r}; it must be true or false.")
        return words[value]

    def number(self, name: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
        value = self.text(name) or str(default)
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; it must be a whole number from {least} to {most}."
            )
        return int(value)

    def items(self, name: str) -> list[str]:
        """A list written with commas."""
        return [item.strip() for item in self.text(name).split(",") if item.strip()]

    def networks(self, name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """A list of networks in CIDR notation, written with commas."""
        try:
            return [ipaddress.ip_network(item) for item in self.items(name)]
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must hold networks like 10.20.0.0/16: {error}") from None

    def keys(self, name: str, old: str, lengths: Mapping[str, int], default: str = "") -> tuple[Key, ...]:
        """The key of `name`, then those of `old`; empty when there is none. `lengths`: bytes by algorithm.

        A key is written [ALGORITHM:]BASE64 (huifeng/keyring.py).
        """
        newest = self.text(name, default)
        found = [_key(name, newest, lengths)] if newest else []
        found += [_key(old, text, lengths) for text in self.items(old)]
        if len({key.secret for key in found}) < len(found):
            raise ImproperlyConfigured(f"{name} and {old} hold the same key twice.")
        if len({key.id for key in found}) < len(found):
            raise ImproperlyConfigured(f"{name} and {old} hold two keys with one id; make another new key.")
        return tuple(found) if newest else ()

    def url(self, name: str, schemes: Iterable[str], default: str = "") -> str:
        """An address with one of `schemes` and a host."""
        value = self.text(name, default)
        parts = urlsplit(value)
        if value and (parts.scheme not in schemes or not parts.hostname):
            raise ImproperlyConfigured(f"{name} must look like {next(iter(schemes))}://user:password@host/…")
        return value

    def refuse_unknown(self) -> None:
        """Raise when a variable begins with HUIFENG_ and nobody asked for it: a slip of the pen."""
        for name in sorted(self.variables):
            if name.startswith(PREFIX) and name not in self.known:
                near = difflib.get_close_matches(name, self.known, n=1)
                hint = f" Did you mean {near[0]}?" if near else ""
                raise ImproperlyConfigured(f"{name} is not a setting of this program.{hint}")


def _key(name: str, text: str, lengths: Mapping[str, int]) -> Key:
    try:
        algorithm, written = split(text, lengths)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} {error}.") from None
    try:
        secret = base64.b64decode(written, validate=True)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not base64.") from None
    if len(secret) != lengths[algorithm]:
        raise ImproperlyConfigured(
            f"{name} holds {len(secret)} bytes; {algorithm} must hold {lengths[algorithm]}."
        )
    return Key(algorithm, secret)


def database(url: str, **more: object) -> dict[str, object]:
    """One entry of DATABASES from postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query)) | dict(more.pop("OPTIONS", {}))  # type: ignore[call-overload]
    return {
        "ENGINE": "huifeng.rowscope.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        **more,
    }


def mailer(url: str) -> dict[str, object]:
    """One entry of MAILERS from smtp://, smtp+tls:// or smtp+ssl://user:password@host:port; none: no mail."""
    if not url:
        return {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    parts = urlsplit(url)
    options = {
        "host": parts.hostname,
        "port": parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtp+ssl",
        "timeout": 15,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


def redis_database(url: str, further: int) -> str:
    """The same Redis, `further` databases on: what is cached is kept apart from what is queued."""
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{number + further}").geturl()
