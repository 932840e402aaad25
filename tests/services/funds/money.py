"""Funds and applications for tests. Amounts in 元, as people say them."""

import itertools
from datetime import date
from uuid import uuid4

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.party.models import PartyAffiliation, PartyOrganisation
from members.people.models import Retiree
from services.funds import actions
from services.funds.models import Application, FundPreset
from services.ledger.models import Account
from tests.checkin.world import World
from tests.communities.factories import make_staff

serials = itertools.count(1)


def preset(key: str = "hardship") -> FundPreset:
    defaults = {
        "hardship": {"name": "困难帮扶", "nearby": "care", "kind": "aid"},
        "secretary": {
            "name": "支部书记补贴",
            "nearby": "contribution",
            "kind": "subsidy",
            "monthly": 300,
            "years": 3,
        },
    }
    return FundPreset.objects.get_or_create(key=key, defaults=defaults[key])[0]


def bureau_of(world: World) -> Organisation:
    return world.city.districts[0]


def second(world: World) -> User:
    """Another one of the bureau."""
    return User.objects.filter(username="second").first() or make_staff(bureau_of(world), username="second")


def fund(world: World, yuan: int = 0) -> Account:
    name = "2026年困难帮扶资金"
    found = actions.open_fund(bureau_of(world).pk, name, by=world.bureau_clerk)
    if yuan:
        actions.grant(found.pk, yuan * 100, key=uuid4(), by=world.bureau_clerk)
    return Account.objects.get(pk=found.pk)


def at_home(world: World, **fields: object) -> Retiree:
    return world.member(residence=world.here.division, **fields)


def applied(world: World, retiree: Retiree | None = None, *, yuan: int = 3000) -> Application:
    return actions.apply(
        (retiree or at_home(world)).pk,
        fund(world).pk,
        preset_id=preset().pk,
        organisation_id=world.here.pk,
        reason="老伴重病，自费药多",
        asked=yuan * 100,
        by=world.clerk,
    )


def checked(world: World, retiree: Retiree | None = None, *, yuan: int = 3000) -> Application:
    made = applied(world, retiree, yuan=yuan)
    return actions.check(made.pk, found="上门看过，属实", by=world.bureau_clerk)


def planned(world: World, retiree: Retiree | None = None, *, yuan: int = 3000) -> Application:
    made = checked(world, retiree, yuan=yuan)
    return actions.plan(made.pk, plan="一次性补助，联系大病救助", amount=yuan * 100, by=world.bureau_clerk)


def approved(world: World, retiree: Retiree | None = None, *, yuan: int = 3000) -> Application:
    return actions.approve(planned(world, retiree, yuan=yuan).pk, amount=yuan * 100, by=second(world))


def paid(world: World, retiree: Retiree | None = None, *, yuan: int = 3000) -> Application:
    return actions.pay(approved(world, retiree, yuan=yuan).pk, by=world.bureau_clerk)


def secretary(
    world: World, since: date, *, host: Organisation | None = None, retiree: Retiree | None = None
) -> PartyAffiliation:
    branch = PartyOrganisation.objects.create(
        name=f"第{next(serials)}党支部", kind="branch", host=host or world.here
    )
    return PartyAffiliation.objects.create(
        retiree=retiree or at_home(world),
        organisation=branch,
        kind="participation",
        post="secretary",
        post_from=since,
        valid_from=since,
    )
