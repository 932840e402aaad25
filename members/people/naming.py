"""The people behind rows that are seen though the people themselves are not: names for a list, nothing more."""

from collections.abc import Sequence

from huifeng.rowscope.scope import as_program

from .models import OfPerson, Retiree


def named[R: OfPerson](rows: Sequence[R], *, why: str) -> Sequence[R]:
    """Give each of `rows`, which the reader may see, its person. `why`: what lets the reader know the name."""
    with as_program(why):
        people = Retiree.objects.in_bulk({row.retiree_id for row in rows})
    for row in rows:
        row.retiree = people[row.retiree_id]  # type: ignore[attr-defined]
    return rows
