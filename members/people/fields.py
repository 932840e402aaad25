"""Which side may write which field of a person, and how a value is cleaned (docs/rules.md, P1 and P4)."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from huifeng.codes import labels
from huifeng.errors import RuleBroken

from . import id_numbers, phones, shredding
from .models import Retiree

UNIT_OWNS = frozenset({
    "name", "former_name", "sex", "birth_date", "ethnicity", "native_place", "id_number", "kind",
    "retired_on", "joined_work_on", "revolution_period", "original_unit", "original_post", "category",
    "rank", "treatment", "retired_before_scheme", "political_status", "party_joined_on", "education",
    "title", "household_address", "resettled_on", "resettled_to",
})  # fmt: skip
PERSON_MAY = frozenset({
    "phone", "landline", "residence_address", "emergency_name", "emergency_relation", "emergency_phone",
    "interests", "skills", "needs", "joins_community_party_life",
})  # fmt: skip
HELPER_MAY = PERSON_MAY - {"phone"}  # else a helper could answer the next request for consent
COMMUNITY_OWNS = PERSON_MAY | {"living_situation", "health", "mobility"}
BUREAU_SETS = frozenset(["statistics_flag", "is_restricted"])

CODE_LISTS = {
    "ethnicity": "ethnicity",
    "revolution_period": "revolution_period",
    "category": "person_category",
    "rank": "rank",
    "treatment": "treatment",
    "political_status": "political_status",
    "emergency_relation": "relation",
    "living_situation": "living_situation",
    "education": "education",
    "interests": "interest",
    "health": "health",
    "mobility": "mobility",
    "needs": "need",
}
SEALED = frozenset(["id_number", "phone", "emergency_phone"])

# F1 of the registration form: what it stars, and what makes a record complete.
STARRED = (
    "name", "sex", "birth_date", "id_number", "phone", "kind", "retired_on", "original_unit", "rank",
    "political_status",
)  # fmt: skip
COMPLETE = (
    *STARRED, "ethnicity", "native_place", "original_post", "category", "joined_work_on", "education",
    "emergency_name", "emergency_phone", "residence_address", "living_situation", "health",
)  # fmt: skip


def title(name: str) -> str:
    """The Chinese title of a field."""
    return str(_column(name).verbose_name)


def _column(name: str) -> "models.Field[Any, Any]":
    field = Retiree._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is no column")
    return field


def completeness(retiree: Retiree) -> tuple[float, list[str]]:
    """How much of the registration form is filled (0 to 1), and the titles of what is missing."""
    missing = [name for name in COMPLETE if not getattr(retiree, name)]
    return 1 - len(missing) / len(COMPLETE), [title(name) for name in missing]


def missing_for_confirmation(retiree: Retiree) -> list[tuple[str, str]]:
    """(field, title) of empty starred fields: at confirmation each is filled, or left with words why."""
    return [(name, title(name)) for name in STARRED if not getattr(retiree, name)]


def clean(values: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """`values` in the form they are kept; ValidationError by field when one is wrong.

    A field outside `allowed` raises RuleBroken: the other side owns it. "" clears a field.
    """
    beyond = [name for name in values if name not in allowed]
    if beyond:
        titles = "、".join(title(name) for name in beyond)
        raise RuleBroken(f"{titles}由另一方管理，请提出更正建议。", code="not_owner")
    kept, errors = {}, {}
    for name, value in values.items():
        try:
            kept[name] = _clean_value(name, value)
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return kept


def cleaned(values: Mapping[str, Any], allowed: Collection[str]) -> dict[str, Any]:
    """As `clean`, but the first wrong value is a RuleBroken: for actions, whose callers checked before."""
    try:
        return clean(values, allowed)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise RuleBroken(f"{title(name)}：{messages[0]}", code=f"field_{name}") from error


def _clean_value(name: str, value: Any) -> Any:
    field = _column(name)
    if name == "id_number":
        return id_numbers.clean(value)
    if name in ("phone", "emergency_phone"):
        return phones.clean(value)
    if isinstance(value, str):
        value = value.strip()
    if isinstance(field, models.DateField | models.BooleanField) and value == "":
        value = None
    if name in CODE_LISTS and not isinstance(field, models.CharField):
        value = list(dict.fromkeys(value))
    for code in _codes(name, value):
        if not labels.is_known(CODE_LISTS[name], code):
            raise ValidationError("不在可选范围里，请从列表里选一项", code="code_unknown")
    if name == "name" and not value:
        raise ValidationError("请填姓名", code="required")
    return field.clean(value, None)


def _codes(name: str, value: Any) -> list[str]:
    """The codes to look for in the field's list."""
    if name not in CODE_LISTS or not value:
        return []
    return [value] if isinstance(value, str) else list(value)


def check_agreement(retiree: Retiree) -> None:
    """Raise RuleBroken when the ID number, sex, birth date, kind and first working day contradict each other.

    An empty sex or birth date is read from the ID number. Source: docs/rules.md, P4.
    """
    if retiree.id_number:
        retiree.birth_date = retiree.birth_date or id_numbers.birth_date(retiree.id_number)
        retiree.sex = retiree.sex or id_numbers.sex(retiree.id_number)
        if retiree.birth_date != id_numbers.birth_date(retiree.id_number):
            raise RuleBroken("出生日期和身份证号对不上，请对着身份证改正。", code="birth_disagrees")
        if retiree.sex != id_numbers.sex(retiree.id_number):
            raise RuleBroken("性别和身份证号对不上，请对着身份证改正。", code="sex_disagrees")
    if retiree.kind == Retiree.Kind.LIXIU and retiree.joined_work_on[:7] > "1949-09":
        raise RuleBroken(
            "离休干部应在 1949 年 9 月 30 日以前参加革命工作，请核对类型或时间。", code="kind_disagrees"
        )


def take(retiree: Retiree, values: Mapping[str, Any]) -> frozenset[str]:
    """Put cleaned `values` on the person, with their indexes; the names of what changed. Does not save."""
    changed = frozenset(name for name, value in values.items() if getattr(retiree, name) != value)
    for name in changed:
        if name == "id_number":
            retiree.set_id_number(values[name])
        elif name == "phone":
            retiree.set_phone(values[name])
        else:
            setattr(retiree, name, values[name])
    return changed


def for_audit(retiree: Retiree, names: Collection[str]) -> dict[str, Any]:
    """The values of `names` as the audit may keep them: of sealed values the last four characters only, and what
    tells who somebody is so that an erasure reaches it.
    """
    return {
        name: shredding.value(
            name, retiree.pk, retiree.audit_secret, _for_audit(name, getattr(retiree, name))
        )
        for name in sorted(names)
    }


def _for_audit(name: str, value: Any) -> Any:
    if name in SEALED:
        return f"…{value[-4:]}" if value else ""
    return value if value is None or isinstance(value, str | bool | int | list) else str(value)
