"""Branches in figures and lists: kinds, members, posts held by retirees, elections due, fifty years in the Party.

Figures name nobody and count everybody, also whom the reader may not see; lists of people show whom one may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from communities.organisations.models import Organisation
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .models import PartyAffiliation, PartyOrganisation

Kind, Post = PartyOrganisation.Kind, PartyAffiliation.Post
BRANCHES = (Kind.BRANCH, Kind.JOINT_BRANCH)
LEADERS = (Post.SECRETARY, Post.DEPUTY, Post.MEMBER)  # 班子成员
DUE_DAYS = 90
YEARS = 50
WHY = "figures name nobody"


def of_office(office: Organisation) -> QuerySet[PartyOrganisation]:
    """The open Party organisations of a unit or community; of a bureau or street those of its area."""
    rows = PartyOrganisation.objects.filter(closed_on=None)
    if office.kind in (Organisation.Kind.BUREAU, Organisation.Kind.STREET):
        return rows.filter(host__division__code__startswith=office.area)
    return rows.filter(host=office)


def due(rows: QuerySet[PartyOrganisation], today: date) -> QuerySet[PartyOrganisation]:
    """Those whose term ends within DUE_DAYS, or has ended (换届到期)."""
    return rows.filter(term_ends_on__lte=today + timedelta(days=DUE_DAYS))


@dataclass(frozen=True)
class Figures:
    """Of the branches of an area. `secretaries`: community branches whose secretary is a retiree, of `branches`.

    `leaders`: posts of the community branches' committees that retirees hold, of `seats`.
    """

    branches: int
    secretaries: int
    seats: int
    leaders: int
    building_leaders: int
    joint: int
    joint_members: int

    @property
    def secretary_words(self) -> str:
        return f"{self.branches:,} 个支部中 {self.secretaries:,} 个"

    @property
    def leader_words(self) -> str:
        return f"{self.seats:,} 个职数中 {self.leaders:,} 人，另有楼宇党小组长 {self.building_leaders:,} 人"

    @property
    def joint_words(self) -> str:
        return f"党员 {self.joint_members:,} 人"


@as_program(WHY)
def figures_of(office: Organisation) -> Figures:
    """Three queries, however many branches there are. Source: docs/rules.md, Y4."""
    rows = of_office(office)
    at_home = rows.filter(kind__in=BRANCHES, host__kind=Organisation.Kind.COMMUNITY)
    counted = at_home.aggregate(branches=Count("pk"), seats=Sum("seats", default=0))
    held = PartyAffiliation.objects.filter(valid_until=None, organisation__in=at_home)
    posts = held.aggregate(
        secretaries=Count("organisation", filter=Q(post=Post.SECRETARY), distinct=True),
        leaders=Count("pk", filter=Q(post__in=LEADERS)),
        building_leaders=Count("pk", filter=Q(post=Post.BUILDING_LEADER)),
    )
    joint = rows.filter(kind=Kind.JOINT_BRANCH).aggregate(
        joint=Count("pk", distinct=True),
        joint_members=Count("affiliations", filter=Q(affiliations__valid_until=None)),
    )
    return Figures(**counted, **posts, **joint)


@dataclass(frozen=True)
class Line:
    """A branch of a list. `secretary`: a name one may see, else whether there is one."""

    row: PartyOrganisation
    formal: int
    taking_part: int
    secretary: str
    is_due: bool


def lines(rows: Sequence[PartyOrganisation], today: date) -> list[Line]:
    """Members and secretary of the branches of a page; two queries."""
    held = PartyAffiliation.objects.filter(organisation__in=rows, valid_until=None)
    secretaries = held.filter(post=Post.SECRETARY).select_related("retiree")
    names = {row.organisation_id: row.retiree.name for row in secretaries}
    with as_program(WHY):
        counted = held.order_by().values("organisation").annotate(
            formal=Count("pk", filter=Q(kind=PartyAffiliation.Kind.FORMAL)),
            part=Count("pk", filter=Q(kind=PartyAffiliation.Kind.PARTICIPATION)),
            posts=Count("pk", filter=Q(post=Post.SECRETARY)),
        )  # fmt: skip
        known = {line["organisation"]: line for line in counted}
    found = []
    for row in rows:
        of = known.get(row.pk, {"formal": 0, "part": 0, "posts": 0})
        secretary = names.get(row.pk, "有，您看不到姓名" if of["posts"] else "")
        is_due = row.term_ends_on is not None and row.term_ends_on <= today + timedelta(days=DUE_DAYS)
        found.append(Line(row, of["formal"], of["part"], secretary, is_due))
    return found


@as_program(WHY)
def formal_homes(branch: PartyOrganisation) -> list[tuple[str, int]]:
    """Where those who take part in `branch` have their formal relation, and how many: (name, number)."""
    part = PartyAffiliation.objects.filter(
        organisation=branch, valid_until=None, kind=PartyAffiliation.Kind.PARTICIPATION
    )
    homes = PartyAffiliation.objects.filter(
        retiree__in=part.values("retiree"), valid_until=None, kind=PartyAffiliation.Kind.FORMAL
    )
    counted = homes.order_by().values("organisation__name").annotate(number=Count("pk"))
    return list(counted.order_by("-number").values_list("organisation__name", "number")[:20])


def fifty_years(people: QuerySet[Retiree], year: int) -> QuerySet[Retiree]:
    """Members who have been in the Party for 50 years on 1 July of `year` (光荣在党50年), living.

    The day they joined may be known as a year or a month only: 1976 and 1976-07 are left to be checked
    (`fifty_years_unclear`). Source: docs/rules.md, Y5.
    """
    joined = year - YEARS
    before = Q(party_joined_on__lt=f"{joined}") | Q(
        party_joined_on__gt=f"{joined}-", party_joined_on__lt=f"{joined}-07"
    )
    return _members(people).filter(before | Q(party_joined_on=f"{joined}-07-01")).exclude(party_joined_on="")


def fifty_years_unclear(people: QuerySet[Retiree], year: int) -> QuerySet[Retiree]:
    """Of whom only the year, or only July of it, is known."""
    joined = year - YEARS
    return _members(people).filter(party_joined_on__in=[f"{joined}", f"{joined}-07"])


def _members(people: QuerySet[Retiree]) -> QuerySet[Retiree]:
    return people.filter(political_status="cpc", died_on=None, merged_into=None)
