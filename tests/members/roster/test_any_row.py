"""Whatever stands in the cells of a roster, its rows get a verdict and the database takes them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huifeng.accounts.models import User
from members.roster import planning, staging
from members.roster.models import ImportBatch, ImportRow
from members.roster.tables import tables
from tests.members.factories import make_id_number

from .workbooks import HEADINGS, sheet

pytestmark = pytest.mark.django_db

ALL = [
    *HEADINGS,
    "居住地区市",
    "街道",
    "社区",
    "详细地址",
    "兴趣爱好",
    "单位全称",
    "参加工作时间",
    "固定电话",
]
TEXT = st.text(max_size=40)  # with \x00, which PostgreSQL does not take
CELL = st.one_of(
    TEXT, st.integers(), st.floats(), st.booleans(), st.sampled_from(["", "\x00", "市南区", "1958.3"])
)
NAME = st.one_of(st.just("刘桂英"), TEXT)
ID = st.one_of(st.integers(0, 50).map(make_id_number), CELL)
ROW = st.tuples(NAME, ID, st.lists(CELL, min_size=len(ALL), max_size=len(ALL)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ROW, min_size=1, max_size=5))
def test_every_row_gets_a_verdict(unit, rows):
    by = User.objects.system()
    batch = ImportBatch.objects.create(organisation=unit, by=by, file_name="花名册.xlsx", sha256="0" * 64)
    lines = [[*cells[:1], name, cells[2], number, *cells[4:]] for name, number, cells in rows]
    plan = planning.Plan()
    maker = planning._Maker(batch, by, plan)

    for table in tables([sheet(ALL, *lines)], plan.remarks):
        staging.copy(batch.pk, maker.stage(list(maker.check(table))))

    found = ImportRow.objects.filter(batch=batch)
    assert len(found) == plan.counts["rows"]
    assert all(row.verdict in ImportRow.Verdict for row in found)
    assert all(row.notes for row in found if row.verdict not in ImportRow.WRITTEN)


@pytest.mark.parametrize("cell", ["王\x00建国", "\u202a王建国\u202c"])
def test_characters_nobody_sees_are_dropped(unit, cell):
    by = User.objects.system()
    batch = ImportBatch.objects.create(organisation=unit, by=by, file_name="花名册.xlsx", sha256="0" * 64)
    maker = planning._Maker(batch, by, planning.Plan())
    (table,) = tables([sheet(["姓名", "身份证号"], [cell, make_id_number(1)])], [])

    staging.copy(batch.pk, maker.stage(list(maker.check(table))))

    assert ImportRow.objects.get().name == "王建国"
