from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.rowscope.scope import as_program

from .models import Notice


def post(
    receiver: Organisation,
    *,
    key: str,
    kind: str,
    words: str,
    person: int | None = None,
    link: str = "",
    sender_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Owe `receiver` one fact, in the caller's transaction. Repeating a `key` changes nothing.

    `sender_id`: the organisation that made the fact. `data`: the fact for programs (see Notice).
    No row is locked, so acts of different people about one unit never wait for each other.
    """
    post_many(
        [
            Notice(
                receiver=receiver,
                sender_id=sender_id,
                key=key,
                kind=kind,
                words=words[:300],
                person=person,
                link=link,
                data=dict(data or {}),
                created_at=timezone.now(),
            )
        ]
    )


def post_each(
    words: Mapping[int, str], *, key: str, kind: str, link: str = "", sender_id: int | None = None
) -> None:
    """Owe each organisation (by its key) its own words about one fact; as `post`, in one statement."""
    now = timezone.now()
    post_many(
        Notice(
            receiver_id=receiver,
            sender_id=sender_id,
            key=key,
            kind=kind,
            words=said[:300],
            link=link,
            created_at=now,
        )
        for receiver, said in words.items()
    )


def post_many(notices: Iterable[Notice]) -> None:
    """Owe facts about many people at once; as `post`, some thousands a statement. In order of people (pk)."""
    with as_program("a notice is for its receiver, not for who made the fact"):
        Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=2000)
