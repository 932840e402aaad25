"""Pages of funds: the whole way of an application, of a month list, and who sees what of it."""

from datetime import date
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client

from checkin.statistics.months import Month
from huifeng.audit.models import AuditEntry
from services.funds import counting
from services.funds.models import Application, SubsidyList
from services.ledger.models import Account, Entry
from tests.checkin.world import World
from tests.services.funds.money import applied, fund, paid, preset, second, secretary

pytestmark = pytest.mark.django_db


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_application_goes_its_way_by_the_pages(world: World):
    retiree = world.confirmed().retiree
    community, bureau, other = (as_user(user) for user in (world.clerk, world.bureau_clerk, second(world)))
    bureau.post("/bureau/funds/", {"name": "2026年困难帮扶资金", "amount": "5,000", "key": uuid4()})
    money = Account.objects.get(kind="fund")
    form = {"preset": preset().pk, "fund": money.pk, "household": 2, "reason": "老伴重病", "asked": "3000"}
    assert (
        "2026年困难帮扶资金"
        in community.get(f"/community/funds/applications/new/{retiree.pk}/").content.decode()
    )
    community.post(f"/community/funds/applications/new/{retiree.pk}/", form)
    pk = Application.objects.get().pk
    at = f"/bureau/funds/applications/{pk}/"

    assert "老伴重病" in bureau.get(at).content.decode()
    bureau.post(f"{at}check/", {"words": "属实"})
    assert bureau.post(f"{at}plan/", {"words": "补助", "amount": "0"}).status_code == 422
    bureau.post(f"{at}plan/", {"words": "补助", "amount": "2800.50"})
    assert "批准 2,800.50 元" in other.get(at).content.decode()
    other.post(f"{at}approve/", {"amount": 280050})
    other.post(f"{at}pay/")
    community.post(f"/community/funds/applications/{pk}/close/", {"words": "已到手"})

    assert Application.objects.get().state == "closed"
    assert "共 5,000 元，已用 2,800.50 元" in bureau.get("/bureau/funds/").content.decode()
    assert "困难帮扶支付" in bureau.get(f"/bureau/funds/{money.pk}/").content.decode()


def test_the_other_side_sees_state_and_amount_and_no_words(world: World):
    fund(world, 5000)
    made = paid(world, world.confirmed().retiree)
    unit = as_user(world.unit_clerk)

    page = unit.get(f"/unit/funds/applications/{made.pk}/").content.decode()

    assert "已支付" in page
    assert "3,000" in page
    assert "老伴重病" not in page
    assert "一次性补助" not in page
    assert unit.post(f"/unit/funds/applications/{made.pk}/close/", {"words": "好"}).status_code == 403


def test_a_stranger_finds_no_application_and_no_fund(world: World):
    made = applied(world, world.confirmed().retiree)
    there = as_user(world.clerk_there)

    assert there.get(f"/community/funds/applications/{made.pk}/").status_code == 404
    assert there.get(f"/community/funds/{made.fund_id}/").status_code == 404
    assert there.get("/community/funds/subsidies/").status_code == 404


def test_a_grant_is_entered_once_and_reversed_on_the_page(world: World):
    money, bureau = fund(world), as_user(world.bureau_clerk)
    form = {"amount": "100", "note": "青财〔2026〕1 号", "key": uuid4()}
    for _ in range(2):
        bureau.post(f"/bureau/funds/{money.pk}/", form)
    assert Account.objects.get(pk=money.pk).balance == 10_000

    bureau.post(f"/bureau/funds/grants/{Entry.objects.get().pk}/reverse/", {"reason": "多记"})

    assert Account.objects.get(pk=money.pk).balance == 0
    assert "已冲销" in bureau.get(f"/bureau/funds/{money.pk}/").content.decode()


def test_a_month_list_is_made_approved_booked_and_taken_out(world: World):
    money, kind = fund(world, 1000), preset("secretary")
    row = secretary(world, date(2019, 1, 1), retiree=world.confirmed().retiree)
    bureau, other = as_user(world.bureau_clerk), as_user(second(world))
    bureau.post("/bureau/funds/subsidies/", {"preset": kind.pk, "fund": money.pk, "month": "2026-10"})
    at = f"/bureau/funds/subsidies/{SubsidyList.objects.get().pk}/"

    assert row.retiree.name in bureau.get(at).content.decode()
    other.post(f"{at}approve/")
    bureau.post(f"{at}book/")
    book = openpyxl.load_workbook(BytesIO(bureau.post(f"{at}file/").content))

    assert SubsidyList.objects.get().state == "booked"
    assert [cell.value for cell in book["月表"][2]] == [
        row.retiree.name,
        row.organisation.name,
        "2019年1月1日",
        "300.00",
    ]
    assert AuditEntry.objects.filter(action="subsidy.exported").count() == 1


def test_the_figure_of_the_statement_opens_to_its_payments(world: World):
    fund(world, 9000)
    paid(world, world.confirmed().retiree)
    paid(world, world.confirmed().retiree)
    address = counting.address(Month.current(), world.here.division_id)

    page = as_user(world.bureau_clerk).get(address).content.decode()

    assert page.count("查看") == counting.times(Month.current())[world.here.division_id] == 2
