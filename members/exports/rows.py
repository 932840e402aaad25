"""Reading the people of a list: a handful of queries for each CHUNK of them, never one for each."""

from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes import labels
from members.people.models import Retiree, RetireeQuerySet

from . import columns, registry
from .columns import OfPerson
from .registry import Chosen

CHUNK = 2000

type Show = Callable[[Any], str]


def keys_of(chosen: Chosen, organisation: Organisation, by: User) -> list[int]:
    """The people of a list whom `by` may see now, in the order of the register."""
    return list(_seen(chosen, organisation, by).order_by("pk").values_list("pk", flat=True))


def any_of(chosen: Chosen, organisation: Organisation, by: User) -> bool:
    return _seen(chosen, organisation, by).exists()


def _seen(chosen: Chosen, organisation: Organisation, by: User) -> QuerySet[Retiree]:
    """Restricted people (限制查看) are in the lists of bureaus only, whatever else `by` is.

    Source: docs/rules.md, E3.
    """
    people = chosen.people.filter(pk__in=Retiree.objects.visible_to(by).values("pk"))
    return people if organisation.kind == Organisation.Kind.BUREAU else people.filter(is_restricted=False)


def read(
    people: Sequence[int],
    keys: Sequence[str],
    *,
    by: User,
    full: bool = False,
    told: Callable[[int], None] = lambda done: None,
) -> Iterator[list[str]]:
    """A row of texts for each of `people`, in their order, with the columns `keys`.

    `full`: ID numbers and phones unmasked. Only what is in the columns is read, so nothing is unsealed that nobody
    asked for. `told(done)` hears after each chunk how many are done.
    """
    own = [columns.BY_KEY[key] for key in keys if key in columns.BY_KEY]
    upper = [group for group in registry.groups if any(group.key(c) in keys for c in group.columns)]
    names: dict[str, str] = {}
    shows = [_show(column, full, names) for column in own]
    at = _positions(keys, own, upper)
    done = 0
    for chunk in batched(people, CHUNK, strict=False):
        found = _of_persons(chunk, own)
        _learn_places(names, own, found)
        more = [(group.values(chunk, by), [""] * len(group.columns)) for group in upper]
        for pk in chunk:
            cells = [show(value) for show, value in zip(shows, found[pk], strict=True)]
            for values, none in more:
                cells += values.get(pk, none)
            yield [cells[place] for place in at]
        done += len(chunk)
        told(done)


def _positions(keys: Sequence[str], own: list[OfPerson], upper: list[registry.Group]) -> list[int]:
    """Where each of `keys` stands when the person's own columns come first and whole groups after them."""
    order = [column.key for column in own] + [group.key(c) for group in upper for c in group.columns]
    place = {key: number for number, key in enumerate(order)}
    return [place[key] for key in keys]


def _of_persons(chunk: Sequence[int], own: list[OfPerson]) -> dict[int, tuple[Any, ...]]:
    people: RetireeQuerySet = Retiree.objects.filter(pk__in=chunk)
    if any(column.field.startswith("managing__") for column in own):
        people = people.annotate(
            managing=FilteredRelation("memberships", condition=Q(memberships__valid_until=None))
        )
    fields = [column.field for column in own]
    return {row[0]: row[1:] for row in people.values_list("pk", *fields)}


def _show(column: OfPerson, full: bool, places: dict[str, str]) -> Show:
    if column.place:
        length = column.place
        return lambda code: places.get(_place(code, length), "")
    if column.codes:
        return _Labels(column.codes).show
    if column.mask and not full:
        return column.mask
    show = column.show
    return lambda value: "" if value is None else show(value)


class _Labels(dict[str, str]):
    """The labels of a code list, each looked up once a list: the code lists look at the clock every time."""

    def __init__(self, code_list: str):
        super().__init__()
        self.code_list = code_list

    def __missing__(self, code: str) -> str:
        self[code] = labels.label(self.code_list, code)
        return self[code]

    def show(self, value: str | list[str] | None) -> str:
        return "、".join(self[code] for code in value) if isinstance(value, list) else self[value or ""]


_LEVEL = {6: slice(4, 6), 9: slice(6, 9), 12: slice(9, 12)}  # the digits of district, street, community


def _place(code: str | None, length: int) -> str:
    """The division with the first `length` digits of `code`; "" for none, and where `code` is of a higher level."""
    if not code or not code[_LEVEL[length]].strip("0"):
        return ""
    return code[:length].ljust(12, "0")


def _learn_places(names: dict[str, str], own: list[OfPerson], found: dict[int, tuple[Any, ...]]) -> None:
    """Look up the names of the places in `found` that are not known yet."""
    wanted = {
        _place(row[number], column.place)
        for number, column in enumerate(own)
        if column.place
        for row in found.values()
    } - {"", *names}
    if wanted:
        rows = Division.objects.filter(pk__in=wanted).values_list("pk", "short_name", "name")
        names |= dict.fromkeys(wanted, "") | {pk: short or name for pk, short, name in rows}
