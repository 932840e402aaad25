from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.divisions import actions as divisions
from communities.divisions.models import Division
from communities.divisions.register import QINGDAO, read_register
from communities.organisations import actions, credit_codes, registry
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken

from .factories import DivisionFactory, make_city, make_staff, make_unit
from .threads import at_the_same_time

Kind = Organisation.Kind
DISTRICT = "370202000000"


@pytest.fixture
def city(db):
    return make_city()


@pytest.fixture
def clerk(city):
    return make_staff(city.districts[0])


@pytest.fixture
def system(db):
    return User.objects.system()


@pytest.fixture
def told(monkeypatch):
    """What the upper rooms are told, in place of the real hooks."""
    calls = []
    for name in ("on_unit_closed", "on_community_closed"):
        hook = lambda *said, name=name: calls.append((name, *said))  # noqa: E731
        monkeypatch.setattr(registry, name, [hook])
    return calls


def add_unit(by, name="青岛市第一研究所", serial=1, **fields):
    code = credit_codes.make(serial)
    return actions.add_unit(name=name, credit_code=code, division_code=DISTRICT, by=by, **fields)


# Organisations of places


def test_every_place_of_qingdao_gets_its_organisation_under_the_right_one(system):
    with QINGDAO.open(encoding="utf-8") as file:
        divisions.load(read_register(file), by=system)

    report = actions.ensure_place_organisations(by=system)

    assert report.created == 1 + 10 + 141 + 2118  # two virtual communities have none
    community = Organisation.objects.get(code="370202001001")
    chain = [community.name, community.parent.name, community.parent.parent.name]
    assert chain == ["云霄路社区", "香港中路街道", "市南区委老干部局"]
    assert community.parent.parent.parent.name == "青岛市委老干部局"


def test_giving_places_their_organisations_twice_changes_and_records_nothing(city, system):
    report = actions.ensure_place_organisations(by=system)

    assert (report.created, report.renamed, report.closed) == (0, 0, 0)
    assert not AuditEntry.objects.exists()


def test_organisations_follow_what_the_register_changed(city, system):
    Division.objects.filter(pk="370202001001").update(short_name="闽江路社区")
    Division.objects.filter(pk="370202001014").update(closed_on=date(2026, 1, 5))
    DivisionFactory(code="370202001020", name="惠风社区", parent_id="370202001000")

    report = actions.ensure_place_organisations(by=system)

    assert (report.created, report.renamed, report.closed) == (1, 1, 1)
    assert Organisation.objects.get(code="370202001001").name == "闽江路社区"
    assert Organisation.objects.get(code="370202001014").closed_on == date(2026, 1, 5)
    assert Organisation.objects.get(code="370202001020").parent == city.streets[0]


def test_a_district_does_not_make_the_city_s_organisations(city, clerk):
    with pytest.raises(PermissionDenied):
        actions.ensure_place_organisations(by=clerk)


def test_the_upper_rooms_are_told_of_a_merger_with_both_communities(city, clerk, told):
    divisions.merge("370202001001", into="370202001014", by=clerk)

    today = timezone.localdate()
    assert told == [("on_community_closed", city.communities[0], city.communities[1], today, clerk)]


def test_the_upper_rooms_are_told_of_a_closure_without_successor(city, clerk, told):
    divisions.close("370202001001", by=clerk, on=date(2026, 1, 5))

    assert told == [("on_community_closed", city.communities[0], None, date(2026, 1, 5), clerk)]


def test_what_an_upper_room_refuses_undoes_the_merger(city, clerk, monkeypatch):
    def refuse(*said):
        raise RuleBroken("还有未办结的报到")

    monkeypatch.setattr(registry, "on_community_closed", [refuse])

    with pytest.raises(RuleBroken):
        divisions.merge("370202001001", into="370202001014", by=clerk)

    assert Division.objects.get(pk="370202001001").closed_on is None


# Contact


@pytest.mark.parametrize("who", ["own", "street", "district", "city"])
def test_contact_is_changed_by_the_organisation_and_those_above(city, who):
    of = {
        "own": city.communities[0],
        "street": city.streets[0],
        "district": city.districts[0],
        "city": city.city,
    }
    user = make_staff(of[who])

    actions.update_contact(city.communities[0].pk, by=user, phone=" 0532-12345678 ", hours="工作日9-17点")
    actions.update_contact(city.communities[0].pk, by=user, phone="0532-12345678")

    changed = Organisation.objects.get(pk=city.communities[0].pk)
    assert (changed.phone, changed.hours) == ("0532-12345678", "工作日9-17点")
    entry = AuditEntry.objects.get(action="organisation.contact_changed")
    assert entry.before == {"phone": "", "hours": ""}


def test_contact_cannot_smuggle_another_field_in(city, clerk):
    changed = actions.update_contact(city.communities[0].pk, by=clerk, name="别的社区", phone="1")

    assert Organisation.objects.get(pk=changed.pk).name == "云霄路社区"


@pytest.mark.parametrize("who", ["neighbour", "other_district"])
def test_contact_is_not_changed_by_others(city, who):
    user = make_staff({"neighbour": city.communities[1], "other_district": city.districts[1]}[who])

    with pytest.raises(PermissionDenied):
        actions.update_contact(city.communities[0].pk, by=user, phone="1")


def test_contact_of_a_closed_community_is_not_changed(city, clerk):
    divisions.close("370202001001", by=clerk)

    with pytest.raises(RuleBroken, match="撤销"):
        actions.update_contact(city.communities[0].pk, by=clerk, phone="1")


