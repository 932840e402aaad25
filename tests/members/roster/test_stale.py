"""A plan that the register has overtaken writes nothing at all; checked again, it holds."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from communities.organisations import actions as organisations
from huifeng.errors import RuleBroken
from members.people import actions as people
from members.people.actions.linking import link
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch, ImportRow
from members.units import actions as units
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import (
    make_account,
    make_phone,
)
from tests.members.roster.rosters import everything, planned, row, row_of, with_number

pytestmark = pytest.mark.django_db

State = ImportBatch.State


# the register moved on --------------------------------------------------------------------------------------


def edited(person: Retiree, unit: Any, clerk: Any) -> None:
    people.update_unit_fields(person.pk, {"title": "高级工程师"}, by=clerk)


def logged_in(person: Retiree, unit: Any, clerk: Any) -> None:
    account = make_account(person.phone)
    link(person, account, by=account)


def died(person: Retiree, unit: Any, clerk: Any) -> None:
    death = people.report_death(person.pk, timezone.localdate(), by=clerk)
    people.confirm_death(death.pk, by=clerk)


def restricted(person: Retiree, unit: Any, clerk: Any) -> None:
    bureau = unit.parent
    people.set_flags(person.pk, by=make_staff(bureau), is_restricted=True)


def moved(person: Retiree, unit: Any, clerk: Any) -> None:
    units.transfer(person.pk, make_unit("第三所").pk, on=timezone.localdate(), by=clerk)


def registered(person: Retiree, unit: Any, clerk: Any) -> None:
    other = make_unit("第三所")
    values = {"name": "李淑华", "id_number": row(1)["身份证号"]}
    people.enrol(values, other.pk, by=make_staff(other))


@pytest.mark.parametrize("meanwhile", [edited, logged_in, died, restricted, moved, registered])
def test_a_plan_that_is_out_of_date_writes_nothing_at_all(unit, unit_clerk, member, meanwhile):
    batch = planned(
        unit, unit_clerk, row(1), row(2), row_of(member, 职级="副处级", 手机号码=make_phone(77)), row(3)
    )
    meanwhile(member, unit, unit_clerk)
    before = everything()

    with pytest.raises(RuleBroken) as refused:
        actions.write_now(batch.pk, by=unit_clerk)

    assert refused.value.code == "stale"
    assert everything() == before


@pytest.mark.parametrize("meanwhile", [edited, logged_in, died, restricted, moved, registered])
def test_checked_again_the_plan_holds(unit, unit_clerk, member, meanwhile):
    batch = planned(unit, unit_clerk, row(2), row_of(member, 职级="副处级", 手机号码=make_phone(77)), row(1))
    meanwhile(member, unit, unit_clerk)

    actions.check_again(batch.pk, by=unit_clerk)
    actions.plan_now(batch.pk, by=unit_clerk)
    batch = actions.write_now(batch.pk, by=unit_clerk)

    assert batch.state == State.APPLIED
    assert units.unit_of(with_number(2)) == unit


def test_a_unit_closed_meanwhile_stops_everything(city, unit, unit_clerk, member):
    batch = planned(unit, unit_clerk, row(1), row_of(member, 职级="副处级"))
    bureau = make_staff(city.city)
    organisations.close_unit(
        unit.pk, on=timezone.localdate(), document="青编办〔2026〕1号", successor_id=None, by=bureau
    )
    before = everything()

    with pytest.raises(RuleBroken):
        actions.write_now(batch.pk, by=bureau)

    assert everything() == before


def test_an_error_at_the_end_leaves_nothing_behind(unit, unit_clerk, member, monkeypatch):
    batch = planned(unit, unit_clerk, row(1), row_of(member, 职级="副处级"))
    before = everything()

    def fails(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr(actions.audit, "record", fails)
    with pytest.raises(OSError):  # noqa: PT011
        actions.write_now(batch.pk, by=unit_clerk)

    assert everything() == before


def test_rows_of_the_plan_hold_numbers_sealed(unit, unit_clerk):
    planned(unit, unit_clerk, row(1, 手机号码=make_phone(1)))

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p::text FROM {ImportRow._meta.db_table} p")
        [(stored,)] = cursor.fetchall()
    assert str(row(1)["身份证号"]) not in stored
    assert make_phone(1) not in stored


def test_strangers_write_nothing(unit, unit_clerk, community_clerk):
    batch = planned(unit, unit_clerk, row(1))

    with pytest.raises(PermissionDenied):
        actions.write_now(batch.pk, by=community_clerk)
