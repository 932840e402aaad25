"""Who works for what, from when to when; and the commands that fill the register."""

import io
import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from communities.divisions import actions as divisions
from communities.divisions.models import Division
from communities.organisations import actions
from communities.organisations.models import Organisation
from communities.organisations.permissions import may_manage_places, standing_of
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken

from .factories import UserFactory, make_city, make_external_unit, make_staff, make_unit

Kind = Organisation.Kind


@pytest.fixture
def city(db):
    return make_city()


@pytest.fixture
def clerk(city):
    return make_staff(city.districts[0])


@pytest.fixture
def system(db):
    return User.objects.system()


# Staff


def test_an_assignment_holds_from_its_first_to_its_last_day(city, clerk):
    user = UserFactory()
    today = timezone.localdate()

    made = actions.assign(user.pk, city.communities[0].pk, role="clerk", by=clerk)
    assert standing_of(user, today).organisation_ids == {city.communities[0].pk}
    assert not standing_of(user, today - timedelta(days=1)).organisation_ids

    actions.end_assignment(made.pk, by=clerk, on=today)
    assert standing_of(user, today).organisation_ids
    assert not standing_of(user, today + timedelta(days=1)).organisation_ids


def test_an_assignment_ended_at_once_holds_no_minute_longer(city, clerk):
    user = UserFactory()
    made = actions.assign(
        user.pk,
        city.communities[0].pk,
        role="clerk",
        by=clerk,
        valid_from=timezone.localdate() - timedelta(days=3),
    )

    actions.end_assignment(made.pk, by=clerk)

    assert not standing_of(user).organisation_ids
    assert standing_of(user, timezone.localdate() - timedelta(days=1)).organisation_ids


def test_assigning_and_ending_twice_records_once(city, clerk):
    user = UserFactory()

    first = actions.assign(user.pk, city.communities[0].pk, role="clerk", by=clerk)
    again = actions.assign(user.pk, city.communities[0].pk, role="clerk", by=clerk)
    for _ in range(2):
        actions.end_assignment(first.pk, by=clerk)

    assert first == again
    assert AuditEntry.objects.filter(action="assignment.made").count() == 1
    assert AuditEntry.objects.filter(action="assignment.ended").count() == 1


def test_assigning_is_refused_where_it_makes_no_sense(city):
    boss, user = make_staff(city.city), UserFactory()
    closed = make_unit(closed_on=date(2026, 1, 1))
    external = make_external_unit()
    system = User.objects.system()
    actions.assign(user.pk, city.communities[0].pk, role="clerk", by=boss)

    for organisation, role in ((closed, "clerk"), (external, "clerk"), (city.communities[0], "lead")):
        with pytest.raises(RuleBroken):
            actions.assign(user.pk, organisation.pk, role=role, by=system)


def test_an_assignment_does_not_end_before_it_begins(city, clerk):
    made = actions.assign(UserFactory().pk, city.communities[0].pk, role="clerk", by=clerk)

    with pytest.raises(RuleBroken):
        actions.end_assignment(made.pk, by=clerk, on=timezone.localdate() - timedelta(days=1))


@pytest.mark.parametrize(
    ("of", "role", "target", "allowed"),
    [
        ("community", "lead", "community", True),
        ("community", "clerk", "community", False),
        ("community", "lead", "neighbour", False),
        ("street", "clerk", "community", True),
        ("street", "clerk", "street", False),
        ("street", "clerk", "unit", False),
        ("district", "clerk", "community", True),
        ("district", "clerk", "district", False),
        ("district", "lead", "district", True),
        ("district", "lead", "city", False),
        ("district", "lead", "unit", False),
        ("city", "clerk", "unit", True),
        ("city", "clerk", "district", True),
        ("unit", "lead", "unit", True),
        ("unit", "lead", "community", False),
    ],
)
def test_staff_are_appointed_by_the_own_lead_or_from_above(city, of, role, target, allowed):
    organisations = {
        "city": city.city,
        "district": city.districts[0],
        "street": city.streets[0],
        "community": city.communities[0],
        "neighbour": city.communities[1],
        "unit": make_unit(),
    }
    by, user = make_staff(organisations[of], role), UserFactory()

    if allowed:
        assert actions.assign(user.pk, organisations[target].pk, role="clerk", by=by).pk
    else:
        with pytest.raises(PermissionDenied):
            actions.assign(user.pk, organisations[target].pk, role="clerk", by=by)


def test_a_closed_organisation_gives_no_standing(city, clerk):
    worker = make_staff(city.communities[0])

    divisions.close("370202001001", by=clerk)

    assert not standing_of(worker).organisation_ids


def test_a_bureau_manages_its_own_area_only(city, clerk):
    assert may_manage_places(clerk, "370202001001")
    assert not may_manage_places(clerk, "370203008002")


# Commands


def test_the_load_command_fills_places_and_organisations_and_reports_in_json(db):
    out = io.StringIO()

    call_command("load_divisions", "--json", stdout=out)

    report = json.loads(out.getvalue().strip().splitlines()[-1])
    assert (len(report["added"]), report["organisations"]["created"]) == (2273, 2270)
    assert Division.objects.get(pk="370211000000").aliases.filter(alias="西海岸新区").exists()


def test_the_load_command_refuses_a_broken_file(db, tmp_path):
    (tmp_path / "broken.csv").write_text("code,name\n1,x\n", encoding="utf-8")

    with pytest.raises(CommandError, match="12位"):
        call_command("load_divisions", str(tmp_path / "broken.csv"))


def test_the_staff_command_makes_the_account_and_its_assignment(city):
    call_command("add_staff", "zhang", city.communities[0].code, "--role", "lead", "--name", "张三")

    user = User.objects.get(username="zhang")
    assert (user.display_name, user.has_usable_password()) == ("张三", False)
    assert user.assignments.get().role == "lead"


def test_the_staff_command_knows_no_unknown_organisation(db):
    with pytest.raises(CommandError, match="no organisation"):
        call_command("add_staff", "zhang", "123")
