"""Idempotency-Key: a write is done once, however often it is sent. Source: docs/rules.md, A4."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from huifeng.errors import RuleBroken
from huifeng.sealed import blind_index, is_index_of

from ..models import ApiToken, IdempotentRequest

KIND = "api_request"
KEPT = timedelta(days=7)
PATIENCE = "10s"  # how long the second of two waits for the first


@dataclass(frozen=True)
class Answer:
    """What goes back: a body of plain JSON values. `is_replay`: it was given before."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replay: bool = False


@transaction.atomic
def once(token: ApiToken, *, key: str, request: str, act: Callable[[], Answer]) -> Answer:
    """Do `act` and keep its answer under `key`; when that was done before, only give the answer again.

    `request`: method, path and body, the same words for the same request. The answer is kept in the transaction of
    the act. Of two at the same time the second waits for the first. An act that is refused is not kept: it did
    nothing. Raises RuleBroken (in_progress: the first takes too long; key_reused: the key was another
    request's), and whatever `act` raises.
    """
    row = _claim(token, key, blind_index(request, KIND))
    if row is None:
        return _known(token, key, request)
    answer = act()
    row.status, row.headers = answer.status, dict(answer.headers)
    row.body = json.dumps(answer.body, ensure_ascii=False)
    row.save(update_fields=["status", "body", "headers"])
    return answer


def _claim(token: ApiToken, key: str, fingerprint: bytes) -> IdempotentRequest | None:
    """A row for the key, None when there is one. Whoever comes second waits here until the first has ended."""
    _be_patient(PATIENCE)
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(
                account_id=token.account_id,
                token=token,
                key=key,
                fingerprint=fingerprint,
                created_at=timezone.now(),
            )
    except IntegrityError:
        return None
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise RuleBroken("同一个请求还在办理，请过一会儿再问。", code="in_progress") from error
        raise
    finally:
        _be_patient("0")


def _be_patient(limit: str) -> None:
    """How long this transaction waits for a lock; "0": for ever, as everywhere else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [limit])


def _known(token: ApiToken, key: str, request: str) -> Answer:
    row = IdempotentRequest.objects.get(account_id=token.account_id, key=key)
    if not is_index_of(row.fingerprint, request, KIND):
        raise RuleBroken(
            "这个 Idempotency-Key 已用于另一个请求。新的请求请换一个新的 Key。", code="key_reused"
        )
    return Answer(row.status, json.loads(row.body), row.headers, is_replay=True)


def forget_old() -> int:
    """Answers are kept for a week; after that a key is new again. Returns how many were forgotten."""
    deleted, _ = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted
