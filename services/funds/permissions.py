"""Who may do what with funds, applications and month lists."""

from django.db.models import Q, QuerySet

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import is_staff_for, may_act_for
from services.ledger.models import Account

from .models import Application

Kind = Organisation.Kind
KEEPERS = (Kind.BUREAU, Kind.UNIT)


def may_open_fund(user: User, organisation: Organisation) -> bool:
    """A bureau or a unit keeps funds of its own: its staff."""
    return organisation.kind in KEEPERS and organisation.pk in standing_of(user).organisation_ids


def may_keep_fund(user: User, fund: Account) -> bool:
    """Grants, payments, month lists, and reading the entries: staff of the office whose fund it is."""
    return fund.kind == Account.Kind.FUND and fund.organisation_id in standing_of(user).organisation_ids


def funds_for(organisation: Organisation) -> QuerySet[Account]:
    """The funds a community or unit may ask: its own, and those of the bureaus over its place."""
    code = organisation.division_id or ""
    areas = Q(pk__in=[])
    for length in (4, 6):
        areas |= Q(organisation__kind=Kind.BUREAU, organisation__division_id=code[:length].ljust(12, "0"))
    found = Account.objects.filter(areas | Q(organisation=organisation), kind=Account.Kind.FUND)
    return found.select_related("organisation").order_by("-organisation__division_id", "pk")


def may_apply(user: User, retiree: Retiree, organisation: Organisation) -> bool:
    """Staff of either side, for the organisation they work for; nobody for oneself."""
    ours = organisation.pk in standing_of(user).organisation_ids
    return ours and not may_act_for(user, retiree) and is_staff_for(user, retiree)


def may_handle(user: User, application: Application) -> bool:
    """Check, plan, approve, refuse, pay: the office that keeps the fund, nobody on one's own application."""
    return may_keep_fund(user, application.fund) and not may_act_for(user, application.retiree)


def may_file(user: User, application: Application) -> bool:
    """Withdraw and close: who filed it; also the office, and the program at a death."""
    ours = application.organisation_id in standing_of(user).organisation_ids
    return is_system(user) or ours or may_handle(user, application)


def may_read_words(user: User, application: Application) -> bool:
    """Reason, check, plan and result: who filed it and who decides. The other side sees state and amount only."""
    ours = standing_of(user).organisation_ids
    return is_system(user) or application.organisation_id in ours or application.fund.organisation_id in ours
