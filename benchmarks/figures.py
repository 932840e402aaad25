"""What a benchmark finds, and how it is told."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Figure:
    """Times of one thing done many times, in seconds, and the queries it makes."""

    p50: float
    p95: float
    times: int
    queries: int | None = None

    @classmethod
    def of(cls, seconds: Sequence[float], queries: int | None = None) -> "Figure":
        p95 = quantiles(seconds, n=20, method="inclusive")[-1]
        return cls(round(median(seconds), 6), round(p95, 6), len(seconds), queries)

    def __str__(self) -> str:
        queries = "" if self.queries is None else f"  {self.queries:3} queries"
        return f"p50 {self.p50 * 1000:8.1f} ms   p95 {self.p95 * 1000:8.1f} ms{queries}"

    def as_json(self) -> dict[str, Any]:
        found = {"p50": self.p50, "p95": self.p95, "times": self.times}
        return found if self.queries is None else {**found, "queries": self.queries}


@dataclass(frozen=True)
class Result:
    """One benchmark: `seconds` beside those of the peer and of the limit; the rest is told as it is."""

    name: str
    size: int
    seconds: float
    peer: str
    peer_seconds: float
    limit: str
    limit_seconds: float
    figures: dict[str, dict[str, Figure]]
    extra: dict[str, Any] = field(default_factory=dict)
    what: str = "retirees in the city"

    @property
    def ratio_to_peer(self) -> float:
        """How many times faster than the peer."""
        return round(self.peer_seconds / self.seconds, 3)

    @property
    def share_of_limit(self) -> float:
        """1: as fast as the limit; 0.25: four times as slow."""
        return round(self.limit_seconds / self.seconds, 4)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "size": self.size,
            "seconds": self.seconds,
            "peer_seconds": self.peer_seconds,
            "ratio_to_peer": self.ratio_to_peer,
            "limit_seconds": self.limit_seconds,
            "share_of_limit": self.share_of_limit,
            "peer": self.peer,
            "limit": self.limit,
            **{
                group: {name: figure.as_json() for name, figure in figures.items()}
                for group, figures in self.figures.items()
            },
            **self.extra,
            "cores": os.cpu_count(),
            "load": [round(load, 2) for load in os.getloadavg()],
        }

    def lines(self) -> list[str]:
        found = [f"{self.name}, {self.size:,} {self.what}"]
        for group, figures in self.figures.items():
            found.append(f"  {group}")
            found += [f"    {name:<34} {figure}" for name, figure in figures.items()]
        found += [
            f"  measured {self.seconds * 1000:.1f} ms",
            f"  peer     {self.peer_seconds * 1000:.1f} ms: {self.ratio_to_peer} times as long ({self.peer})",
            f"  limit    {self.limit_seconds * 1000:.1f} ms: we take {self.seconds / self.limit_seconds:.1f}"
            f" times as long ({self.limit})",
            f"  load     {' '.join(f'{load:.2f}' for load in os.getloadavg())} on {os.cpu_count()} cores",
        ]
        return found
