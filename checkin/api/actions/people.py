"""What another system says of one person: each field goes where it belongs. Source: docs/rules.md, A6 and A7."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from checkin.proposals import actions as proposals
from checkin.proposals.models import ChangeProposal
from checkin.proposals.permissions import staff_writes
from checkin.record.actions.revealing import reveal as reveal_person
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people import actions as people
from members.people import fields
from members.people.actions.changing import check_version
from members.people.models import Retiree
from members.people.permissions import may_see

from .. import shown
from ..models import ApiToken


class Outcome(models.TextChoices):
    CHANGED = "changed", "已改"
    PROPOSED = "proposed", "已提出更正建议"
    UNCHANGED = "unchanged", "本来就是这样"


@dataclass(frozen=True)
class Changed:
    """The person afterwards, what became of each field, and the proposals that were made of it."""

    person: Retiree
    outcomes: dict[str, Outcome]
    proposals: list[int]


@transaction.atomic
def change_person(
    retiree_id: int, values: Mapping[str, Any], *, token: ApiToken, version: int, why: str = ""
) -> Changed:
    """Write what the token's organisation owns and propose the rest.

    `version`: of the person as the other system read it; a later one is refused. `why`: needed where something
    becomes a proposal. Repeating it with the new version changes nothing. Raises Retiree.DoesNotExist,
    PermissionDenied (who does not see the person), RuleBroken (stale, a field this side is not shown, wrong value,
    a proposal without words).
    """
    by = token.account
    retiree = Retiree.objects.locked(retiree_id)
    require(may_see(by, retiree))
    check_version(retiree, version)
    _refuse_unseen(values, token)
    clean = fields.cleaned(values, fields.UNIT_OWNS | fields.COMMUNITY_OWNS)
    new = {name: value for name, value in clean.items() if getattr(retiree, name) != value}
    ours = {name: value for name, value in new.items() if staff_writes(by, retiree, name)}
    of_unit = {name: value for name, value in ours.items() if name in fields.UNIT_OWNS}
    of_contact = {name: value for name, value in ours.items() if name not in fields.UNIT_OWNS}
    if of_unit:
        retiree = people.update_unit_fields(retiree_id, of_unit, by=by)
    if of_contact:
        retiree = people.correct_contact(retiree_id, of_contact, by=by)
    rest = {name: value for name, value in new.items() if name not in ours}
    proposals = _propose(retiree_id, rest, token=token, why=why) if rest else []
    outcomes = dict.fromkeys(clean, Outcome.UNCHANGED) | dict.fromkeys(ours, Outcome.CHANGED)
    return Changed(retiree, outcomes | dict.fromkeys(rest, Outcome.PROPOSED), proposals)


def _refuse_unseen(values: Mapping[str, Any], token: ApiToken) -> None:
    unseen = sorted(set(values) - shown.fields_for(token.organisation))
    if unseen:
        titles = "、".join(fields.title(name) for name in unseen)
        raise RuleBroken(f"{titles}不在贵方的查看范围里，不能改，也不能提更正建议。", code="field_not_shown")


def _propose(retiree_id: int, values: Mapping[str, Any], *, token: ApiToken, why: str) -> list[int]:
    made = proposals.propose(
        retiree_id,
        values,
        why=why,
        by=token.account,
        organisation_id=token.organisation_id,
        source=ChangeProposal.Source.SYSTEM,
    )
    return [proposal.pk for proposal in made]


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


def note_look(retiree: Retiree, *, token: ApiToken) -> None:
    """A system read one person, numbers masked; the person reads it too."""
    note = f"对接系统：{token.name}"
    with audit.of_looks():
        audit.record(
            "api.viewed", retiree, by=token.account, organisation_id=token.organisation_id, note=note
        )


def note_list(token: ApiToken, what: str, count: int) -> None:
    """A system fetched a page of `what`; nothing is written down of an empty one, which is asked for every minute."""
    if not count:
        return
    after = {"page": f"api:{what}", "count": count}
    with audit.of_looks():
        audit.record(
            "api.listed", token, by=token.account, organisation_id=token.organisation_id, after=after
        )
