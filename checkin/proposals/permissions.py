"""Who may propose and who may answer. Lists filter by `ChangeProposal.objects.visible_to(user)`."""

from collections.abc import Collection

from django.db import models

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people import fields
from members.people.models import Retiree
from members.people.permissions import (
    is_helper_of,
    may_act_for,
    may_edit_contact,
    may_edit_unit_fields,
    may_see,
)

from .models import IN_WORDS, UNSEEN_BY_COMMUNITY, UNSEEN_BY_UNIT, ChangeProposal

Kind = Organisation.Kind


def person_writes(user: User, retiree: Retiree, field: str) -> bool:
    """Whether the person, or a helper for the person, writes the field directly (docs/rules.md, P1)."""
    if not may_act_for(user, retiree):
        return False
    return field in (fields.HELPER_MAY if is_helper_of(user, retiree) else fields.PERSON_MAY)


def staff_writes(user: User, retiree: Retiree, field: str) -> bool:
    """Whether `user` writes the field directly as staff: then there is nothing to propose (P1)."""
    if field == IN_WORDS or field in fields.UNIT_OWNS:
        return may_edit_unit_fields(user, retiree)
    return may_edit_contact(user, retiree)


def may_propose(user: User, retiree: Retiree, field: str, organisation: Organisation | None = None) -> bool:
    """Whoever sees the person and is shown the field: the person, a helper, or staff for `organisation`.

    A helper never proposes the mobile phone: consent is asked there (P1). The system proposes for an
    organisation whose own system said so.
    """
    if organisation is not None:
        shown = field not in unseen_by(organisation)
        if is_system(user):
            return shown
        return shown and organisation.pk in standing_of(user).organisation_ids and may_see(user, retiree)
    if not may_act_for(user, retiree):
        return False
    return field != "phone" or not is_helper_of(user, retiree)


def unseen_by(organisation: Organisation) -> frozenset[str]:
    """The fields this organisation's screens do not hold. A street oversees its area on a bureau's screens."""
    if organisation.kind in (Kind.BUREAU, Kind.STREET):
        return frozenset()
    if organisation.kind == Kind.UNIT:
        return UNSEEN_BY_UNIT
    return UNSEEN_BY_COMMUNITY


def may_decide(user: User, proposal: ChangeProposal) -> bool:
    """The side that owns the field now; never who proposed it, nobody about oneself or whom one helps (P12)."""
    retiree = proposal.retiree
    if proposal.proposed_by_id == user.pk or retiree.user_id == user.pk or is_helper_of(user, retiree):
        return False
    return staff_writes(user, retiree, proposal.field)


def may_withdraw(user: User, proposal: ChangeProposal) -> bool:
    """Who proposed it; for the person's own also the person and helpers; colleagues for an organisation's."""
    if is_system(user) or proposal.proposed_by_id == user.pk:
        return True
    if proposal.organisation_id is not None:
        return proposal.organisation_id in standing_of(user).organisation_ids
    return may_act_for(user, proposal.retiree)


def people_of_units(unit_ids: Collection[int]) -> models.QuerySet[ChangeProposal, int]:
    """Whose open proposals lie on the desk of one of the units: they are locked before the units are."""
    return ChangeProposal.objects.open().filter(desk__in=unit_ids).values_list("retiree_id", flat=True)
