"""What the audit keeps of a person in words, sealed with a secret of the person's own.

The audit is never rewritten. An erasure destroys the secret, and what was sealed with it says nothing any more,
while the chain over the entries holds (docs/security.md, Erasure). It is no protection against who reads the
database: the secret stands in the person's row.
"""

import base64
import json
import os
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from huifeng.rowscope.scope import as_program

from .models import Retiree

MARK = "sealed"
ERASED = "（已依法删除）"
NONCE = 12  # bytes
# What tells nobody who it is, and is read where it stands: codes, flags and dates of service.
PLAIN = frozenset(
    {
        "sex",
        "kind",
        "rank",
        "category",
        "treatment",
        "political_status",
        "statistics_flag",
        "is_restricted",
        "retired_before_scheme",
        "standing",
        "retired_on",
        "joined_work_on",
        "party_joined_on",
        "education",
        "elsewhere",
        "revolution_period",
        "joins_community_party_life",
        "id_number",
        "phone",
        "emergency_phone",
    }
)  # fmt: skip  -- of the numbers the audit has the last four places


def sealed(person: int, secret: UUID | None, text: str) -> str:
    """`text` so that only this person's secret opens it; "" for nothing, and of a person who is erased."""
    if not text or secret is None:
        return ""
    nonce = os.urandom(NONCE)
    content = nonce + _key(secret).encrypt(nonce, text.encode(), _about(person))
    return f"{MARK}:{person}:{base64.b64encode(content).decode()}"


def value(name: str, person: int, secret: UUID | None, plain: Any) -> Any:
    """The value of a field as the audit keeps it: what may tell who somebody is, is sealed."""
    if name in PLAIN or plain in (None, "", []):
        return plain
    return sealed(person, secret, plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False))


def opened(texts: Iterable[str]) -> dict[str, str]:
    """Each text as it was before it was sealed; what never was stays as it is. One query.

    Of a person who is erased: ERASED. Who may read it is asked by the caller.
    """
    wanted = {text: _person(text) for text in texts}
    keys = {person for person in wanted.values() if person is not None}
    secrets = _secrets(keys) if keys else {}
    return {
        text: text if person is None else _open(person, secrets.get(person), text)
        for text, person in wanted.items()
    }


def keep_note(target: models.Model, note: str) -> str:
    """The note of an entry about `target`, sealed when that is a person or belongs to one."""
    if isinstance(target, Retiree):
        return sealed(target.pk, target.audit_secret, note)
    person = getattr(target, "retiree_id", None) or getattr(target, "person", None)
    if not isinstance(person, int):
        return note
    found = _secrets({person})
    return sealed(person, found[person], note) if person in found else note


@as_program("the audit speaks of people whom who acts may not see")
def _secrets(people: set[int]) -> dict[int, UUID | None]:
    return dict(Retiree.objects.filter(pk__in=people).values_list("pk", "audit_secret"))


def _person(text: str) -> int | None:
    mark, _, rest = text.partition(":")
    person = rest.partition(":")[0]
    return int(person) if mark == MARK and person.isascii() and person.isdigit() else None


def _open(person: int, secret: UUID | None, text: str) -> str:
    if secret is None:
        return ERASED
    content = base64.b64decode(text.split(":", 2)[2])
    return _key(secret).decrypt(content[:NONCE], content[NONCE:], _about(person)).decode()


def _key(secret: UUID) -> AESGCM:
    return AESGCM(sha256(b"huifeng audit of one person" + secret.bytes).digest())


def _about(person: int) -> bytes:
    return f"audit.person:{person}".encode()
