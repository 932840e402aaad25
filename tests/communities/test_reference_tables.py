"""Reference tables as files in the admin: what goes out comes in again, and no rule is passed by."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from communities.calendar import actions as calendar
from communities.calendar.admin import SpecialDayResource
from communities.calendar.models import AnnouncedYear, SpecialDay
from communities.calendar.special_days import Day
from communities.divisions.models import NamedPlace
from communities.organisations import credit_codes
from communities.organisations.admin import DivisionAliasResource, NamedPlaceResource, UnitResource
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.codes.admin import CodeValueResource
from huifeng.codes.models import CodeValue
from tests.communities.factories import TinyCity, UserFactory, make_city, make_staff, make_unit
from tests.members.factories import load_codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> TinyCity:
    load_codes()
    return make_city()


@pytest.fixture
def keeper(city) -> User:
    """Keeps the reference tables: staff of the city bureau, who may enter the admin."""
    return make_staff(city.city, is_staff=True, is_superuser=True)


def taken(resource: type, rows: list[dict[str, Any]], by: User, *, dry_run: bool = False) -> Any:
    heads = list(rows[0])
    data = tablib.Dataset(*[[row[head] for head in heads] for row in rows], headers=heads)
    return resource().import_data(data, user=by, dry_run=dry_run)


def totals(result: Any) -> tuple[int, int, int]:
    """New, updated, left out; nothing else."""
    assert not result.has_errors(), [error.error for error in result.base_errors] or result.row_errors()
    assert not result.has_validation_errors()
    return result.totals["new"], result.totals["update"], result.totals["skip"]


def said(result: Any) -> list[str]:
    return [row.diff[0] for row in result.rows if row.import_type == "skip" and row.diff]


UNIT = {"credit_code": credit_codes.make(77), "name": "青岛市渔业研究所", "division": "370202000000"}
UNIT |= {
    "nature": "事业单位",
    "tier": "",
    "address": "南海路 7 号",
    "phone": "0532-82890000",
    "contact": "",
    "hours": "",
}


# Units


def test_units_come_from_a_file(keeper):
    assert totals(taken(UnitResource, [UNIT], keeper)) == (1, 0, 0)

    unit = Organisation.objects.get(credit_code=UNIT["credit_code"])
    assert (unit.kind, unit.name, unit.phone) == ("unit", "青岛市渔业研究所", "0532-82890000")
    assert unit.parent.division_id == "370202000000"
    assert AuditEntry.objects.filter(action="unit.added", actor_id=keeper.pk).count() == 1


def test_the_same_units_again_change_nothing(keeper):
    taken(UnitResource, [UNIT], keeper)
    before = AuditEntry.objects.count()

    assert totals(taken(UnitResource, [UNIT], keeper)) == (0, 0, 1)
    assert AuditEntry.objects.count() == before


def test_a_contact_is_changed_and_audited(keeper):
    taken(UnitResource, [UNIT], keeper)

    assert totals(taken(UnitResource, [UNIT | {"contact": "张伟"}], keeper)) == (0, 1, 0)
    assert AuditEntry.objects.filter(action="organisation.contact_changed").count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"credit_code": "123"}, "统一社会信用代码不对"),
        ({"name": ""}, "请填写单位名称"),
        ({"division": "999999999999"}, "编码找不到"),
    ],
)
def test_a_unit_against_a_rule_is_left_out_with_the_sentence_and_the_rest_comes_in(keeper, wrong, sentence):
    other = UNIT | {"credit_code": credit_codes.make(78), "name": "青岛市盐业研究所"}

    result = taken(UnitResource, [UNIT | wrong, other], keeper)

    assert totals(result) == (1, 0, 1)
    assert sentence in said(result)[0]
    assert list(Organisation.objects.filter(kind="unit").values_list("name", flat=True)) == [
        "青岛市盐业研究所"
    ]


@pytest.mark.parametrize("change", [{"name": "另一个名字"}, {"nature": "企业"}, {"division": "370203000000"}])
def test_a_file_renames_and_moves_no_unit(keeper, change):
    taken(UnitResource, [UNIT], keeper)

    result = taken(UnitResource, [UNIT | change], keeper)

    assert totals(result) == (0, 0, 1)
    unit = Organisation.objects.get(credit_code=UNIT["credit_code"])
    assert (unit.name, unit.nature, unit.division_id) == (UNIT["name"], UNIT["nature"], UNIT["division"])


def test_units_of_another_district_are_not_a_district_s_to_bring(city):
    with pytest.raises(AssertionError):
        totals(taken(UnitResource, [UNIT], make_staff(city.districts[1])))

    assert not Organisation.objects.filter(credit_code=UNIT["credit_code"]).exists()


def test_a_preview_writes_nothing(keeper):
    assert totals(taken(UnitResource, [UNIT], keeper, dry_run=True)) == (1, 0, 0)

    assert not Organisation.objects.filter(credit_code=UNIT["credit_code"]).exists()
    assert not AuditEntry.objects.exists()


# Round trips


def there_and_back(resource: type, by: User) -> tuple[int, int, int]:
    return totals(resource().import_data(resource().export(), user=by))


def test_units_make_the_round_trip(city, keeper):
    make_unit("青岛市第一研究所")
    make_unit("青岛市第二研究所", phone="-1")

    assert there_and_back(UnitResource, keeper) == (0, 0, 2)


def test_places_make_the_round_trip(city, keeper):
    taken(NamedPlaceResource, PLACES, keeper)

    assert there_and_back(NamedPlaceResource, keeper) == (0, 0, 2)


def test_codes_make_the_round_trip(keeper):
    load_codes()

    assert there_and_back(CodeValueResource, keeper) == (0, 0, CodeValue.objects.count())


def test_special_days_make_the_round_trip(city, keeper):
    calendar.enter_year(2030, [Day(date(2030, 1, 1), "off", "元旦")], source="国办发明电", by=keeper)
    before = AuditEntry.objects.count()

    there_and_back(SpecialDayResource, keeper)

    assert AuditEntry.objects.count() == before


def test_a_name_that_looks_like_a_formula_leaves_with_an_apostrophe_and_comes_back_without(city, keeper):
    unit = make_unit("=1+1 研究所")

    data = UnitResource().export()

    assert data["name"] == ["'=1+1 研究所"]
    assert totals(UnitResource().import_data(data, user=keeper)) == (0, 0, 1)
    unit.refresh_from_db()
    assert unit.name == "=1+1 研究所"


# 小区 and roads

PLACES = [
    {
        "community": "370202001001",
        "kind": "小区",
        "name": "云霄花园",
        "number_from": "",
        "number_to": "",
        "parity": "",
    },
    {
        "community": "370202001001",
        "kind": "道路",
        "name": "云霄路",
        "number_from": 1,
        "number_to": 99,
        "parity": "单号",
    },
]


def test_places_come_from_a_file_and_are_audited(city, keeper):
    assert totals(taken(NamedPlaceResource, PLACES, keeper)) == (2, 0, 0)

    assert {str(place) for place in NamedPlace.objects.all()} == {"云霄花园", "云霄路 1-99 号（单号）"}
    assert NamedPlace.objects.exclude(sound="").count() == 2
    assert AuditEntry.objects.filter(action="community.places_added").count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"community": "370202001000"}, "社区"), ({"kind": "公园"}, "小区、道路"), ({"name": " "}, "名称")],
)
def test_a_place_against_a_rule_is_left_out_with_the_sentence(city, keeper, wrong, sentence):
    result = taken(NamedPlaceResource, [PLACES[0] | wrong, PLACES[1]], keeper)

    assert totals(result) == (1, 0, 1)
    assert sentence in said(result)[0]


# Aliases


def test_aliases_come_from_a_file_and_make_the_round_trip(city, keeper):
    row = {"alias": "老市南", "division": "370202000000", "kind": "旧名", "is_certain": "1", "note": ""}

    assert totals(taken(DivisionAliasResource, [row], keeper)) == (1, 0, 0)
    assert there_and_back(DivisionAliasResource, keeper) == (0, 0, 1)
    assert "别名和类别" in said(taken(DivisionAliasResource, [row | {"kind": "昵称"}], keeper))[0]


# Codes


def code(**fields: str) -> dict[str, str]:
    return {
        "list": "interest", "code": "kites", "label": "放风筝", "roll_up": "", "aliases": "风筝|纸鸢", "is_active": "1"
    } | fields  # fmt: skip


def test_words_come_from_a_file_and_are_audited(keeper):
    assert totals(taken(CodeValueResource, [code()], keeper)) == (1, 0, 0)

    assert CodeValue.objects.get(code="kites").aliases == ["风筝", "纸鸢"]
    assert AuditEntry.objects.filter(action="code.added").count() == 1


def test_a_word_is_renamed_and_switched_off_never_deleted(keeper):
    taken(CodeValueResource, [code()], keeper)

    assert totals(taken(CodeValueResource, [code(label="风筝", aliases="", is_active="0")], keeper)) == (
        0,
        1,
        0,
    )
    value = CodeValue.objects.get(code="kites")
    assert (value.label, value.aliases, value.is_active) == ("风筝", [], False)


@pytest.mark.parametrize(
    ("wrong", "sentence"), [({"list": "nonsense"}, "没有这个代码表"), ({"label": "书法"}, "已经在表里")]
)
def test_a_word_against_a_rule_is_left_out_with_the_sentence(keeper, wrong, sentence):
    result = taken(CodeValueResource, [code(**wrong)], keeper)

    assert totals(result) == (0, 0, 1)
    assert sentence in said(result)[0]


def test_what_a_word_is_summed_under_stays(keeper):
    result = taken(
        CodeValueResource,
        [code(list="rank", code="county_1", label="正县（处）级", roll_up="section")],
        keeper,
    )

    assert totals(result) == (0, 0, 1)
    assert CodeValue.objects.get(list="rank", code="county_1").roll_up == "county"


# Special days


def day(on: str, kind: str = "放假", name: str = "元旦", source: str = "") -> dict[str, str]:
    return {"date": on, "kind": kind, "name": name, "source": source}


def test_a_year_comes_from_a_file_by_its_own_act(city, keeper):
    rows = [day("2030-01-01", source="国办发明电〔2029〕7号"), day("2030-02-09", "上班", "春节")]

    assert totals(taken(SpecialDayResource, rows, keeper)) == (2, 0, 0)
    assert AnnouncedYear.objects.get().source == "国办发明电〔2029〕7号"
    assert AuditEntry.objects.get().action == "calendar.year_entered"


def test_a_correction_leaves_the_other_days(city, keeper):
    taken(
        SpecialDayResource, [day("2030-01-01", source="国办发明电"), day("2030-05-01", name="劳动节")], keeper
    )

    taken(SpecialDayResource, [day("2030-05-01", name="国际劳动节")], keeper)

    assert list(SpecialDay.objects.values_list("name", flat=True)) == ["元旦", "国际劳动节"]
    assert AnnouncedYear.objects.get().source == "国办发明电"


def test_a_new_year_needs_its_notice(city, keeper):
    result = taken(SpecialDayResource, [day("2030-01-01")], keeper)

    assert "依据的通知" in str(result.base_errors[0].error)
    assert not SpecialDay.objects.exists()


# The pages of the admin


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_file_is_previewed_and_then_taken(keeper):
    browser = browser_of(keeper)
    data = tablib.Dataset(list(UNIT.values()), headers=list(UNIT)).export("csv")
    upload = SimpleUploadedFile("units.csv", data.encode(), "text/csv")
    url = reverse("admin:communities_organisations_organisation_import")

    preview = browser.post(url, {"import_file": upload, "format": "0"})
    assert "青岛市渔业研究所" in preview.content.decode()
    assert not Organisation.objects.filter(kind="unit").exists()

    confirm = {
        name: value for name, value in preview.context["confirm_form"].initial.items() if value is not None
    }
    answer = browser.post(reverse("admin:communities_organisations_organisation_process_import"), confirm)
    assert answer.status_code == 302
    assert Organisation.objects.get(kind="unit").name == "青岛市渔业研究所"


TABLES = ("codes_codevalue", "communities_organisations_organisation", "communities_divisions_namedplace")


@pytest.mark.parametrize("page", ["import", "export"])
@pytest.mark.parametrize("table", [*TABLES, "communities_calendar_specialday"])
def test_import_and_export_open_for_the_keeper_only(city, keeper, table, page):
    url = reverse(f"admin:{table}_{page}")

    assert browser_of(keeper).get(url).status_code == 200
    assert browser_of(make_staff(city.districts[0], is_staff=True)).get(url).status_code == 403
    assert browser_of(UserFactory(is_staff=True)).get(url).status_code == 403


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 6])
def test_every_offered_format_of_an_export_opens(city, keeper, number):
    make_unit("青岛市第一研究所")
    browser = browser_of(keeper)
    url = reverse("admin:communities_organisations_organisation_export")
    form = browser.get(url).context["form"]
    if str(number) not in dict(form.fields["format"].choices):
        pytest.skip("not offered")
    fields = {name: "on" for name in form.fields if name.startswith("unitresource_")}

    answer = browser.post(url, {"format": str(number), "resource": "0", **fields})

    assert answer.status_code == 200
    assert BytesIO(answer.content).getbuffer().nbytes > 20
