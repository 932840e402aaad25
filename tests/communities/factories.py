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
    """青岛市 with 市南区 and 市北区, two streets each, two communities each. Twice gives the same rows.

    Level by level in few statements: most tests begin with it.
    """
    level, kind = Division.Level, Organisation.Kind
    province = DivisionFactory.build(code=PROVINCE[0], name=PROVINCE[1], level=level.PROVINCE)
    city = _place(CITY, level.CITY, province)
    districts = {_place(row, level.DISTRICT, city): streets for row, streets in DISTRICTS.items()}
    streets = {
        _place(row, level.STREET, district): communities
        for district, rows in districts.items()
        for row, communities in rows.items()
    }
    communities = [_place(row, level.COMMUNITY, street) for street, rows in streets.items() for row in rows]
    Division.objects.bulk_create([province, city, *districts, *streets, *communities], ignore_conflicts=True)

    (bureau,) = _organisations(kind.BUREAU, {city: "青岛市委老干部局"}, [])
    offices = _organisations(kind.BUREAU, {place: f"{place.name}委老干部局" for place in districts}, [bureau])
    street_offices = _organisations(kind.STREET, {place: place.name for place in streets}, offices)
    desks = _organisations(kind.COMMUNITY, {place: place.short_name for place in communities}, street_offices)
    return TinyCity(bureau, offices, street_offices, desks)


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
    return DivisionFactory.build(code=row[0], name=row[1], level=level, parent=parent)


def _organisations(
    kind: Organisation.Kind, names: dict[Division, str], parents: list[Organisation]
) -> list[Organisation]:
    """One of `kind` in each place, below that of the place above; those that exist already are taken."""
    above = {parent.division_id: parent for parent in parents}
    found = {row.division_id: row for row in Organisation.objects.filter(kind=kind, division__in=names)}
    new = [
        OrganisationFactory.build(division=place, kind=kind, name=name, parent=above.get(place.parent_id))
        for place, name in names.items()
        if place.pk not in found
    ]
    found |= {row.division_id: row for row in Organisation.objects.bulk_create(new)}
    return [found[place.pk] for place in names]
