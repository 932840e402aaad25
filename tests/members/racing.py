"""Several people do the same thing at the same moment, each in a transaction and connection of their own."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from django.db import connection, connections, transaction


def race(runners: int, act: Callable[[int], Any]) -> list[Any]:
    """What `act(0)`, `act(1)` … returned or raised, started together in threads."""
    gate = threading.Barrier(runners)
    answers: list[Any] = [None] * runners

    def run(number: int) -> None:
        try:
            gate.wait(10)
            answers[number] = act(number)
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(run, number)) for number in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return answers


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """What `second()` answers when it starts while `first()` is done and not committed: it must wait."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(second())
        except Exception as error:
            answers.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=copy_context().run, args=(run,))
    with transaction.atomic():
        first()
        thread.start()
        _ends_or_waits_for_us(thread)  # without the lock it reads what was before, and ends or waits too late
    thread.join(30)
    assert not thread.is_alive(), "it waits for ever"
    return answers[0]


def _ends_or_waits_for_us(thread: threading.Thread) -> None:
    """Until the act has ended or stands before a lock of this transaction; one second at most."""
    for _ in range(100):
        thread.join(0.01)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if not thread.is_alive() or cursor.fetchone() == (True,):
                return
