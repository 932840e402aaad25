"""Counting: the one interface of screens, papers and commands. Who may ask for what: permissions.py."""

from .asking import Where, over_everybody
from .cells import Cell, Entry, cell_people
from .comparing import Comparison, compare, difference
from .identities import Identity, identities, of_places, whole_of
from .tables import Row, Table, by_place, count_places, table

__all__ = [
    "Cell",
    "Comparison",
    "Entry",
    "Identity",
    "Row",
    "Table",
    "Where",
    "by_place",
    "cell_people",
    "compare",
    "count_places",
    "difference",
    "identities",
    "of_places",
    "over_everybody",
    "table",
    "whole_of",
]
