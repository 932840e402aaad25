"""Keys for tests, and settings in which one set follows another."""

import base64
from typing import Any

from huifeng.keyring import Key

AES_OLD, AES_NEW = Key("aes-256-gcm", b"o" * 32), Key("aes-256-gcm", b"n" * 32)
SM4 = Key("sm4-gcm", b"s" * 16)
INDEX_OLD, INDEX_NEW = Key("hmac-sha256", b"i" * 32), Key("hmac-sha256", b"j" * 32)
SM3 = Key("hmac-sm3", b"m" * 32)


def only_old(settings: Any) -> None:
    """Before the change: one key of each sort."""
    settings.FIELD_KEYS, settings.INDEX_KEYS = (AES_OLD,), (INDEX_OLD,)


def both(settings: Any, *, field: Key = SM4, index: Key = SM3) -> None:
    """During the change: new keys write, the old ones still open and find."""
    settings.FIELD_KEYS, settings.INDEX_KEYS = (field, AES_OLD), (index, INDEX_OLD)


def only_new(settings: Any, *, field: Key = SM4, index: Key = SM3) -> None:
    """After the change: the old keys are gone."""
    settings.FIELD_KEYS, settings.INDEX_KEYS = (field,), (index,)


def as_environment(*, field: Key = SM4, index: Key = SM3) -> dict[str, str]:
    """`both` for a process of its own."""

    def written(key: Key) -> str:
        return f"{key.algorithm}:{base64.b64encode(key.secret).decode()}"

    return {
        "HUIFENG_FIELD_KEY": written(field),
        "HUIFENG_OLD_FIELD_KEYS": written(AES_OLD),
        "HUIFENG_INDEX_KEY": written(index),
        "HUIFENG_OLD_INDEX_KEYS": written(INDEX_OLD),
    }
