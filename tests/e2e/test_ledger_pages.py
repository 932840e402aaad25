"""The pages of points, funds and branches, as an auditor looks at them. TEST_PICTURES=DIR keeps a picture of each."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from huifeng.accounts.models import User
from members.party.models import PartyOrganisation
from services.funds import actions as funds
from services.ledger.models import Goods, PointsReason
from tests.checkin.world import World
from tests.e2e.browser import WIDTHS_OF_THE_GATE, audit
from tests.services.funds import money
from tests.services.ledger import shop

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
PICTURES = os.environ.get("TEST_PICTURES")


@pytest.fixture
def pages(world: World) -> list[tuple[User, str]]:
    """Something of everything."""
    person = world.confirmed().retiree
    PointsReason.objects.create(key="volunteering", name="志愿服务积分", nearby="contribution")
    rice = shop.goods_of(world.here, "东北大米 5 公斤", points=40)
    shop.goods_of(world.here, "毛巾", points=20, stock=0), shop.goods_of(world.here, "电饭锅", points=500)
    shop.credit(world, person, 100)
    shop.redeem(world, person, Goods.objects.get(pk=rice.pk))
    fund = money.fund(world, 500_000)
    money.paid(world, person)
    planned = money.planned(world, world.confirmed().retiree)
    post = money.secretary(world, date(2019, 1, 1), retiree=world.confirmed().retiree)
    today = timezone.localdate()
    PartyOrganisation.objects.update(
        seats=3, term_from=date(2023, 1, 1), term_ends_on=today + timedelta(days=30)
    )
    made = funds.make_list(fund.pk, money.preset("secretary").pk, date(2026, 10, 1), by=world.bureau_clerk)
    assert person.user is not None
    other = money.second(world)
    return [
        (person.user, "/my/points/"),
        (world.clerk, "/community/points/?q=王"),
        (world.clerk, f"/community/points/people/{person.pk}/"),
        (world.clerk, f"/community/points/people/{person.pk}/{rice.pk}/"),
        (world.clerk, "/community/points/goods/"),
        (world.clerk, f"/community/points/goods/{rice.pk}/"),
        (world.clerk, f"/community/funds/applications/new/{person.pk}/"),
        (world.bureau_clerk, "/bureau/funds/"),
        (world.bureau_clerk, f"/bureau/funds/{fund.pk}/"),
        (world.bureau_clerk, "/bureau/funds/applications/?show=all"),
        (other, f"/bureau/funds/applications/{planned.pk}/"),
        (world.bureau_clerk, "/bureau/funds/subsidies/"),
        (other, f"/bureau/funds/subsidies/{made.pk}/"),
        (world.bureau_clerk, "/bureau/party/"),
        (world.bureau_clerk, f"/bureau/party/{post.organisation_id}/"),
        (world.clerk, f"/community/party/posts/{post.pk}/"),
        (world.bureau_clerk, "/bureau/party/fifty-years/"),
    ]


@pytest.mark.parametrize("width", WIDTHS_OF_THE_GATE)
def test_every_page_of_the_ledger(
    pages: list[tuple[User, str]], logged_in: Callable[..., Any], width: int
) -> None:
    findings = {}
    for number, (user, path) in enumerate(pages):
        page = logged_in(user, path, width=width)
        found = audit(page, "retiree" if path.startswith("/my/") else "staff", with_keyboard=False)
        if found:
            findings[path] = found
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"ledger-{number:02}-{width}.png", full_page=True)

    assert findings == {}
