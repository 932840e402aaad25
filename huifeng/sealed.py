"""Encryption of single values at rest, and the keyed index that finds them again.

An ID number or a phone number is stored twice: sealed (AES-256-GCM, a fresh nonce each time, so equal values
look different) and as a blind index (HMAC-SHA256, so equal values can be found but not read).
Layout of a sealed value: version byte, 12-byte nonce, ciphertext with its 16-byte tag. The context (table and
column) is authenticated, so a value moved to another column does not open.
"""

import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

VERSION = b"\x01"


@lru_cache(maxsize=2)
def _cipher(key: bytes) -> AESGCM:
    """Made once a key: making it costs as much as sealing a value."""
    return AESGCM(key)


def seal_bytes(content: bytes, context: str) -> bytes:
    """A whole file encrypted for `context`, in the same layout as a single value."""
    nonce = os.urandom(12)
    return VERSION + nonce + _cipher(settings.FIELD_KEY).encrypt(nonce, content, context.encode())


def unseal_bytes(value: bytes, context: str) -> bytes:
    """The file sealed for `context`. Raises InvalidTag when the key or the context is another."""
    value = bytes(value)
    if value[:1] != VERSION:
        raise ValueError("sealed with a version this code does not know")
    return _cipher(settings.FIELD_KEY).decrypt(value[1:13], value[13:], context.encode())


def seal(text: str, context: str) -> bytes:
    """`text` encrypted for `context`; a new value each time."""
    return seal_bytes(text.encode(), context)


def unseal(value: bytes, context: str) -> str:
    """The text sealed for `context`. Raises InvalidTag when the key or the context is another."""
    return unseal_bytes(value, context).decode()


def blind_index(text: str, kind: str) -> bytes:
    """32 bytes that are equal for equal `text` of one `kind` ("id_number", "phone"), and useless without the key."""
    return hmac.digest(settings.INDEX_KEY, f"{kind}:{text}".encode(), sha256)


class SealedField(models.BinaryField):
    """Text that is encrypted in the database and plain in Python; "" is stored as NULL.

    `context` names the column and never changes once data is there. Look rows up by a blind index beside it.
    """

    _pyi_private_set_type: str | None
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, *args: Any, context: str = "", **kwargs: Any):
        self.context = context
        kwargs.update(null=True, blank=True, editable=True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs["context"] = self.context
        return name, path, args, kwargs

    def from_db_value(self, value: bytes | None, expression: Any, connection: Any) -> str:
        return "" if value is None else unseal(value, self.context)

    def to_python(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: str | None, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(seal(value, self.context) if value else None, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("a sealed value is not serialised")
