"""Reading the people of a list: a handful of queries for each CHUNK of them, never one for each."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db.models import BooleanField, F, FilteredRelation, Func, Q, QuerySet, Value

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
    places = {column.key: _Places(column.place) for column in own if column.place}
    shows = [places[column.key].show if column.place else _show(column, full) for column in own]
    at = _positions(keys, own, upper)
    done = 0
    for chunk in batched(people, CHUNK, strict=False):
        found = _of_persons(chunk, own)
        for number, column in enumerate(own):
            if column.place:
                places[column.key].learn({row[number] for row in found.values()})
        more = [(group.values(chunk, by), [""] * len(group.columns)) for group in upper]
        for pk in chunk:
            cells = [show(value) for show, value in zip(shows, found[pk], strict=True)]
            for values, none in more:
                cells += values.get(pk, none)
            yield [cells[place] for place in at]
        done += len(chunk)
        told(done)


class among(Func):  # noqa: N801  # read as a word in filter(among("pk", people))
    """Whether a field is one of `people`: as one array, since thousands of values in IN are slow to send."""

    template, arg_joiner = "%(expressions)s::bigint[])", " = ANY("
    output_field = BooleanField()

    def __init__(self, field: str, people: Collection[int], **extra: Any):
        super().__init__(F(field), Value(f"{{{','.join(map(str, people))}}}"), **extra)


def _positions(keys: Sequence[str], own: list[OfPerson], upper: list[registry.Group]) -> list[int]:
    """Where each of `keys` stands when the person's own columns come first and whole groups after them."""
    order = [column.key for column in own] + [group.key(c) for group in upper for c in group.columns]
    place = {key: number for number, key in enumerate(order)}
    return [place[key] for key in keys]


def _of_persons(chunk: Sequence[int], own: list[OfPerson]) -> dict[int, tuple[Any, ...]]:
    people: RetireeQuerySet = Retiree.objects.filter(among("pk", chunk))
    if any(column.field.startswith("managing__") for column in own):
        people = people.annotate(
            managing=FilteredRelation("memberships", condition=Q(memberships__valid_until=None))
        )
    fields = [column.field for column in own]
    return {row[0]: row[1:] for row in people.values_list("pk", *fields)}


def _show(column: OfPerson, full: bool) -> Show:
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


class _Places(dict[str | None, str]):
    """The district, street or community that the code of a residence lies in, by its name."""

    LEVEL = {6: slice(4, 6), 9: slice(6, 9), 12: slice(9, 12)}  # the digits of district, street, community

    def __init__(self, length: int):
        super().__init__({None: ""})
        self.length = length
        self.show = self.__getitem__

    def learn(self, codes: Iterable[str | None]) -> None:
        """Look up the names for `codes` that are not known yet; "" where a code is of a higher level."""
        wanted = {code: self._place(code) for code in codes if code is not None and code not in self}
        if wanted:
            rows = Division.objects.filter(pk__in=set(wanted.values()) - {""})
            names = {pk: short or name for pk, short, name in rows.values_list("pk", "short_name", "name")}
            self.update({code: names.get(place, "") for code, place in wanted.items()})

    def _place(self, code: str) -> str:
        own_digits = code[self.LEVEL[self.length]]
        return code[: self.length].ljust(12, "0") if own_digits.strip("0") else ""
