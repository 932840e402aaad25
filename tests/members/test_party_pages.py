"""Branches on pages, in figures, and who has been in the Party for fifty years."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.party import actions, standing
from members.party.models import PartyAffiliation, PartyOrganisation
from members.people.models import Retiree
from tests.communities.factories import make_staff
from tests.members.factories import make_branch, make_member
from tests.members.racing import race

pytestmark = pytest.mark.django_db
DAY = date(2024, 1, 1)


@pytest.fixture
def home(city) -> Organisation:
    return city.communities[0]


@pytest.fixture
def clerk(home):
    return make_staff(home)


@pytest.fixture
def held(home, unit) -> PartyAffiliation:
    retiree = make_member(unit, residence=home.division)
    branch = make_branch(home, "云霄路社区银龄党支部")
    return PartyAffiliation.objects.create(
        retiree=retiree, organisation=branch, kind="participation", valid_from=date(2020, 1, 1)
    )


def test_a_post_is_given_since_a_day_and_left(held, clerk):
    for _ in range(2):
        actions.set_post(held.pk, "secretary", on=date(2022, 5, 1), by=clerk)
    held.refresh_from_db()
    assert (held.post, held.post_from) == ("secretary", date(2022, 5, 1))
    actions.set_post(held.pk, "secretary", by=clerk)
    actions.set_post(held.pk, "", by=clerk)

    held.refresh_from_db()
    assert (held.post, held.post_from) == ("", None)
    assert AuditEntry.objects.filter(action="affiliation.post").count() == 2


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2099, 1, 1)])
def test_a_post_lies_within_the_relation(held, clerk, day):
    with pytest.raises(RuleBroken, match="任职日期"):
        actions.set_post(held.pk, "secretary", on=day, by=clerk)


def other_of(held: PartyAffiliation, unit) -> PartyAffiliation:
    retiree = make_member(unit, residence=held.organisation.host.division)
    return PartyAffiliation.objects.create(
        retiree=retiree, organisation=held.organisation, kind="participation", valid_from=date(2020, 1, 1)
    )


def test_a_branch_has_one_secretary(held, clerk, unit):
    actions.set_post(held.pk, "secretary", by=clerk)

    with pytest.raises(RuleBroken, match="已有书记"):
        actions.set_post(other_of(held, unit).pk, "secretary", by=clerk)


@pytest.mark.django_db(transaction=True)
def test_two_do_not_become_its_secretary_at_once(held, clerk, unit):
    rows = [held, other_of(held, unit)]

    answers = race(2, lambda number: actions.set_post(rows[number].pk, "secretary", by=clerk))

    assert {type(answer) for answer in answers} == {PartyAffiliation, RuleBroken}


def test_a_branch_is_described_once_by_who_keeps_it(held, clerk, stranger):
    said = {
        "seats": 5,
        "term_from": date(2024, 1, 1),
        "term_ends_on": date(2027, 1, 1),
        "assisted_by_id": None,
    }
    for _ in range(2):
        actions.describe(held.organisation_id, **said, by=clerk)

    assert AuditEntry.objects.filter(action="party.changed").count() == 1
    with pytest.raises(PermissionDenied):
        actions.describe(held.organisation_id, **said, by=stranger)
    with pytest.raises(RuleBroken, match="届满日期"):
        actions.describe(held.organisation_id, **(said | {"term_from": date(2027, 1, 1)}), by=clerk)


def many(host: Organisation, number: int, **fields: object) -> list[PartyOrganisation]:
    return PartyOrganisation.objects.bulk_create(
        PartyOrganisation(
            host=host, **({"kind": "branch", "name": f"第{fields.get('kind', '')}{n}支部"} | fields)
        )
        for n in range(number)
    )


def people(number: int, **fields: object) -> list[Retiree]:
    """Members of the Party: one, and others like them in one statement."""
    said = {"name": "王建国", "birth_date": date(1950, 3, 8), "political_status": "cpc", **fields}
    first = Retiree.objects.create(**said)
    columns = ", ".join(f'"{field.column}"' for field in Retiree._meta.concrete_fields if field.name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO members_people_retiree ({columns})"
            f" SELECT {columns} FROM members_people_retiree, generate_series(2, %s) WHERE id = %s",
            [number, first.pk],
        )
    return list(Retiree.objects.filter(pk__gte=first.pk).only("pk"))


def affiliate(rows: list[Retiree], branches: list[PartyOrganisation], kind: str, posts: list[str]) -> None:
    PartyAffiliation.objects.bulk_create(
        PartyAffiliation(
            retiree=retiree,
            organisation=branches[n % len(branches)],
            kind=kind,
            post=post,
            post_from=date(2023, 1, 1) if post else None,
            valid_from=date(2020, 1, 1),
        )
        for n, (retiree, post) in enumerate(zip(rows, posts, strict=True))
    )


def test_91_of_179_and_445_of_841_and_89_joint_branches_with_3200_members(city, unit):
    """Source: the design's domain.md §4, Demo B and Demo C."""
    home = city.communities[0]
    branches = many(home, 179, seats=4)
    PartyOrganisation.objects.filter(pk__in=[row.pk for row in branches[:125]]).update(seats=5)
    posts = ["secretary"] * 91 + ["member"] * 300 + ["deputy"] * 54
    affiliate(people(445), branches, "participation", posts)
    joint = many(unit, 89, kind="joint_branch")
    affiliate(people(3200), joint, "formal", [""] * 3200)

    found = standing.figures_of(city.city)

    assert (found.secretaries, found.branches, found.leaders, found.seats) == (91, 179, 445, 841)
    assert (found.joint, found.joint_members) == (89, 3200)
    page = page_of(make_staff(city.city), "/bureau/party/")
    for words in ("50.8%", "52.9%", "179 个支部中 91 个", "841 个职数中 445 人", "党员 3,200 人"):
        assert words in page


