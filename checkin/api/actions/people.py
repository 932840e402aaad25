"""What another system says of one person: each field goes where it belongs. Source: docs/rules.md, A6 and A7."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from checkin.record.actions.revealing import reveal as reveal_person
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import require
from members.people import actions as people
from members.people import fields
from members.people.actions.changing import check_version
from members.people.models import Retiree
from members.people.permissions import may_edit_contact, may_edit_unit_fields, may_see

from ..models import ApiToken
from ..receipts import propose


class Outcome(models.TextChoices):
    CHANGED = "changed", "已改"
    PROPOSED = "proposed", "已提出更正建议"
    UNCHANGED = "unchanged", "本来就是这样"


@transaction.atomic
def change_person(
    retiree_id: int, values: Mapping[str, Any], *, token: ApiToken, version: int, why: str = ""
) -> tuple[Retiree, dict[str, Outcome]]:
    """Write what the token's organisation owns and propose the rest; what became of each field.

    `version`: of the person as the other system read it; a later one is refused. Repeating it with the new version
    changes nothing. Raises Retiree.DoesNotExist, PermissionDenied (who does not see the person), RuleBroken
    (stale, wrong value, a proposal without words).
    """
    by = token.account
    retiree = Retiree.objects.locked(retiree_id)
    require(may_see(by, retiree))
    check_version(retiree, version)
    clean = fields.cleaned(values, fields.UNIT_OWNS | fields.COMMUNITY_OWNS)
    new = {name for name, value in clean.items() if getattr(retiree, name) != value}
    of_unit = {name: clean[name] for name in new & fields.UNIT_OWNS}
    of_contact = {name: clean[name] for name in new & fields.COMMUNITY_OWNS}
    written: set[str] = set()
    if of_unit and may_edit_unit_fields(by, retiree):
        retiree = people.update_unit_fields(retiree_id, of_unit, by=by)
        written |= set(of_unit)
    if of_contact and may_edit_contact(by, retiree):
        retiree = people.correct_contact(retiree_id, of_contact, by=by)
        written |= set(of_contact)
    rest = {name: clean[name] for name in new - written}
    if rest:
        propose(retiree_id, rest, why=why, by=by, organisation_id=token.organisation_id)
    outcomes = dict.fromkeys(clean, Outcome.UNCHANGED) | dict.fromkeys(written, Outcome.CHANGED)
    return retiree, outcomes | dict.fromkeys(rest, Outcome.PROPOSED)


def reveal(retiree_id: int, *, token: ApiToken) -> Retiree:
    """ID number and phones in full for a token that may have them; written down for the person to read."""
    return reveal_person(
        retiree_id, by=token.account, why=f"对接系统：{token.name}", organisation_id=token.organisation_id
    )


@transaction.atomic
def look_up(id_number: str, *, token: ApiToken) -> Retiree | None:
    """The person with this ID number among those the organisation sees; None for all others alike.

    Every look-up is written down: of somebody found at the person, else at the token, without the number.
    """
    by: User = token.account
    visible = Retiree.objects.visible_to(by)
    found = visible.filter(pk__in=Retiree.objects.with_id_number(id_number).values("pk")).first()
    audit.record(
        "people.searched" if found else "api_token.searched",
        found or token,
        by=by,
        organisation_id=token.organisation_id,
        note=f"对接系统：{token.name}",
    )
    return found
