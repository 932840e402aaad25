"""Who may do what with a person. Lists filter by `Retiree.objects.visible_to(user)`."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User

from . import registry
from .models import Death, Helper, HelperRequest, IdentityClaim, Retiree, bureau_areas


def is_helper_of(user: User, retiree: Retiree) -> bool:
    return Helper.objects.filter(user=user, retiree=retiree, ended_at=None).exists()


def may_act_for(user: User, retiree: Retiree) -> bool:
    """Do as the retiree would: oneself, or an active helper, while the person lives."""
    return retiree.died_on is None and (_is_self(user, retiree) or is_helper_of(user, retiree))


def may_see(user: User, retiree: Retiree) -> bool:
    return Retiree.objects.visible_to(user).filter(pk=retiree.pk).exists()


def may_act_for_unit(user: User, unit: Organisation) -> bool:
    """Speak for a unit: its staff, and the bureau that oversees it. For a unit outside, any bureau."""
    if is_system(user):
        return True
    standing = standing_of(user)
    areas = bureau_areas(standing)
    if unit.division_id is None:
        return bool(areas)
    return unit.pk in standing.organisation_ids or _within(unit.division_id, areas)


def acts_as_community(user: User, retiree: Retiree) -> bool:
    """Staff of the community the person lives in, or of one that holds a check-in of the person."""
    standing = standing_of(user)
    communities = {pk for find in registry.communities_of for pk in find(retiree)}
    if retiree.residence_id:
        home = Organisation.objects.filter(kind=Organisation.Kind.COMMUNITY, division_id=retiree.residence_id)
        communities.update(home.values_list("pk", flat=True))
    return not standing.organisation_ids.isdisjoint(communities)


def oversees(user: User, retiree: Retiree) -> bool:
    """A bureau whose area the person lives in, or whose area has the person's unit."""
    areas = bureau_areas(standing_of(user))
    if not areas:
        return False
    answering = registry.units.responsible_organisation(retiree)
    if answering.division_id is None:
        answering = registry.units.bureau_for(retiree.residence_id)
    return _within(retiree.residence_id, areas) or _within(answering.division_id, areas)


def may_edit_unit_fields(user: User, retiree: Retiree) -> bool:
    """The side that owns what a unit knows: the responsible organisation, or a bureau above it.

    For people of a unit outside, also the community: it types what the paper says. Source: docs/rules.md, P1.
    """
    if is_system(user):
        return True
    if _hidden_from(user, retiree):
        return False
    answering = registry.units.responsible_organisation(retiree)
    if answering.pk in standing_of(user).organisation_ids or oversees(user, retiree):
        return True
    return answering.is_external and acts_as_community(user, retiree)


def may_edit_contact(user: User, retiree: Retiree) -> bool:
    """Correct phone, address, whom to call: the person, a helper, the community, a bureau above.

    The unit too, while neither an account nor a community has taken these over. Source: docs/rules.md, P1.
    """
    if is_system(user) or may_act_for(user, retiree):
        return True
    if _hidden_from(user, retiree):
        return False
    if acts_as_community(user, retiree) or oversees(user, retiree):
        return True
    return nobody_owns_contact(retiree) and may_edit_unit_fields(user, retiree)


def nobody_owns_contact(retiree: Retiree) -> bool:
    communities = [pk for find in registry.communities_of for pk in find(retiree)]
    return retiree.user_id is None and retiree.residence_id is None and not communities


def may_set_flags(user: User, retiree: Retiree) -> bool:
    return is_system(user) or oversees(user, retiree)


def may_settle(user: User, retiree: Retiree, code: str | None) -> bool:
    """Write where the person lives: staff of the community there, and who oversees it.

    Without `code` (outside the city): whoever may edit what the unit knows.
    """
    if is_system(user):
        return True
    if code is None:
        return may_edit_unit_fields(user, retiree)
    standing = standing_of(user)
    community = Organisation.objects.filter(
        pk__in=standing.organisation_ids, kind=Organisation.Kind.COMMUNITY, division_id=code
    )
    return standing.oversees(code) or community.exists()


def may_register_at_counter(user: User) -> bool:
    """Anybody who works for an organisation: people walk in everywhere."""
    return is_system(user) or bool(standing_of(user).organisation_ids)


def may_vouch(user: User, retiree: Retiree, unit: Organisation) -> bool:
    """Say that somebody belongs to `unit`: the unit; for one outside, the community that saw the paper."""
    if _is_self(user, retiree) or is_helper_of(user, retiree):
        return False  # nobody vouches for oneself, not even the unit's clerk
    if may_act_for_unit(user, unit):
        return True
    return unit.is_external and acts_as_community(user, retiree)


def may_decide_claim(user: User, claim: IdentityClaim) -> bool:
    """The desk and a bureau above it; never the claimant."""
    if is_system(user):
        return True
    if claim.user_id == user.pk:
        return False
    standing = standing_of(user)
    at_desk = claim.desk_id in standing.organisation_ids and not _hidden_from(user, claim.retiree)
    return at_desk or _within(claim.desk.division_id, bureau_areas(standing))


def may_decide_helping(user: User, request: HelperRequest) -> bool:
    """Staff of either side call the elder, never who asks. A request for nobody runs out undecided."""
    return request.retiree is not None and request.user_id != user.pk and is_staff_for(user, request.retiree)


def may_stop_helper(user: User, helper: Helper) -> bool:
    return helper.user_id == user.pk or _is_self(user, helper.retiree) or is_staff_for(user, helper.retiree)


def is_staff_for(user: User, retiree: Retiree) -> bool:
    """Staff of either side: the community, the responsible organisation, or a bureau above."""
    if is_system(user):
        return True
    if _hidden_from(user, retiree):
        return False
    answering = registry.units.responsible_organisation(retiree)
    mine = standing_of(user).organisation_ids
    return answering.pk in mine or acts_as_community(user, retiree) or oversees(user, retiree)


def may_decide_death(user: User, death: Death) -> bool:
    """Confirm, dismiss or undo a death: the unit's side, as for everything the unit owns."""
    return may_edit_unit_fields(user, death.retiree)


def _is_self(user: User, retiree: Retiree) -> bool:
    return retiree.user_id is not None and retiree.user_id == user.pk


def _hidden_from(user: User, retiree: Retiree) -> bool:
    """A restricted person is a bureau's business only."""
    return retiree.is_restricted and not oversees(user, retiree)


def _within(code: str | None, areas: tuple[str, ...]) -> bool:
    return bool(code) and any(str(code).startswith(area) for area in areas)
