"""The kinds of long work there are. Each room adds its own in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

if TYPE_CHECKING:
    from huifeng.accounts.models import User

    from .work import Work

still_acts_for: list[Callable[[User], Q]] = []
"""A condition on `organisation_id`: for which organisations a user acts now. Filled in AppConfig.ready."""

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
