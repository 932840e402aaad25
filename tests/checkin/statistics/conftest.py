"""A small world whose calendar is turned by hand: things happen on the days that `on` says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine

from checkin.statistics import actions, counting, registry
from checkin.statistics.months import Month
from huifeng.accounts.models import User
from tests.checkin.world import World
from tests.communities.factories import make_staff

APRIL, MAY, JUNE, JULY = (Month(2026, number) for number in (4, 5, 6, 7))


@contextmanager
def on(day: str) -> Iterator[None]:
    """It is noon in Shanghai on `day` ("2026-05-10") for the length of the block."""
    with time_machine.travel(f"{day} 12:00+08:00", tick=True):
        yield


@pytest.fixture(autouse=True)
def _columns_of_this_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers and tables as this floor makes them: what the rooms of services add is tested there."""
    ours = {
        key: column
        for key, column in registry.columns.items()
        if column.count.__module__.startswith("checkin.")
    }
    monkeypatch.setattr(registry, "columns", ours)


@pytest.fixture
def boss(world: World) -> User:
    """Somebody of the city bureau."""
    return make_staff(world.city.city, display_name="王局")


@pytest.fixture
def deputy(world: World) -> User:
    return make_staff(world.city.city, display_name="刘副局")


@pytest.fixture
def close() -> Callable[..., Any]:
    def act(month: Month, by: User, explanation: str = "测试") -> Any:
        return actions.close(month, by=by, explanation=explanation)

    return act


def figures(month: Month, area: str = "3702") -> dict[str, int]:
    """Every figure of the area that is not nothing."""
    from checkin.statistics import catalogue

    found = counting.table(month, area, measures=tuple(catalogue.BY_KEY)).total.figures
    return {key: figure for key, figure in found.items() if figure}


def flow(month: Month, area: str = "3702") -> tuple[int, ...]:
    """opening, new, in, out, died, withdrawn, closing."""
    keys = ("opening", "new", "moved_in", "moved_out", "died_in", "withdrawn", "checked_in")
    found = counting.table(month, area, measures=keys).total.figures
    return tuple(found[key] for key in keys)
