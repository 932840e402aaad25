"""What one cell means as a value of a person."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huifeng.codes import labels
from huifeng.codes.models import CodeValue
from members.roster import cells, columns
from members.roster.notes import Level
from tests.members.factories import make_id_number, make_phone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]  # the mark comes before the codes

ID, X_ID = make_id_number(1), next(n for n in map(make_id_number, range(99)) if n.endswith("X"))
ANY_CELL = st.one_of(st.text(), st.integers(), st.floats(), st.booleans())


def read(field, cell):
    """(values, codes of the notes)"""
    values, notes = cells.READERS[field](cell)
    return values, [note.code for note in notes]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("王建国", "王建国"),
        (" 王 建　国\n", "王建国"),
        ("王\u200b建国\u202a", "王建国"),
        ("阿不都热依木•买买提", "阿不都热依木·买买提"),
        ("王𬸚", "王𬸚"),
        ("李𫍯", "李𫍯"),
        ("=cmd|'/C calc'!A", "=cmd|'/Ccalc'!A"),
        ("+王建国", "+王建国"),
    ],
)
def test_a_name_is_kept_as_it_is_written_without_spaces(cell, meant):
    assert read("name", cell) == ({"name": meant}, [])


@pytest.mark.parametrize("cell", ["12345", 12345, "A101", "王" * 31])
def test_what_is_no_name_keeps_the_row_out(cell):
    assert read("name", cell) == ({}, ["name_not_a_name"])


@pytest.mark.parametrize("cell", ["", "  ", "\u3000", "\u200b", "\x00"])
def test_an_empty_name_says_nothing(cell):
    assert read("name", cell) == ({}, [])


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (ID, ID),
        (X_ID.lower(), X_ID),
        ("".join(chr(ord(c) + 0xFEE0) for c in X_ID), X_ID),
        (f" {ID[:6]} {ID[6:14]} {ID[14:]} ", ID),
        (f"\u202a{ID}\u200e", ID),
    ],
)
def test_an_id_number_is_read_in_any_dress(cell, meant):
    assert read("id_number", cell) == ({"id_number": meant}, [])


@pytest.mark.parametrize("cell", [ID[:6] + ID[8:17], int(ID[:6] + ID[8:17]), float(ID[:6] + ID[8:17])])
def test_an_id_number_of_15_digits_is_converted_and_said(cell):
    assert read("id_number", cell) == ({"id_number": ID}, ["id_15"])


@pytest.mark.parametrize(
    "cell", [int(ID[:15] + "000"), float(ID[:17] + "1"), "3.70202E+17", "3.70202195003081e+17"]
)
def test_an_id_number_that_lost_its_last_digits_is_refused_with_the_reason(cell):
    values, notes = cells.id_number(cell)

    assert (values, notes[0].code, notes[0].level) == ({}, "id_lost_digits", Level.ERROR)
    assert "文本" in notes[0].message


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (ID[:17], "id_short"),
        (ID + "1", "id_long"),
        (ID[:17] + ("1" if ID[17] != "1" else "2"), "id_check"),
        ("无", "id_characters"),
        (ID[:10] + "1332" + ID[14:], "id_birth"),
        (True, "id_characters"),
    ],
)
def test_a_wrong_id_number_keeps_the_row_out(cell, code):
    assert read("id_number", cell) == ({}, [code])


@pytest.mark.parametrize(
    ("cell", "values", "codes"),
    [
        (make_phone(1), {"phone": make_phone(1)}, []),
        (int(make_phone(1)), {"phone": make_phone(1)}, []),
        (float(make_phone(1)), {"phone": make_phone(1)}, []),
        ("139 0000 0001", {"phone": "13900000001"}, []),
        ("+86-139-0000-0001", {"phone": "13900000001"}, []),
        ("0532-85700001", {"landline": "0532-85700001"}, ["phone_landline"]),
        ("（0532）85700001", {"landline": "053285700001"}, ["phone_landline"]),
        ("13900000001/13900000002", {"phone": "13900000001"}, ["phone_two"]),
        ("13900000001 13900000002", {"phone": "13900000001"}, ["phone_two"]),
        ("0532-85700001、13900000002", {"phone": "13900000002"}, ["phone_two"]),
        ("1390000000", {}, ["phone_wrong"]),
        ("无", {}, ["phone_wrong"]),
    ],
)
def test_a_phone_number_is_read_or_said_why_not(cell, values, codes):
    assert read("phone", cell) == (values, codes)


@pytest.mark.parametrize(
    ("field", "cell", "values"),
    [
        ("political_status", "共产党员", {"political_status": "cpc"}),
        ("political_status", " 中共 党员 ", {"political_status": "cpc"}),
        ("ethnicity", "汉", {"ethnicity": "01"}),
        ("education", "本科", {"education": "bachelor"}),
        ("category", "参照公务员法管理", {"category": "managed_as_civil_servant"}),
        ("rank", "正县(处)级", {"rank": "county_1"}),
        ("rank", "享受副厅级待遇", {"treatment": "bureau_2"}),
        ("kind", "退休干部", {"kind": "tuixiu"}),
        ("kind", "离休老干部", {"kind": "lixiu"}),
        ("sex", "女性", {"sex": "F"}),
    ],
)
def test_words_and_their_aliases_become_codes(field, cell, values):
    assert read(field, cell) == (values, [])


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("political_status", "党外", "code_unknown"),
        ("rank", "享受某某待遇", "code_unknown"),
        ("rank", "享受正厅级医疗待遇", "medical_treatment"),
        ("kind", "内退", "kind_unknown"),
        ("sex", "先生", "code_unknown"),
        ("native_place", "青" * 61, "too_long"),
    ],
)
def test_words_nobody_knows_are_said_and_left_out(field, cell, code):
    assert read(field, cell) == ({}, [code])


def test_several_words_are_read_and_the_unknown_ones_said():
    values, notes = cells.READERS["interests"]("书法，象棋/书法、跳伞")

    assert len(values["interests"]) == 2
    assert [note.code for note in notes] == ["code_unknown"]
    assert "跳伞" in notes[0].message


def test_a_word_out_of_use_is_not_taken():
    CodeValue.objects.filter(list="interest", label="书法").update(is_active=False)
    labels.forget()

    assert read("interests", "书法") == ({}, ["code_unknown"])


@pytest.mark.parametrize("field", sorted(set(cells.READERS) - {columns.SKIPPED}))
def test_no_cell_is_too_odd_for_a_column(field):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(ANY_CELL)
    def read_it(cell):
        values, notes = cells.READERS[field](cell)

        assert all(note.message and note.code for note in notes)
        assert "\x00" not in "".join(map(str, (*values.values(), *(note.message for note in notes))))

    read_it()


def test_every_column_of_the_headings_has_a_reader():
    assert set(columns.HEADINGS) == set(cells.READERS)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("身份证号", "id_number"),
        ("公民身份号码", "id_number"),
        ("证件号", "id_number"),
        ("* 身份证\n号码（18位）", "id_number"),
        ("职务\r\n（职级）", "original_post"),
        ("姓  名", "name"),
        ("姓　名", "name"),
        ("离（退）休时间", "retired_on"),
        ("离(退)休类别", "kind"),
        ("离/退休时间", "retired_on"),
        ("手机号码：", "phone"),
        ("ＮＯ.", "skipped"),
        ("备注", None),
        ("", None),
        (12, None),
    ],
)
def test_a_heading_means_its_field_with_breaks_brackets_and_synonyms(heading, field):
    assert columns.field_of(heading) == field


def test_no_word_is_the_heading_of_two_fields():
    words = [columns.plain(word) for headings in columns.HEADINGS.values() for word in headings]

    assert len(words) == len(set(words))
