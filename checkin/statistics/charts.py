"""Where the parts of a drawn line stand, for a template that writes them as SVG. Nothing here knows what is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 860, 300  # units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 76, 20, 44, 44
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Spot:
    """One value: the middle of its mark, and the strip of the drawing that belongs to it."""

    x: int
    y: int
    left: int
    width: int


@dataclass(frozen=True)
class Chart:
    """Lines over the same strips and the same scale; `grid` are heights with what they stand for."""

    lines: list[list[Spot]]
    grid: list[tuple[int, int]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def paths(self) -> list[str]:
        return [" ".join(f"{spot.x},{spot.y}" for spot in line) for line in self.lines]


def chart(*series: Sequence[int]) -> Chart:
    """Lines from left to right, on a scale from zero so that no slope exaggerates."""
    most = max((value for values in series for value in values), default=0) or 1
    step = _step(most)
    top = step * -(-most // step)
    room = HEIGHT - TOP - BOTTOM

    def height(value: int) -> int:
        return HEIGHT - BOTTOM - round(room * value / top)

    def spots(values: Sequence[int]) -> list[Spot]:
        wide = (WIDTH - LEFT - RIGHT) // max(len(values), 1)
        return [
            Spot(LEFT + wide * number + wide // 2, height(value), LEFT + wide * number, wide)
            for number, value in enumerate(values)
        ]

    grid = [(height(value), value) for value in range(0, top + 1, step)]
    return Chart([spots(values) for values in series], grid)


def _step(most: int) -> int:
    """A round step that divides the scale into at most five parts."""
    size = 1
    while True:
        for step in STEPS:
            if most <= 5 * step * size:
                return step * size
        size *= 10
