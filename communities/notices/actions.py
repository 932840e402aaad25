from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.rowscope.scope import as_program

from .models import Notice

WORDS_STAY = timedelta(days=3 * 365)  # ours
FORGOTTEN = "已过保存期限"
A_SET = 5000


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


def forget_old() -> int:
    """Three years after it was sent, empty what a notice about a person says; that it was sent and signed for
    stays, with its number. Returns how many. In sets of some thousands, each a statement of its own.
    """
    before, done = timezone.now() - WORDS_STAY, 0
    while keys := list(
        Notice.objects.filter(created_at__lt=before, person__isnull=False)
        .exclude(words=FORGOTTEN)
        .values_list("pk", flat=True)[:A_SET]
    ):
        Notice.objects.filter(pk__in=keys).exclude(answer="").update(answer=FORGOTTEN)
        done += Notice.objects.filter(pk__in=keys).update(words=FORGOTTEN, data={})
    return done
