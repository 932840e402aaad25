"""What the columns of a table of interests part people by: sex, age, kind, place."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Expression, F, Func, IntegerField, Value, When
from django.db.models.functions import Left, Substr
from django.db.models.lookups import Exact, LessThan

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from members.people.models import Retiree

UNKNOWN = ("unknown", "没有填")
BANDS = ((60, "under_60", "不满60岁"), (70, "60", "60–69岁"), (80, "70", "70–79岁"), (90, "80", "80–89岁"))
OLDEST = ("90", "90岁及以上")
OTHER = ("other", "别处或没有填")
PART = {4: 6, 6: 9, 9: 12}  # digits of an area's code → of the codes of its parts

type Columns = list[tuple[str, str]]  # values and their words, in order


@dataclass(frozen=True)
class Cut:
    """`of(organisation, today)`: an expression for the value of a person; `columns`: every value there can be."""

    title: str
    of: Callable[[Organisation, date], Expression | F]
    columns: Callable[[Organisation], Columns]


def _age(organisation: Organisation, today: date) -> Expression:
    years = Func(
        Value(today),
        F("birth_date"),
        template="extract(year FROM age(%(expressions)s))::int",
        output_field=IntegerField(),
    )
    bands = [When(LessThan(years, limit), then=Value(key)) for limit, key, _ in BANDS]
    unknown = When(birth_date=None, then=Value(UNKNOWN[0]))
    return Case(unknown, *bands, default=Value(OLDEST[0]), output_field=CharField())


def _place(organisation: Organisation, today: date) -> Expression:
    area = organisation.area
    part = Substr("residence_id", 1, PART[len(area)])
    return Case(When(Exact(Left("residence_id", len(area)), area), then=part), default=Value(OTHER[0]))


def _parts(organisation: Organisation) -> Columns:
    length = PART[len(organisation.area)]
    level = {6: Division.Level.DISTRICT, 9: Division.Level.STREET, 12: Division.Level.COMMUNITY}[length]
    parts = Division.objects.filter(code__startswith=organisation.area, level=level, is_virtual=False)
    return [*((part.code[:length], part.short_name) for part in parts.order_by("code")), OTHER]


CUTS = {
    "sex": Cut("性别", lambda *_: F("sex"), lambda _: list(Retiree.Sex.choices)),
    "age": Cut("年龄", _age, lambda _: [(key, words) for _, key, words in BANDS] + [OLDEST, UNKNOWN]),
    "kind": Cut("类别", lambda *_: F("kind"), lambda _: list(Retiree.Kind.choices)),
    "place": Cut("地区", _place, _parts),
}


def cuts_of(organisation: Organisation) -> dict[str, Cut]:
    """Those that say something to `organisation`: only bureaus and streets have parts of an area."""
    has_parts = organisation.kind in (Organisation.Kind.BUREAU, Organisation.Kind.STREET)
    return {key: cut for key, cut in CUTS.items() if has_parts or key != "place"}
