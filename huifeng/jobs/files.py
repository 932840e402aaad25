"""Files in the database, sealed. A file may be 64 MiB; larger ones are refused before they are stored."""

import html
import io
import zipfile
from collections.abc import Callable, Collection
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from huifeng.sealed import seal_bytes, unseal_bytes

from .models import Job, StoredFile

LARGEST = 64 * 1024 * 1024
LONGEST_NAME = 200
KEPT_FOR = timedelta(days=7)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def store(
    name: str,
    content: bytes,
    content_type: str,
    *,
    by: User,
    organisation_id: int | None = None,
    kept_for: timedelta = KEPT_FOR,
) -> StoredFile:
    """Keep `content` under `name` for a while, in the caller's transaction. Raises RuleBroken (too large)."""
    if len(content) > LARGEST:
        raise RuleBroken("文件太大，最多 64 MB。请分成几份再办。", code="file_too_large")
    return StoredFile.objects.create(
        name=_plain(name)[-LONGEST_NAME:],
        content_type=content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        content=seal_bytes(content, StoredFile.CONTEXT),
        made_by=by,
        organisation_id=organisation_id,
        expires_at=timezone.now() + kept_for,
    )


def content_of(file: StoredFile) -> bytes:
    """The plain bytes. Raises InvalidTag when they were changed."""
    return unseal_bytes(bytes(file.content), StoredFile.CONTEXT)


def delete(file_id: int) -> None:
    """Forget one file; jobs that made it stay. Nothing happens when it is gone."""
    with as_program("who forgets a file may be another than who made it"):
        StoredFile.objects.filter(pk=file_id).delete()


def _plain(name: str) -> str:
    """`name` without what no disk takes or what hides its ending: slashes, control and direction marks."""
    return "".join("_" if letter in "/\\" or not letter.isprintable() else letter for letter in name)


@as_program("who forgets a file may be another than who made it")
def forget_holding(kinds: Collection[str], is_in: Callable[[str], bool]) -> int:
    """Delete files that jobs of these kinds made and whose text `is_in` finds; how many. One file at a time.

    For what we wrote ourselves: workbooks (.xlsx, .ods) and plain text. Jobs stay and say that their file is over.
    """
    made = StoredFile.objects.filter(
        pk__in=Job.objects.filter(kind__in=kinds).exclude(file=None).values("file")
    )
    deleted = 0
    for key in made.order_by("pk").values_list("pk", flat=True):
        file = StoredFile.objects.defer(None).get(pk=key)
        if is_in(_text_of(content_of(file))):
            file.delete()
            deleted += 1
    return deleted


def _text_of(content: bytes) -> str:
    """The text of a file of ours."""
    if content[:4] != b"PK\x03\x04":
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [book.read(name).decode("utf-8", "replace") for name in book.namelist()]
    return html.unescape("\n".join(parts))
