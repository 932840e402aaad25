"""Who may do what with an activity. Lists filter by `Activity.objects.visible_to(user)`."""

from datetime import date

from django.db.models import Q

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people import registry
from members.people.models import Retiree
from members.people.permissions import may_act_for, may_see
from members.units.models import UnitMembership

from .models import Activity

Kind = Organisation.Kind


def may_organise(user: User, organisation: Organisation) -> bool:
    """Hold activities and keep venues for an organisation: whoever works there."""
    return is_system(user) or organisation.pk in standing_of(user).organisation_ids


def may_run(user: User, activity: Activity) -> bool:
    """Change, tick, cancel, print, export: the organiser's staff."""
    return may_organise(user, activity.organiser)


def may_read(user: User, activity: Activity) -> bool:
    """Read it with its names: the organiser, and who oversees the place where it is held."""
    return may_run(user, activity) or standing_of(user).oversees(activity.division_id)


def may_sign_up(user: User, retiree: Retiree, activity: Activity) -> bool:
    """The person or a helper; the organiser's staff for people they see (by phone, at the door, from paper)."""
    return may_act_for(user, retiree) or (may_run(user, activity) and may_see(user, retiree))


def may_keep_places(user: User) -> bool:
    """The figures of an area are the bureaus' and streets'."""
    return bool(standing_of(user).areas)


def codes_of(retiree: Retiree) -> list[str]:
    """The places the person belongs to: home and community of the check-in, with all above them."""
    communities = {pk for find in registry.communities_of for pk in find(retiree)}
    offices = Organisation.objects.filter(pk__in=communities).values_list("division_id", flat=True)
    codes = {*offices, retiree.residence_id}
    widths = sorted(set(Division.PREFIX.values()))
    return sorted({code[:width].ljust(12, "0") for code in codes if code for width in widths})


def meant_for(retiree: Retiree, on: date) -> Q:
    """A condition on activities: those that are for this person, age aside. Source: docs/rules.md, T3."""
    units = UnitMembership.objects.open().filter(retiree=retiree).values("unit")
    branches = retiree.affiliations.filter(Q(valid_until=None) | Q(valid_until__gt=on))
    return (
        Q(audience=Activity.Audience.AREA, area__in=codes_of(retiree))
        | Q(audience=Activity.Audience.UNIT, organiser__in=units)
        | Q(audience=Activity.Audience.BRANCH, branch__in=branches.values("organisation"))
    )
