"""Where somebody lives, from the words of a roster."""

import pytest

from communities.divisions.models import DivisionAlias
from members.roster.places import Places, _one_letter_apart
from tests.communities.factories import DivisionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]  # the mark comes before the codes

YUNXIAO, SHANGQING = "370202001001", "370203008002"


@pytest.fixture
def places(city):
    DivisionAlias.objects.create(alias="四方区", division_id="370203000000", kind="former")
    DivisionAlias.objects.create(alias="沧口区", division_id="370203000000", kind="former", is_certain=False)
    return Places.load()


def found(places, *words):
    home = places.find(*words)
    return home.code, [note.code for note in home.notes]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("市南区", "香港中路街道", "云霄路社区"), YUNXIAO),
        (("市南", "香港中路", "云霄路社区"), YUNXIAO),
        (("青岛市市南区", "香港中路街道办事处", "云霄路社区居委会"), YUNXIAO),
        (("山东省青岛市市南区", "", "云霄路社区居民委员会"), YUNXIAO),
        (("", "", "云霄路"), YUNXIAO),
        (("", "香港中路街道", "云霄路社区"), YUNXIAO),
        (("市北区", "延安路街道", "上清路社区"), SHANGQING),
        (("四方区", "", "上清路社区"), SHANGQING),
        (("市 北 区", "", "上清路社区"), SHANGQING),
    ],
)
def test_a_community_is_found_by_what_people_write(places, words, code):
    assert found(places, *words) == (code, [])


def test_a_wrong_street_is_said_and_the_community_taken(places):
    assert found(places, "市南区", "江苏路街道", "云霄路社区") == (YUNXIAO, ["street_disagrees"])


def test_an_unknown_district_is_said(places):
    assert found(places, "市东区", "", "云霄路社区") == (YUNXIAO, ["district_unknown"])


def test_an_uncertain_former_district_decides_nothing(places):
    assert found(places, "沧口区", "", "") == ("", ["district_unknown"])


def test_a_near_miss_is_suggested_and_never_guessed(places):
    home = places.find("市南区", "香港中路街道", "云宵路社区")

    assert (home.code, [(n.code, n.level) for n in home.notes]) == ("", [("community_near", "warning")])
    assert "云霄路社区" in home.notes[0].message


def test_an_unknown_community_keeps_the_row_out(places):
    home = places.find("市南区", "香港中路街道", "幸福里社区")

    assert (home.code, [(n.code, n.level) for n in home.notes]) == ("", [("community_unknown", "error")])


def test_a_name_that_is_there_twice_needs_the_street(city):
    DivisionFactory(code="370202007099", name="云霄路社区", parent_id="370202007000")
    places = Places.load()

    assert found(places, "市南区", "", "云霄路社区") == ("", ["community_ambiguous"])
    assert found(places, "市南区", "江苏路街道", "云霄路社区") == ("370202007099", [])


@pytest.mark.parametrize(
    ("district", "where"),
    [
        ("山东省济南市历下区", "province"),
        ("山东济南", "province"),
        ("北京市海淀区", "outside"),
        ("江苏省南京市", "outside"),
        ("上海", "outside"),
        ("大连市", "outside"),
    ],
)
def test_outside_the_city_nothing_is_looked_up(places, district, where):
    home = places.find(district, "某街道", "幸福里社区")

    assert (home.elsewhere, home.code, home.notes) == (where, "", ())


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("云霄路社区", "云宵路社区", True),
        ("云霄路社区", "云霄社区", True),
        ("云霄路社区", "小云霄路社区", True),
        ("云霄路社区", "云霄路社区", False),
        ("云霄路社区", "霄云路社区", False),
        ("许村", "徐村", False),
    ],
)
def test_near_is_one_letter(one, other, apart):
    assert _one_letter_apart(one, other) is apart
    assert _one_letter_apart(other, one) is apart
