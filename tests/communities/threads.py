"""Acts that really happen at the same time, each on a connection of its own."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from django.db import connections


def at_the_same_time(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the exception it raised, after all have run in threads started together."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(run, *pair)) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results
