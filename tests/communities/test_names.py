import pytest

from communities.divisions.names import names_of, shorten, sound_of, stem_of, tidy
from communities.divisions.register import QINGDAO, read_register


@pytest.mark.parametrize(
    ("registered", "said"),
    [
        ("湛山社区居民委员会", "湛山社区"),
        ("延安二路社区居委会", "延安二路社区"),
        ("永平路居委会", "永平路社区"),
        ("云霄路社区", "云霄路社区"),
        ("山前村村民委员会", "山前村"),
        ("六福村村委会", "六福村"),
        ("西丝峪村民委员会", "西丝峪村"),
        ("福海新村村民委员会", "福海新村"),
        ("产芝湖社区村村民委员会", "产芝湖社区"),
        ("姜山社区村民委员会", "姜山社区"),
        ("甲瑞社区村村民委会", "甲瑞社区"),
        ("五四农场生活区", "五四农场生活区"),
    ],
)
def test_a_registered_name_is_cut_to_what_people_say(registered, said):
    assert shorten(registered) == said


@pytest.mark.parametrize(("said", "stem"), [("湛山社区", "湛山"), ("许村", "许村"), ("福海新村", "福海")])
def test_the_stem_is_what_an_address_holds(said, stem):
    assert stem_of(said) == stem


def test_the_short_name_is_unique_within_its_street():
    with QINGDAO.open(encoding="utf-8") as file:
        rows = [row for row in read_register(file) if row.level == "community"]

    assert len({(row.parent_code, names_of(row.name).short_name) for row in rows}) == len(rows) == 2120


@pytest.mark.parametrize(("one", "other"), [("云霄路", "云宵路"), ("湛山花园", "占山华园"), ("青岛", "亲岛")])
def test_names_that_sound_alike_have_one_sound(one, other):
    assert sound_of(one) == sound_of(other)


def test_names_that_sound_different_have_two():
    assert sound_of("长江路") != sound_of("珠江路")


def test_full_width_forms_spaces_and_signs_are_tidied_away():
    assert tidy(" 湛山花园（Ａ区） 3-1 ") == "湛山花园A区31"
