"""Random streams: one for each noun, the same for the same seed."""

import bisect
from collections.abc import Iterable
from itertools import accumulate
from random import Random


def stream(seed: int, noun: str) -> Random:
    return Random(f"{seed}:{noun}")


class Weighted[T]:
    """A draw from values with weights."""

    def __init__(self, pairs: Iterable[tuple[T, float]]):
        pairs = list(pairs)
        self.values = [value for value, _ in pairs]
        self.sums = list(accumulate(weight for _, weight in pairs))

    def draw(self, chance: Random) -> T:
        return self.values[bisect.bisect_right(self.sums, chance.random() * self.sums[-1])]


def words(text: str) -> Weighted[str]:
    """From "王 105 李 78 …": words and weights in turn."""
    parts = text.split()
    return Weighted((parts[i], float(parts[i + 1])) for i in range(0, len(parts), 2))
