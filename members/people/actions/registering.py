"""People who are in no roster that we found: they register alone, or at a counter."""

from dataclasses import dataclass

from django.db import IntegrityError, models, transaction

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import fields, id_numbers, notices, pinyin, registry
from ..models import IdentityClaim, Retiree
from ..permissions import may_register_at_counter
from .linking import link


class PersonKind(models.TextChoices):
    """What people say they are; the last two are looked after elsewhere."""

    LIXIU = "lixiu", "离休干部"
    TUIXIU = "tuixiu", "退休干部"
    ARMY = "army", "军休干部"
    ENTERPRISE = "enterprise", "企业退休人员"


OTHER_OFFICES = {
    PersonKind.ARMY: "军休干部由区退役军人事务局的军休服务机构服务，请到那里办理。",
    PersonKind.ENTERPRISE: "企业退休人员由居住地街道的人社服务中心（社会化管理服务）服务，请到那里办理。",
}


class Outcome(models.TextChoices):
    LINKED = "linked", "已找到本人"
    CLAIMED = "claimed", "已登记，待单位核实"
    TO_BE_VERIFIED = "to_be_verified", "请等工作人员打电话核实"


@dataclass(frozen=True)
class Registration:
    """How a registration ended. `retiree` is None while staff still have to verify who it is."""

    outcome: Outcome
    retiree: Retiree | None
    claim: IdentityClaim | None = None


@as_program("an ID number leads to a person the account does not reach yet")
@transaction.atomic
def register_self(
    *,
    name: str,
    id_number: str,
    kind_of_person: str,
    by: User,
    unit_id: int | None = None,
    unit_words: str = "",
) -> Registration:
    """A logged-in person says who they are. Repeating it gives the same answer and changes nothing.

    The ID number is new: a person of standing `claimed`, linked to the account. It is in the register with
    the account's phone and the same name: that person. Else a claim that staff decide after a call; the
    claimant learns nothing of the register. Raises RuleBroken (wrong value, looked after elsewhere). Source:
    docs/rules.md, P7.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    values = _clean(name, id_number, kind_of_person)
    mine = Retiree.objects.filter(user=user).first()
    if mine is not None:
        return _answer_again(mine, values["id_number"])
    known, is_new = _known_or_provisional({**values, "phone": user.phone}, unit_id, unit_words, by=user)
    if is_new:
        link(known, user, by=user)
        return Registration(Outcome.CLAIMED, known)
    if known.user_id is None and known.died_on is None and _same_person(known, user, values["name"]):
        link(known, user, by=user)
        return Registration(Outcome.LINKED, known)
    claim = _claim(known, user, values, unit_words)
    return Registration(Outcome.TO_BE_VERIFIED, None, claim)


@as_program("an ID card at the counter leads to a person of any unit")
@transaction.atomic
def register_at_counter(
    *,
    name: str,
    id_number: str,
    kind_of_person: str,
    by: User,
    phone: str = "",
    unit_id: int | None = None,
    unit_words: str = "",
) -> Retiree:
    """Staff have the person's ID card before them: the person of the register, or a new one of standing
    `claimed`.

    Raises PermissionDenied, RuleBroken (wrong value, looked after elsewhere, the name in the register is
    another).
    Source: docs/rules.md, P7.
    """
    require(may_register_at_counter(by))
    values = _clean(name, id_number, kind_of_person) | fields.cleaned({"phone": phone}, ["phone"])
    known, is_new = _known_or_provisional(values, unit_id, unit_words, by=by)
    if is_new:
        return known
    if known.name != values["name"]:
        raise RuleBroken("这个身份证号登记的姓名和这里不同，请对着身份证核对姓名。", code="name_disagrees")
    audit.record("retiree.identified", known, by=by)
    return known


def _clean(name: str, id_number: str, kind_of_person: str) -> dict[str, str]:
    if kind_of_person in OTHER_OFFICES:
        raise RuleBroken(OTHER_OFFICES[PersonKind(kind_of_person)], code="other_office")
    values = fields.cleaned({"name": name, "id_number": id_number, "kind": kind_of_person}, fields.UNIT_OWNS)
    if not values["id_number"]:
        raise RuleBroken("身份证号：请填身份证号", code="field_id_number")
    return values


def _known(id_number: str) -> Retiree | None:
    found = Retiree.objects.with_id_number(id_number).values_list("pk", flat=True).first()
    return Retiree.objects.locked(found) if found else None


def _known_or_provisional(
    values: dict[str, str], unit_id: int | None, unit_words: str, *, by: User
) -> tuple[Retiree, bool]:
    """The person with the ID number, locked, and whether they were entered just now."""
    known = _known(values["id_number"])
    if known is not None:
        return known, False
    unit = Organisation.objects.get(pk=unit_id) if unit_id else None
    made = _provisional(values, unit, unit_words, by=by)
    if made is not None:
        return made, True
    return Retiree.objects.locked(Retiree.objects.with_id_number(values["id_number"]).get().pk), False


def _answer_again(mine: Retiree, id_number: str) -> Registration:
    if mine.id_number and mine.id_number != id_number:
        raise RuleBroken("您的账号已经登记了另一个身份证号，请打电话给社区更正。", code="registered")
    outcome = Outcome.CLAIMED if mine.standing == Retiree.Standing.CLAIMED else Outcome.LINKED
    return Registration(outcome, mine)


def _same_person(known: Retiree, user: User, name: str) -> bool:
    return bool(user.phone) and known.phone == user.phone and known.name == name


def _provisional(
    values: dict[str, str], unit: Organisation | None, unit_words: str, *, by: User
) -> Retiree | None:
    """A new person no unit vouches for; None when somebody else entered the same ID number just now."""
    if unit is None and not unit_words.strip():
        raise RuleBroken("原工作单位：请选单位，或写下单位名称", code="field_unit")
    retiree = Retiree(
        standing=Retiree.Standing.CLAIMED,
        name_pinyin=pinyin.spell(values["name"]),
        claimed_unit=unit,
        original_unit=unit.name if unit else unit_words.strip()[:100],
    )
    fields.take(retiree, values)
    fields.check_agreement(retiree)
    try:
        with transaction.atomic():
            retiree.save()
    except IntegrityError:
        return None
    audit.record("retiree.registered", retiree, by=by, after=fields.for_audit(retiree, values))
    return retiree


def _claim(known: Retiree, user: User, values: dict[str, str], unit_words: str) -> IdentityClaim:
    """Ask staff who this is: the managing unit, or its bureau when the unit has no desk here."""
    before = IdentityClaim.objects.filter(user=user, state=IdentityClaim.State.OPEN).first()
    if before is not None:
        return before
    desk = registry.units.responsible_organisation(known)
    if desk.is_external:
        desk = registry.units.bureau_for(known.residence_id)
    claim = IdentityClaim.objects.create(
        user=user,
        retiree=known,
        desk=desk,
        name=values["name"],
        birth_month=id_numbers.birth_month(values["id_number"]),
        unit_words=unit_words.strip()[:100],
        phone=user.phone,
    )
    audit.record("identity_claim.opened", claim, by=user, organisation_id=desk.pk)
    notices.claim_opened(claim)
    return claim
