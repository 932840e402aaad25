from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from communities.organisations.models import Organisation

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
    Notice.objects.bulk_create(
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
        ],
        ignore_conflicts=True,
    )


def post_each(words: Mapping[int, str], *, key: str, kind: str, link: str = "") -> None:
    """Owe each organisation (by its key) its own words about one fact; as `post`, in one statement."""
    now = timezone.now()
    Notice.objects.bulk_create(
        [
            Notice(receiver_id=receiver, key=key, kind=kind, words=said[:300], link=link, created_at=now)
            for receiver, said in words.items()
        ],
        ignore_conflicts=True,
    )
