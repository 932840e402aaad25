"""Two rows side by side: field by field, and what hangs on each."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from huifeng.codes import labels
from huifeng.display import words
from members.party.models import PartyAffiliation
from members.people import fields, registry
from members.people.models import Helper, Retiree
from members.units.models import UnitMembership

from .plan import is_empty

OTHERS = ("phone", "landline", "residence_address", "emergency_name", "emergency_phone", "living_situation")


@dataclass(frozen=True)
class Line:
    """One line: what each row says. `verdict`: same, differs, one (of both is empty), "" where none is given."""

    title: str
    first: list[str]
    second: list[str]
    verdict: str = ""
    sealed: bool = False


@dataclass(frozen=True)
class Compared:
    """The lines of the page, and which row is suggested to stay."""

    data: list[Line] = field(default_factory=list)
    hanging: list[Line] = field(default_factory=list)
    suggested: Retiree | None = None


def compare(first: Retiree, second: Retiree) -> Compared:
    """Everything the clerk needs to decide, ID numbers and phones masked. A fixed number of queries."""
    names = [f.name for f in Retiree._meta.concrete_fields if f.name in fields.UNIT_OWNS or f.name in OTHERS]
    data = [
        Line(
            fields.title(name),
            _listed(in_words(first, name)),
            _listed(in_words(second, name)),
            _verdict(first, second, name),
            name in fields.SEALED,
        )
        for name in names
        if not (is_empty(first, name) and is_empty(second, name))
    ]
    told = [ask([first, second]) for ask in registry.told_of]
    hanging = [Line(known[first.pk].title, known[first.pk].lines, known[second.pk].lines) for known in told]
    hanging += [
        _line("单位关系", first, second, _memberships(first, second)),
        _line("党组织关系", first, second, _affiliations(first, second)),
        _line("家人帮办", first, second, _helpers(first, second)),
        Line("登录账号", [_account(first)], [_account(second)]),
        Line("登记时间", [_entered(first)], [_entered(second)]),
    ]
    in_force = {pk for known in told for pk in known if known[pk].in_force}
    return Compared(data, hanging, _suggested(first, second, in_force))


def in_words(retiree: Retiree, name: str) -> str:
    """The value of a field as staff read it; ID number and phones masked."""
    value: Any = getattr(retiree, name)
    if value is None or value == "":
        return ""
    if name == "id_number":
        return words.mask_id(value)
    if name in fields.SEALED or name == "landline":
        return words.mask_phone(value)
    if name in fields.CODE_LISTS:
        return labels.label(fields.CODE_LISTS[name], value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in ("sex", "kind"):
        return str(getattr(retiree, f"get_{name}_display")())
    if name.endswith(("_on", "_date")):
        return words.day(value)
    return str(value)


def _verdict(first: Retiree, second: Retiree, name: str) -> str:
    if is_empty(first, name) or is_empty(second, name):
        return "one"
    return "same" if getattr(first, name) == getattr(second, name) else "differs"


def _suggested(first: Retiree, second: Retiree, in_force: set[int]) -> Retiree:
    """Who is checked in, else who has an account, else the older row."""
    return min(
        (first, second), key=lambda row: (row.pk not in in_force, row.user_id is None, row.created_at, row.pk)
    )


def _line(title: str, first: Retiree, second: Retiree, lines: dict[int, list[str]]) -> Line:
    return Line(title, lines.get(first.pk, []), lines.get(second.pk, []))


def _memberships(*people: Retiree) -> dict[int, list[str]]:
    rows = UnitMembership.objects.filter(retiree__in=people).select_related("unit").order_by("-valid_from")
    found: dict[int, list[str]] = {}
    for row in rows:
        until = f"至 {words.day(row.valid_until)}（不含）" if row.valid_until else "至今"
        found.setdefault(row.retiree_id, []).append(f"{row.unit.name}，{words.day(row.valid_from)}{until}")
    return found


def _affiliations(*people: Retiree) -> dict[int, list[str]]:
    rows = PartyAffiliation.objects.filter(retiree__in=people, valid_until=None).select_related(
        "organisation"
    )
    found: dict[int, list[str]] = {}
    for row in rows.order_by("pk"):
        said = f"{row.organisation.name}，{row.get_kind_display()}"
        found.setdefault(row.retiree_id, []).append(
            said + (f"，{row.get_post_display()}" if row.post else "")
        )
    return found


def _helpers(*people: Retiree) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in Helper.objects.filter(retiree__in=people, ended_at=None).order_by("pk"):
        said = f"{row.name}（{labels.label('relation', row.relation)}）"
        found.setdefault(row.retiree_id, []).append(said)
    return found


def _account(row: Retiree) -> str:
    return "有" if row.user_id is not None else "没有"


def _entered(row: Retiree) -> str:
    return words.day(timezone.localdate(row.created_at))


def _listed(text: str) -> list[str]:
    return [text] if text else []
