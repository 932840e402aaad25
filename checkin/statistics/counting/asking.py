"""What every question to the facts has in common: which people it is about."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from checkin.statistics import dimensions
from checkin.statistics.facts import Relation
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program

COUNTING = "an area counts everybody, and a figure names nobody"


@dataclass(frozen=True)
class Where:
    """Which people a question is about."""

    area: str
    unit_ids: tuple[int, ...] | None = None
    filters: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, value in self.filters.items():
            dimension = dimensions.DIMENSIONS.get(key)
            if dimension is None or value not in dict(dimension.choices()):
                raise RuleBroken("没有这个筛选条件，请重新选。", code="unknown_filter")

    @property
    def is_narrowed(self) -> bool:
        return self.unit_ids is not None or bool(self.filters)

    def sql(self) -> tuple[str, dict[str, Any]]:
        """The condition of units and dimensions (areas depend on the measure), and its parameters."""
        parts, params = ["true"], dict[str, Any]()
        if self.unit_ids is not None:
            parts.append("unit_id = ANY(%(unit_ids)s)")
            params["unit_ids"] = list(self.unit_ids)
        for number, (key, value) in enumerate(sorted(self.filters.items())):
            parts.append(f"{dimensions.DIMENSIONS[key].sql} = %(filter_{number})s")
            params[f"filter_{number}"] = value
        return " AND ".join(parts), params


def ask(relation: Relation, sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The answer of a question about `relation`, with its parameters, in the way that suits it."""
    return (run if relation.is_of_everybody_live else look_up)(sql, {**relation.params, **params})


def run(sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The answer of a question that reads the facts of everybody."""
    with as_program(COUNTING), over_everybody() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def look_up(sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The answer of a question about people who are named, each found by an index."""
    with as_program(COUNTING), connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@contextmanager
def over_everybody() -> Iterator[CursorWrapper]:
    """A cursor for statements that join everybody with what is known of them: tables are hashed, not looped over.

    A table that was never analysed (the first minutes of a city, the rows of a month that is being closed) looks
    almost empty to the planner, and a loop over it for each person takes minutes, or hours.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield cursor
        cursor.execute("SET LOCAL enable_nestloop = on")  # a transaction around us goes on
