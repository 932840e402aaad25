"""The kinds of long work there are. Each room adds its own in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .work import Work

kinds: dict[str, Kind] = {}


@dataclass(frozen=True)
class Kind:
    """`run(work)` does the work and returns counts for `Job.result`.

    It may be called again after a worker was killed at any point, so it returns what it did the first time
    when it finds its work done. RuleBroken ends the job with its sentence; anything else with a number to
    quote.
    """

    name: str
    run: Callable[[Work], dict[str, Any]]


def add(kind: Kind) -> None:
    kinds[kind.name] = kind
