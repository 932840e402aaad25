"""A tiny city with real names, and what hangs on places: organisations, units, staff."""

import itertools
from dataclasses import dataclass
from datetime import date

import factory

from communities.divisions.models import Division, NamedPlace
from communities.divisions.names import names_of, sound_of
from communities.organisations import credit_codes
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User

PASSWORD = "huifeng-test-only"

PROVINCE, CITY = ("370000000000", "山东省"), ("370200000000", "青岛市")
DISTRICTS = {
    ("370202000000", "市南区"): {
        ("370202001000", "香港中路街道"): [("370202001001", "云霄路社区"), ("370202001014", "浮山所社区")],
        ("370202007000", "江苏路街道"): [("370202007001", "齐东路社区"), ("370202007004", "龙江路社区")],
    },
    ("370203000000", "市北区"): {
        ("370203008000", "延安路街道"): [
            ("370203008002", "上清路社区居委会"),
            ("370203008006", "延安二路社区居委会"),
        ],
        ("370203011000", "登州路街道"): [
            ("370203011002", "登州路社区居委会"),
            ("370203011003", "广饶路社区居委会"),
        ],
    },
}

_serials = itertools.count(1)


class DivisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Division
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"370202001{n % 900 + 100:03d}")
    name = factory.Sequence(lambda n: f"第{n + 1}社区居民委员会")
    level = Division.Level.COMMUNITY
    short_name = factory.LazyAttribute(lambda division: names_of(division.name, division.level).short_name)
    stem = factory.LazyAttribute(lambda division: names_of(division.name, division.level).stem)
    sound = factory.LazyAttribute(lambda division: names_of(division.name, division.level).sound)
    parent = None


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    code = factory.LazyAttribute(lambda organisation: organisation.division.code)
    kind = Organisation.Kind.COMMUNITY
    name = factory.LazyAttribute(lambda organisation: organisation.division.short_name)
    opened_on = date(2020, 1, 1)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff{n + 1}")
    display_name = factory.Sequence(lambda n: f"工作人员{n + 1}")
    password = factory.django.Password(PASSWORD)


class NamedPlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NamedPlace

    kind = NamedPlace.Kind.ESTATE
    name = factory.Sequence(lambda n: f"惠风花园{n + 1}区")
    sound = factory.LazyAttribute(lambda place: sound_of(place.name))


@dataclass(frozen=True)
class TinyCity:
    """The organisations of the tiny city. `.division` of each is its place; `.division.area` the code prefix.

    Order: streets 0-1 and communities 0-3 are of districts[0]; communities 0-1 of streets[0], and so on.
    """

    city: Organisation
    districts: list[Organisation]
    streets: list[Organisation]
    communities: list[Organisation]


def make_city() -> TinyCity:
    """青岛市 with 市南区 and 市北区, two streets each, two communities each. Twice gives the same rows."""
    level = Division.Level
    province = DivisionFactory(code=PROVINCE[0], name=PROVINCE[1], level=level.PROVINCE)
    city = _place(CITY, level.CITY, province)
    bureau = _organisation(city, Organisation.Kind.BUREAU, "青岛市委老干部局", None)
    made = TinyCity(bureau, [], [], [])
    for district_row, street_rows in DISTRICTS.items():
        district = _place(district_row, level.DISTRICT, city)
        office = _organisation(district, Organisation.Kind.BUREAU, f"{district.name}委老干部局", bureau)
        made.districts.append(office)
        for street_row, community_rows in street_rows.items():
            street = _place(street_row, level.STREET, district)
            street_office = _organisation(street, Organisation.Kind.STREET, street.name, office)
            made.streets.append(street_office)
            for community_row in community_rows:
                community = _place(community_row, level.COMMUNITY, street)
                made.communities.append(
                    _organisation(community, Organisation.Kind.COMMUNITY, community.short_name, street_office)
                )
    return made


def make_unit(name: str = "", *, place: Division | None = None, **fields: object) -> Organisation:
    """A work unit seated in `place` (青岛市 if left out, which must then exist), with a valid credit code.

    Units are supervised by the bureau of their seat. An external unit: make_external_unit().
    """
    place = place or Division.objects.get(code=CITY[0])
    serial = next(_serials)
    code = credit_codes.make(10_000_000 + serial, region=place.code[:6], kind=credit_codes.INSTITUTION)
    parent = Organisation.objects.filter(kind=Organisation.Kind.BUREAU, division=place).first()
    defaults = {"nature": "事业单位", "parent": parent, "opened_on": date(1990, 1, 1)}
    return OrganisationFactory(
        kind=Organisation.Kind.UNIT,
        code=code,
        credit_code=code,
        name=name or f"青岛市第{serial}研究所",
        division=place,
        **(defaults | fields),
    )


def make_external_unit(name: str = "", *, region: str = "江苏省南京市", **fields: object) -> Organisation:
    """A unit outside the city: no account, no place, reached by signed link or on paper."""
    serial = next(_serials)
    return OrganisationFactory(
        kind=Organisation.Kind.EXTERNAL_UNIT,
        code=f"W{serial:012d}",
        name=name or f"南京市第{serial}机械厂",
        division=None,
        region=region,
        **fields,
    )


def make_staff(
    organisation: Organisation,
    role: str = Assignment.Role.CLERK,
    *,
    valid_from: date = date(2020, 1, 1),
    valid_until: date | None = None,
    **fields: object,
) -> User:
    """An account that works for `organisation`; logs in with PASSWORD."""
    user = UserFactory(**fields)
    Assignment.objects.create(
        user=user, organisation=organisation, role=role, valid_from=valid_from, valid_until=valid_until
    )
    return user


def _place(row: tuple[str, str], level: Division.Level, parent: Division) -> Division:
    return DivisionFactory(code=row[0], name=row[1], level=level, parent=parent)


def _organisation(
    place: Division, kind: Organisation.Kind, name: str, parent: Organisation | None
) -> Organisation:
    found = Organisation.objects.filter(division=place, kind=kind).first()
    return found or OrganisationFactory(division=place, kind=kind, name=name, parent=parent)