# Units


def test_an_added_unit_is_supervised_by_the_bureau_of_its_seat(city, clerk):
    unit = add_unit(clerk, nature="事业单位")

    assert (unit.kind, unit.parent, unit.code) == (Kind.UNIT, city.districts[0], unit.credit_code)
    assert AuditEntry.objects.get(action="unit.added").after["name"] == "青岛市第一研究所"


def test_adding_the_same_unit_twice_adds_one(city, clerk):
    assert add_unit(clerk) == add_unit(clerk)
    assert AuditEntry.objects.filter(action="unit.added").count() == 1


def test_a_taken_credit_code_names_its_owner(city, clerk):
    add_unit(clerk)

    with pytest.raises(RuleBroken, match="青岛市第一研究所"):
        add_unit(clerk, name="另一个单位")


@pytest.mark.parametrize("code", ["", "913702", "913702000000000518"])
def test_a_wrong_credit_code_is_refused(city, clerk, code):
    with pytest.raises(RuleBroken) as refused:
        actions.add_unit(name="单位", credit_code=code, division_code=DISTRICT, by=clerk)

    assert refused.value.code == "bad_credit_code"


def test_a_unit_elsewhere_is_not_a_district_s_to_add(city):
    with pytest.raises(PermissionDenied):
        add_unit(make_staff(city.districts[1]))


def test_an_external_unit_is_written_down_once_by_whoever_receives_its_people(city):
    user = make_staff(city.communities[0])
    said = {"name": "南京机床厂", "region": "江苏省南京市", "by": user}

    first = actions.add_external(Kind.EXTERNAL_UNIT, phone="025-1", **said)
    again = actions.add_external(Kind.EXTERNAL_UNIT, **said)

    assert first == again
    assert again.phone == "025-1"
    assert AuditEntry.objects.filter(action="unit.added").count() == 1


def test_a_unit_s_clerk_does_not_write_external_units_down(city):
    with pytest.raises(PermissionDenied):
        actions.add_external(Kind.EXTERNAL_UNIT, name="厂", region="南京", by=make_staff(make_unit()))


def test_closing_a_unit_keeps_its_successor_and_document_and_tells_the_upper_rooms(city, told):
    boss, unit, heir = make_staff(city.city), make_unit(), make_unit()
    make_staff(unit)

    closed = actions.close_unit(
        unit.pk, successor_id=heir.pk, on=date(2026, 6, 30), document="青编办〔2026〕1号", by=boss
    )

    assert (closed.successor, closed.closed_on) == (heir, date(2026, 6, 30))
    assert Assignment.objects.get(organisation=unit).valid_until == date(2026, 6, 30)
    assert AuditEntry.objects.get(action="unit.closed").note == "青编办〔2026〕1号"
    assert told == [("on_unit_closed", unit, heir, date(2026, 6, 30), boss)]


def test_closing_a_unit_twice_tells_and_records_once(city, told):
    boss, unit = make_staff(city.city), make_unit()

    actions.close_unit(unit.pk, successor_id=None, by=boss)
    actions.close_unit(unit.pk, successor_id=None, by=boss)

    assert len(told) == 1
    assert AuditEntry.objects.filter(action="unit.closed").count() == 1


def test_a_bureau_may_take_a_dissolved_unit_s_people_over(city, told):
    unit = make_unit()

    closed = actions.close_unit(unit.pk, successor_id=city.city.pk, by=make_staff(city.city))

    assert closed.successor == city.city


def test_closing_a_unit_is_refused_where_it_makes_no_sense(city):
    boss, unit, closed = make_staff(city.city), make_unit(), make_unit(closed_on=date(2026, 1, 1))
    tomorrow = timezone.localdate() + timedelta(days=1)
    attempts = {
        "bad_successor": [
            {"unit_id": unit.pk, "successor_id": unit.pk},
            {"unit_id": unit.pk, "successor_id": closed.pk},
            {"unit_id": unit.pk, "successor_id": city.communities[0].pk},
        ],
        "closed": [{"unit_id": closed.pk, "successor_id": unit.pk}],
        "not_a_unit": [{"unit_id": city.communities[0].pk, "successor_id": None}],
        "future_date": [{"unit_id": unit.pk, "successor_id": None, "on": tomorrow}],
    }
    for code, tries in attempts.items():
        for attempt in tries:
            with pytest.raises(RuleBroken) as refused:
                actions.close_unit(**attempt, by=boss)
            assert refused.value.code == code


@pytest.mark.parametrize("who", ["own_lead", "district", "street"])
def test_a_city_unit_is_closed_by_the_city_bureau_only(city, who):
    unit = make_unit()
    of = {"own_lead": unit, "district": city.districts[0], "street": city.streets[0]}[who]

    with pytest.raises(PermissionDenied):
        actions.close_unit(unit.pk, successor_id=None, by=make_staff(of, "lead"))


@pytest.mark.django_db(transaction=True)
def test_two_units_closed_into_each_other_at_once_leave_one_open():
    city = make_city()
    boss, one, other = make_staff(city.city), make_unit(), make_unit()

    at_the_same_time(
        lambda: actions.close_unit(one.pk, successor_id=other.pk, by=boss),
        lambda: actions.close_unit(other.pk, successor_id=one.pk, by=boss),
    )

    assert Organisation.objects.open().filter(pk__in=[one.pk, other.pk]).count() == 1
