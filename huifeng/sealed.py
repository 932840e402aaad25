"""Encryption of single values at rest, and the keyed index that finds them again.

An ID number or a phone number is stored twice: sealed (a fresh nonce each time, so equal values look different) and
as a blind index (a keyed hash, so equal values can be found but not read).
Layout of a sealed value: 1 byte layout, 1 byte algorithm, 4 bytes id of the key, 12 bytes nonce, ciphertext with its
16-byte tag. The context (table and column) is authenticated with the header, so a value moved to another column
does not open. Values of the first layout (1 byte, nonce, ciphertext: AES-256-GCM) open with any AES key there is.

New values take the first of `settings.FIELD_KEYS` and `settings.INDEX_KEYS`; the others open and find what was written
before. Changing keys: huifeng/keys, docs/decisions/0009.
"""

import os
from collections.abc import Collection, Sequence
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import IntegrityError, connection, models

from huifeng.keyring import HEADER, NONCE, Key

FIRST_LAYOUT = b"\x01"
LOCK_CLASS = 0x696478  # "idx": the first half of the advisory lock


class UnknownKey(InvalidTag):
    """Sealed with a key that is not among ours; its message names the key's id."""


def seal_bytes(content: bytes, context: str) -> bytes:
    """A whole file encrypted for `context`, in the same layout as a single value."""
    key: Key = settings.FIELD_KEYS[0]
    nonce = os.urandom(NONCE)
    return key.header + nonce + key.encrypt(nonce, content, key.header + context.encode())


def unseal_bytes(value: bytes, context: str) -> bytes:
    """The file sealed for `context`. Raises InvalidTag when the context is another or the key is not known."""
    value = bytes(value)
    if value[:1] == FIRST_LAYOUT:
        return _open_first(value, context)
    header, about = value[:HEADER], value[:HEADER] + context.encode()
    for key in settings.FIELD_KEYS:
        if key.header == header:
            return bytes(key.decrypt(value[HEADER : HEADER + NONCE], value[HEADER + NONCE :], about))
    raise UnknownKey(f"sealed by key {header[2:].hex()}, which is not among ours")


def _open_first(value: bytes, context: str) -> bytes:
    """A value that names no key: the oldest one is the likeliest."""
    for key in reversed(settings.FIELD_KEYS):
        if key.algorithm == "aes-256-gcm":
            try:
                return bytes(key.decrypt(value[1 : 1 + NONCE], value[1 + NONCE :], context.encode()))
            except InvalidTag:
                continue
    raise InvalidTag


def seal(text: str, context: str) -> bytes:
    """`text` encrypted for `context`; a new value each time."""
    return seal_bytes(text.encode(), context)


def unseal(value: bytes, context: str) -> str:
    """The text sealed for `context`. Raises InvalidTag when the context is another or the key is not known."""
    return unseal_bytes(value, context).decode()


def blind_index(text: str, kind: str) -> bytes:
    """32 bytes that are equal for equal `text` of one `kind` ("id_number", "phone"), and useless without the key.

    For writing. Looking rows up takes `blind_indexes`: some may still stand under an older key.
    """
    return _index(settings.INDEX_KEYS[0], text, kind)


def blind_indexes(text: str, kind: str) -> list[bytes]:
    """The index of `text` under every key in use, the newest first: what a look-up asks for."""
    return [_index(key, text, kind) for key in settings.INDEX_KEYS]


def is_index_of(stored: bytes | memoryview, text: str, kind: str) -> bool:
    """Whether `stored` was made of `text`, under whichever key in use; compared in constant time."""
    return any([compare_digest(bytes(stored), index) for index in blind_indexes(text, kind)])


def _index(key: Key, text: str, kind: str) -> bytes:
    return key.digest(f"{kind}:{text}".encode())


def hold_index(kind: str) -> bool:
    """While several index keys are in use, write values of `kind` one transaction at a time; whether that is so.

    A unique constraint sees one key only. Who holds this and finds the value under no key may write it.
    """
    if len(settings.INDEX_KEYS) == 1:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, kind])
    return True


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


class _Bytes(models.BinaryField):
    """Bytes whose meaning only Python knows: for the database and its migrations a plain BinaryField."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs


class SealedBytesField(_Bytes):
    """Bytes that `seal_bytes` made for `context` and that stay sealed in Python: values kept for an undo, and files
    (`is_file`), of which one is handled at a time.
    """

    def __init__(self, *args: Any, context: str = "", is_file: bool = False, **kwargs: Any):
        self.context, self.is_file = context, is_file
        super().__init__(*args, **kwargs)


class BlindIndexField(_Bytes):
    """The blind index of the sealed column `of`. Saving a row makes it from the value, with the newest key.

    Where the column is unique, the value is looked for under every key in use, as the constraint would.
    """

    def __init__(self, *args: Any, of: str = "", kind: str = "", **kwargs: Any):
        self.of, self.kind = of, kind
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        text = self.text_of(getattr(model_instance, self.of))
        index = blind_index(text, self.kind) if text else None
        setattr(model_instance, self.attname, index)
        if text and (constraint := self._once()) and hold_index(self.kind):
            rows = type(model_instance)._base_manager.exclude(pk=model_instance.pk)
            if in_use(rows, self, [text]):
                raise IntegrityError(f"{constraint}: there already, under another key")
        return index

    def text_of(self, value: Any) -> str:
        """The text of a value of the column `of`, which is plain in Python, or stays sealed."""
        source = self.model._meta.get_field(self.of)
        if isinstance(source, SealedBytesField) and value is not None:
            return unseal(value, source.context)
        return value or ""

    def _once(self) -> str:
        """The name of the constraint that lets a value stand once; "" where it may stand often."""
        named = [
            rule.name for rule in self.model._meta.total_unique_constraints if rule.fields == (self.name,)
        ]
        return next(iter(named), self.name if self.unique else "")


def in_use(rows: "models.QuerySet[Any]", field: BlindIndexField, texts: Collection[str]) -> bool:
    """Whether one of `texts` stands in `rows` under any key in use. The caller holds the index."""
    wanted = [index for text in texts for index in blind_indexes(text, field.kind)]
    return rows.filter(**{f"{field.name}__in": wanted}).exists()


class KeyedHashField(_Bytes):
    """A blind index of what is kept nowhere, so that it cannot be made anew with another key; it is compared
    (`is_index_of`) and forgotten after `lives`. Until then the key it was made with is needed.
    """

    def __init__(self, *args: Any, lives: timedelta = timedelta(0), **kwargs: Any):
        self.lives = lives
        super().__init__(*args, **kwargs)