def page_of(user, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


@pytest.mark.parametrize(
    ("joined", "is_listed", "is_unclear"),
    [
        ("1976-07-01", True, False),
        ("1976-06", True, False),
        ("1975", True, False),
        ("1949-10-01", True, False),
        ("1976-07-02", False, False),
        ("1976-08", False, False),
        ("1976-07", False, True),
        ("1976", False, True),
        ("1977", False, False),
        ("", False, False),
    ],
)
def test_fifty_years_in_the_party_on_1_july(db, joined, is_listed, is_unclear):
    people(1, party_joined_on=joined)
    people(1, party_joined_on=joined, died_on=date(2026, 1, 1))

    everybody = Retiree.objects.all()
    assert standing.fifty_years(everybody, 2026).count() == is_listed
    assert standing.fifty_years_unclear(everybody, 2026).count() == is_unclear


def test_elections_due_within_90_days_are_listed(held, clerk, home):
    today = timezone.localdate()
    branch = held.organisation
    for days, is_due in ((-1, True), (90, True), (91, False)):
        PartyOrganisation.objects.filter(pk=branch.pk).update(
            term_from=today - timedelta(days=900), term_ends_on=today + timedelta(days=days)
        )

        assert standing.due(standing.of_office(home), today).exists() == is_due
    assert "没有党组织要换届" in page_of(clerk, "/community/party/?show=due")


def test_a_clerk_registers_describes_and_assigns_on_the_pages(held, clerk, city, unit):
    client = Client()
    client.force_login(clerk)
    client.post("/community/party/", {"name": "第二党支部", "kind": "branch"})
    made = PartyOrganisation.objects.get(name="第二党支部")
    day = {"0": "2024", "1": "1", "2": "1"}
    form = {"seats": 5} | {f"term_from_{k}": v for k, v in day.items()}
    form |= {f"term_ends_on_{k}": v for k, v in (day | {"0": "2027"}).items()}
    client.post(f"/community/party/{made.pk}/", form)
    actions.affiliate(held.retiree_id, make_branch(unit, "第七党支部").pk, on=DAY, by=make_staff(unit))
    client.force_login(make_staff(city.districts[0]))  # a community sees who has checked in only
    client.post(
        f"/bureau/party/posts/{held.pk}/",
        {"post": "secretary"} | {f"on_{k}": v for k, v in day.items()},
    )

    made.refresh_from_db()
    assert (made.seats, made.term_ends_on) == (5, date(2027, 1, 1))
    page = client.get(f"/bureau/party/{held.organisation_id}/").content.decode()
    for words in (
        "三重管理",
        "统管",
        "主管",
        "协管",
        "书记",
        "2024年1月1日",
        "第七党支部 1 人",
        held.retiree.name,
    ):
        assert words in page
    assert held.retiree.name in client.get("/bureau/party/").content.decode()


def test_a_branch_of_elsewhere_is_not_there(held, stranger, city):
    client = Client()
    client.force_login(make_staff(city.communities[1]))

    assert client.get(f"/community/party/{held.organisation_id}/").status_code == 404
    assert client.get(f"/community/party/posts/{held.pk}/").status_code == 404
