"""Notices to their receivers: owed in one statement (the limit), numbered by the relay (ours), and one Celery
task a notice (the peer). `--backlog` adds one so large and one of 10,000, to see that each notice costs the same.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from checkin.sync.relay import relay
from communities.notices.models import Notice
from huifeng.embedded.roles import as_owner

from .figures import Result
from .running import Refused, Run
from .sync_peer import QUEUE, app, relay_one

CITY = 2_000
PEER_NOTICES = 4_000
SMALL = 10_000
TIMES = 3  # ours and the limit are done so often; the fastest counts, as other work of the machine only adds
PREFIX = "benchmark"
TABLE = Notice._meta.db_table

# As acts leave them: two thirds need a receipt, each is about somebody, every organisation of the city receives some
OWE = f"""
INSERT INTO {TABLE} (receiver_id, sender_id, key, kind, person, words, link, data, created_at, state, answer)
SELECT o.id, o.id, '{PREFIX}:' || %(run)s || ':' || n,
  CASE n %% 3 WHEN 0 THEN 'checkin.submitted' WHEN 1 THEN 'checkin.confirmed' ELSE 'people.changed' END,
  n %% 50000, '王建国同志（FX-2026-083157）已在云霄路社区报到，社区联系人李敏，电话0532-85700000。', 'checkin:' || n,
  '{{"checkin": "FX-2026-083157", "move": "confirmed", "state": "confirmed", "on": "2026-11-25"}}'::jsonb,
  now(), 'pending', ''
FROM generate_series(1, %(size)s) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS all_of_them
      FROM communities_organisations_organisation
      WHERE closed_on IS NULL AND kind IN ('bureau', 'street', 'community', 'unit')) o
  ON o.place = n %% o.all_of_them
ORDER BY n
"""


def measure(run: Run) -> Result:
    size = run.size
    relay(seconds=600)  # what the city itself owes
    _clean()
    limit, ours = [], []
    for turn in range(TIMES):
        limit.append(_owe(f"size-{turn}", size))
        ours.append(_relay(size))
        run.say(f"{size:,} notices: owed in {limit[-1]:.2f} s, delivered in {ours[-1]:.2f} s")
        _clean()
    peer = _peer(run, min(size, PEER_NOTICES))
    _clean()
    backlogs = {str(count): _backlog(run, count) for count in (SMALL, run.backlog) if run.backlog}
    seconds = min(ours)
    return Result(
        "sync",
        size,
        round(seconds, 6),
        "one Celery task a notice, a real worker with two processes, the same lock and columns",
        round(peer * size, 6),
        "INSERT … SELECT of the same rows",
        round(min(limit), 6),
        {},
        {
            "notices_a_second": round(size / seconds),
            "peer_notices_a_second": round(1 / peer),
            "peer_notices": min(size, PEER_NOTICES),
            "backlogs_notices_a_second": backlogs,
        },
        what="notices",
    )


def _owe(name: str, size: int) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(OWE, {"run": name, "size": size})
    return time.perf_counter() - began


def _relay(size: int) -> float:
    began = time.perf_counter()
    relayed = relay(seconds=3600)
    if relayed != size:
        raise Refused(f"{relayed} notices were delivered instead of {size}")
    return time.perf_counter() - began


def _backlog(run: Run, count: int) -> int:
    """Notices a second of a backlog of `count`; the small one is done three times and the fastest counts."""
    turns = TIMES if count <= SMALL else 1
    took = []
    for turn in range(turns):
        _owe(f"backlog-{count}-{turn}", count)
        _analyse()
        took.append(_relay(count))
        _clean()
    run.say(f"a backlog of {count:,}: {min(took):.2f} s")
    return round(count / min(took))


def _peer(run: Run, count: int) -> float:
    """Seconds a notice, from the first task put into Redis until the last notice is delivered."""
    _owe("warm", 50)
    with _worker():
        _hand_over(50)
        _owe("peer", count)
        began = time.perf_counter()
        _hand_over(count)
        took = time.perf_counter() - began
    run.say(f"peer: {count:,} notices in {took:.1f} s")
    return took / count


def _hand_over(count: int) -> None:
    pending = Notice.objects.filter(state=Notice.State.PENDING)
    keys = list(pending.order_by("pk").values_list("pk", flat=True))
    if len(keys) != count:
        raise Refused(f"{len(keys)} notices are pending instead of {count}")
    with app.connection_for_write() as broker, app.amqp.Producer(broker) as producer:
        for pk in keys:
            relay_one.apply_async((pk,), queue=QUEUE, producer=producer)
    end = time.monotonic() + 600
    while pending.exists():
        if time.monotonic() > end:
            raise Refused("the peer's worker did not finish in ten minutes")
        time.sleep(0.02)


@contextmanager
def _worker() -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.sync_peer", "worker", "-Q", QUEUE, "-c", "2"]
    command += ["--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--hostname", "peer@%h"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _clean() -> None:
    """Take the notices of this benchmark out again, so that every turn starts from the same table."""
    Notice.objects.filter(key__startswith=PREFIX)._raw_delete("default")
    _analyse()


def _analyse() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {TABLE}")
