"""A small world with something in every column, seen by bureau and street; and how its pages are read."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.utils import timezone

from checkin.record import actions as record
from checkin.record.models import CheckIn
from checkin.statistics import actions
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.record.staff import browser_of, overdue_by
from tests.checkin.world import World
from tests.communities.factories import make_staff

LAST = Month.current().previous


@dataclass(frozen=True)
class Staff:
    """Who reads: the city's bureau twice (reopening takes two), a district's, a street's, a community's."""

    city: User
    colleague: User
    district: User
    street: User
    community: User
    unit: User


def staff_of(world: World) -> Staff:
    return Staff(
        make_staff(world.city.city, display_name="吴建华"),
        make_staff(world.city.city, display_name="郑晓"),
        world.bureau_clerk,
        world.street_clerk,
        world.clerk,
        world.unit_clerk,
    )


def fill(world: World) -> None:
    """Checked in before and now, moved, dead, waiting, returned, overdue, restricted, of no unit, in no community."""
    before = [
        world.confirmed(world.member(sex="M", kind="lixiu", birth_date=date(1930, 5, 1))),
        world.confirmed(world.member(sex="F", kind="tuixiu", birth_date=date(1950, 5, 1))),
        world.confirmed(world.member(sex="F", birth_date=date(1962, 5, 1))),
    ]
    for checkin in before:
        back_by(checkin, 70)
    moving = world.submitted(before[0].retiree, community_id=world.there.pk)
    record.confirm(moving.pk, by=world.clerk_there)
    world.confirmed()
    world.submitted()
    world.returned()
    world.waiting_for_unit(community_id=world.there.pk)
    overdue_by(world.submitted(community_id=world.there.pk), 5)
    world.submitted(community_id=None, area_id="370202000000")
    secret = world.member(is_restricted=True)
    record.confirm(world.submitted(secret).pk, by=world.bureau_clerk)
    world.member(residence_id=world.city.communities[2].division_id)
    world.member(residence_id=world.city.communities[5].division_id, kind="", sex="")


def back_by(checkin: CheckIn, days: int) -> None:
    """Let a check-in have happened `days` days earlier, its person being retired long before."""
    row = CheckIn.objects.get(pk=checkin.pk)
    moved = {
        name: value - timedelta(days=days)
        for name in ("created_at", "submitted_at", "clock_started_at", "confirmed_at")
        if (value := getattr(row, name)) is not None
    }
    CheckIn.objects.filter(pk=row.pk).update(**moved)
    Retiree.objects.filter(pk=row.retiree_id).update(created_at=timezone.now() - timedelta(days=days + 1))


def close(month: Month, by: User) -> MonthlyStatement:
    return actions.close(month, by=by, explanation="测试")


def people_links(page: Any) -> list[str]:
    """The addresses of the lists that the cells of a table lead to."""
    lines = [page.context["sum"], *page.context["lines"]]
    return [cell.url for line in lines for cell in line.cells if cell.url]


def listed(client: Client, url: str) -> int:
    """How many people are listed behind a link, over all its pages."""
    found = 0
    while url:
        page = client.get(url if url.startswith("/") else f"/bureau/statistics/people/{url}")
        assert page.status_code == 200, url
        found += len(page.context["people"])
        url = page.context["slice"].next_url
    return found


def asked(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


__all__ = [
    "LAST",
    "Staff",
    "asked",
    "back_by",
    "browser_of",
    "close",
    "fill",
    "listed",
    "people_links",
    "staff_of",
]
