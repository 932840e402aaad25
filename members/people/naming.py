"""The people behind rows that are seen though the people themselves are not: names for a list, nothing more."""

from collections.abc import Sequence

from django.db.models import Q
from django.db.models.expressions import RawSQL

from huifeng.rowscope.scope import as_program
from huifeng.rowscope.views import RESTRICTED

from .models import OfPerson, Retiree


def named[R: OfPerson](rows: Sequence[R], *, why: str) -> Sequence[R]:
    """Give each of `rows`, which the reader may see, its person. `why`: what lets the reader know the name."""
    with as_program(why):
        people = Retiree.objects.in_bulk({row.retiree_id for row in rows})
    for row in rows:
        row.retiree = people[row.retiree_id]  # type: ignore[attr-defined]
    return rows


def may_be_named(person: str) -> Q:
    """That the person at the path `person` may be named by others than bureaus: neither is restricted (限制查看),
    nor is the row that took the person's place in a merge. Asks for nothing of the person itself, whom the reader need
    not see: somebody who moved away still stands in a frozen report. Source: docs/rules.md, P2, F2.
    """
    return ~Q(**{f"{person}__in": RawSQL(f"SELECT id FROM {RESTRICTED}", ())})  # noqa: S608, S611 -- a constant
