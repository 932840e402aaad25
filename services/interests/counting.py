"""爱好需求大数据: what the people an organisation deals with like, need and can do, counted and crossed.

Counted of the living as their files say now. Somebody with three interests counts once in each of the three.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Func, Q, QuerySet

from checkin.record import areas
from communities.organisations.models import Organisation
from huifeng.codes import labels
from members.people.models import Retiree

from .cuts import Columns, Cut


@dataclass(frozen=True)
class Subject:
    """What is counted: the `field` of a person and the code list of its words."""

    field: str
    title: str
    codes: str


SUBJECTS = {
    "interest": Subject("interests", "兴趣爱好", "interest"),
    "need": Subject("needs", "需要的服务", "need"),
}


@dataclass(frozen=True)
class Row:
    """One word: how many people in all, and in each column."""

    code: str
    label: str
    people: int
    cells: list[tuple[str, str, int]]  # value and words of the column, people


@dataclass(frozen=True)
class Table:
    """`answered`: of how many of `people` anything is known."""

    rows: list[Row]
    columns: Columns
    people: int
    answered: int


def people_of(organisation: Organisation) -> QuerySet[Retiree]:
    """The living people the organisation deals with; restricted ones (限制查看) for bureaus only (rules P2)."""
    return areas.reach(organisation).filter(died_on=None)


def table(subject: Subject, cut: Cut, organisation: Organisation, today: date) -> Table:
    """Two queries (and those of the columns), however many people there are."""
    people = people_of(organisation)
    totals = people.aggregate(people=Count("pk"), answered=Count("pk", filter=~Q(**{subject.field: []})))
    counted = (
        people.order_by()
        .annotate(code=Func(F(subject.field), function="unnest"), value=cut.of(organisation, today))
        .values_list("code", "value")
        .annotate(Count("pk"))
    )
    found: dict[str, Counter[str]] = {}
    for code, value, count in counted:
        found.setdefault(code, Counter())[value] += count
    columns = [
        (value, words) for value, words in cut.columns(organisation) if any(c[value] for c in found.values())
    ]
    rows = [
        Row(
            code,
            labels.label(subject.codes, code),
            values.total(),
            [(value, words, values[value]) for value, words in columns],
        )
        for code, values in found.items()
    ]
    rows.sort(key=lambda row: (-row.people, row.label))
    return Table(rows, columns, **totals)


def behind(
    subject: Subject, code: str, cut: Cut | None, value: str, organisation: Organisation, today: date
) -> QuerySet[Retiree]:
    """The people behind a figure: all with the word, or with a `cut` those of one column."""
    people = people_of(organisation).filter(**{f"{subject.field}__contains": [code]})
    if cut is None:
        return people
    return people.alias(value=cut.of(organisation, today)).filter(value=value)


def skilled(words: str, organisation: Organisation) -> QuerySet[Retiree]:
    """Who says of themselves that they can do something that `words` stand in."""
    return people_of(organisation).filter(skills__icontains=words)
