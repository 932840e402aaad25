"""Changing keys (换密钥): what is written with an older key is written again with the newest, beside people who work.

Started by `manage.py rotate_keys` and by nothing else. Source: docs/decisions/0009, docs/operations.md.
"""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from huifeng.jobs import actions as jobs
from huifeng.jobs import running
from huifeng.jobs.models import Job
from huifeng.jobs.work import Work

from . import columns, registry, rotation

KIND = "keys.rotation"
MOST_PASSES = (
    6  # what moves while a pass goes by is done in the next; more than two mean that something is wrong
)
START_LOCK = 0x6B657973  # "keys": one command starts at a time


@transaction.atomic
def start(*, by: User) -> Job:
    """The rotation to the newest keys of these settings: the one that is under way, else a new one.

    One that was killed too often to be taken up again is ended, and a new one goes on where it stopped.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [START_LOCK])
    wanted = _newest()
    for job in Job.objects.filter(kind=KIND, state__in=Job.OPEN).order_by("pk"):
        if job.attempts >= running.MOST_ATTEMPTS and not running.held_among([job.pk]):
            running.give_up(job.pk)
        elif job.args == wanted:
            return job
    return jobs.start(KIND, title="更换密钥", by=by, args=wanted)


def rotate(work: Work) -> dict[str, Any]:
    """Do it: passes over every table until one finds nothing to do. Written down once, when it is over.

    Raises RuleBroken when this process was started with other keys than the one that asked.
    """
    if work.job.args != _newest():
        raise RuleBroken(
            "这个进程用的密钥和发起时的不同。请先用新的设置重新启动所有进程，再运行 rotate_keys。",
            code="other_keys",
        )
    began, in_all = time.monotonic(), rotation.Done()
    tables = columns.tables()
    total = sum(table.model._base_manager.count() for table in tables)
    for number in range(1, MOST_PASSES + 1):
        in_pass, seen = rotation.Done(), 0
        for table in tables:
            words = f"第 {number} 遍：{table.model._meta.verbose_name}"
            before = seen
            done = rotation.rotate_table(
                table,
                lambda rows, at=before, say=words: work.progress(at + rows, total, say),  # type: ignore[misc]
            )
            seen += table.model._base_manager.count()
            in_pass += done
            in_pass.left |= done.left
        in_all += in_pass
        in_all.left = in_pass.left
        if in_pass.nothing:
            break
    else:
        in_all.left["still changing"] = 1
    result = {
        **_newest(),
        "resealed": in_all.resealed + sum(reseal() for reseal in registry.resealing),
        "reindexed": in_all.reindexed,
        "rehashed": sum(rehash() for rehash in registry.rehashing),
        "left": sum(in_all.left.values()),
        "left_because": in_all.left,
        "old_index_keys_needed_until": _needed_until(),
        "seconds": round(time.monotonic() - began, 3),
    }
    _write_down(work, result)
    return result


@transaction.atomic
def _write_down(work: Work, result: dict[str, Any]) -> None:
    """One entry a run, also when the run is repeated because its worker was killed just here."""
    Job.objects.select_for_update(of=("self",)).get(pk=work.job.pk)
    if not audit.entries_about(work.job).filter(action="keys.rotated").exists():
        audit.record("keys.rotated", work.job, by=work.by, after=result)


def _newest() -> dict[str, str]:
    return {"field_key": settings.FIELD_KEYS[0].name, "index_key": settings.INDEX_KEYS[0].name}


def _needed_until() -> dict[str, str]:
    """Until when older index keys are needed for what cannot be made anew; empty when there are none."""
    if len(settings.INDEX_KEYS) == 1:
        return {}
    now = timezone.localtime()
    day = timedelta(days=1)  # a day begun counts whole
    return {name: f"{now + lives + day:%Y-%m-%d}" for name, lives in columns.fading().items()}
