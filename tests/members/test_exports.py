"""Taking a list of people out: who may, which columns, what is masked, what is written down."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import files, running
from huifeng.jobs.models import Job
from huifeng.jobs.work import Work
from members.exports import actions, columns, making, rows
from members.exports.models import ExportLog, ExportOrder
from tests.communities.factories import make_staff, make_unit
from tests.members.exporting import done, lines, order, table
from tests.members.factories import make_member
from tests.members.racing import race

pytestmark = pytest.mark.django_db


# What is in the file


def test_a_unit_exports_its_members_and_nobody_else(unit, unit_clerk, member):
    make_member(make_unit("青岛市第二研究所"), name="别人家")

    assert [row["姓名"] for row in table(unit, unit_clerk)] == [member.name]


def test_numbers_are_masked_unless_asked_for(unit, unit_clerk, member):
    row = table(unit, unit_clerk, keys=["name", "id_number", "phone"])[0]

    assert row["身份证号"] == f"{member.id_number[:6]}********{member.id_number[-4:]}"
    assert row["手机号码"] == f"{member.phone[:3]}****{member.phone[-4:]}"


def test_numbers_are_whole_with_a_reason(unit, unit_clerk, member):
    row = table(unit, unit_clerk, keys=["name", "id_number", "phone"], revealing="填写材料")[0]

    assert row["身份证号"].removeprefix("'") == member.id_number
    assert row["手机号码"] == member.phone


def test_a_number_of_18_digits_stays_text_for_a_spreadsheet(unit, unit_clerk):
    make_member(unit, name="张淑芳", id_number="370202195003080026")

    row = table(unit, unit_clerk, keys=["name", "id_number"], revealing="填写材料")[0]

    assert row["身份证号"] == "'370202195003080026"


def test_every_column_of_a_unit_in_words(unit, unit_clerk, city):
    make_member(
        unit, name="张淑芳", sex="F", residence=city.communities[0].division, residence_address="云霄路 1 号",
        ethnicity="01", retired_on="2005-03", rank="county_1", political_status="cpc", education="bachelor",
        interests=["calligraphy", "chess"], health="good", skills="书法", original_post="副所长",
    )  # fmt: skip

    row = table(unit, unit_clerk, keys=sorted(columns.allowed("unit")))[0]

    assert row["性别"] == "女"
    assert row["出生日期"] == "1950-03-08"
    assert row["民族"] == "汉族"
    assert (row["居住区市"], row["街道"], row["社区"]) == ("市南区", "香港中路街道", "云霄路社区")
    assert row["现管单位"] == unit.name
    assert row["职级"] == "正县（处）级"
    assert row["文化程度"] == "大学本科"
    assert row["离退休类别"] == "退休"
    assert row["离退休时间"] == "2005-03"
    assert row["兴趣爱好"].count("、") == 1
    assert row["报到状态"] == "待报到"


def test_columns_come_in_the_order_of_the_form(unit, unit_clerk, member):
    heads = lines(done(order(unit, unit_clerk, keys=["phone", "name"])))[0]

    assert heads == ["姓名", "手机号码"]


def test_nothing_is_unsealed_that_nobody_asked_for(unit, unit_clerk, member, monkeypatch):
    opened = []
    monkeypatch.setattr("huifeng.sealed.unseal", lambda value, context: opened.append(context) or "")

    list(rows.read([member.pk], ["name", "kind", "community"], by=unit_clerk))

    assert opened == []


@pytest.mark.parametrize("people", [1, 25])
def test_reading_takes_the_same_number_of_queries_however_long_the_list(unit, unit_clerk, city, people):
    made = [make_member(unit, residence=city.communities[n % 4].division).pk for n in range(people)]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = list(rows.read(made, sorted(columns.allowed("unit")), by=unit_clerk))

    assert len(found) == people
    assert len(queries) <= 7  # code lists, people, three levels of places, standing, check-ins


def test_a_restricted_person_is_in_no_unit_s_file(unit, unit_clerk, member):
    make_member(unit, name="限制的", is_restricted=True)

    assert [row["姓名"] for row in table(unit, unit_clerk)] == [member.name]


def test_a_restricted_person_is_in_a_bureau_s_file(city, unit, bureau_clerk):
    make_member(unit, name="限制的", is_restricted=True)

    assert [row["姓名"] for row in table(city.districts[0], bureau_clerk)] == ["限制的"]


def test_a_restricted_relative_whom_a_clerk_helps_is_not_in_the_unit_s_file(unit, unit_clerk, member):
    make_member(unit, name="限制的", is_restricted=True, user=unit_clerk)

    assert [row["姓名"] for row in table(unit, unit_clerk)] == [member.name]


@pytest.mark.parametrize("file_format", ["xlsx", "csv", "ods"])
def test_each_format_makes_a_file_with_its_log(unit, unit_clerk, member, file_format):
    job = done(order(unit, unit_clerk, file_format=file_format))

    assert job.state == Job.State.DONE
    assert job.file.name == f"离退休干部名单_{unit.name}_{timezone.localdate():%Y-%m-%d}.{file_format}"
    assert ExportLog.objects.get().sha256 == job.file.sha256


def test_the_file_says_who_made_it_for_what(unit, unit_clerk, member):
    text = files.content_of(done(order(unit, unit_clerk)).file).decode("utf-8-sig").splitlines()[0]

    assert unit_clerk.display_name in text
    assert "走访慰问：重阳节走访" in text
    assert "1 人" in text


# What is written down


def test_an_export_is_logged_and_audited(unit, unit_clerk, member):
    done(order(unit, unit_clerk, wanted={"kind": "tuixiu"}))

    log = ExportLog.objects.get()
    assert (log.rows, log.order.by, log.order.organisation) == (1, unit_clerk, unit)
    assert (log.order.purpose, log.order.words) == ("visit", "重阳节走访")
    assert log.order.columns == ["name", "sex", "id_number"]
    assert log.order.conditions == "类别：退休"
    assert not log.is_revealed
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["export.ordered", "export.made"]


def test_whole_numbers_are_told_to_each_person(unit, unit_clerk, member):
    make_member(unit, name="李秀英")
    done(order(unit, unit_clerk, revealing="填写材料"))

    looks = AuditEntry.objects.filter(action="people.revealed")
    assert looks.count() == 2
    assert looks.filter(target_id=str(member.pk), organisation_id=unit.pk, note="填写材料").exists()


def test_no_number_in_the_file_means_nobody_was_revealed(unit, unit_clerk, member):
    done(order(unit, unit_clerk, keys=["name"], revealing="填写材料"))

    assert not ExportLog.objects.get().is_revealed
    assert not AuditEntry.objects.filter(action="people.revealed").exists()


def test_what_was_typed_stands_neither_in_the_job_nor_readable_in_the_order(unit, unit_clerk, member):
    job = order(unit, unit_clerk, wanted={"q": member.name, "kind": "tuixiu"})

    made = ExportOrder.objects.get()
    assert member.name not in json.dumps([job.args, job.title, made.conditions], ensure_ascii=False)
    assert made.wanted == {"q": member.name, "kind": "tuixiu"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT filters FROM members_exports_exportorder")
        assert member.name.encode() not in bytes(cursor.fetchone()[0])


def test_conditions_narrow_the_list(unit, unit_clerk, member):
    make_member(unit, name="李秀英")

    assert [row["姓名"] for row in table(unit, unit_clerk, wanted={"q": "李秀英"})] == ["李秀英"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = 0", "DELETE FROM {}"])
@pytest.mark.parametrize("model", [ExportOrder, ExportLog])
def test_what_is_written_down_can_be_neither_changed_nor_deleted(model, statement):
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(model._meta.db_table))


# Twice, and refused


def test_the_same_form_twice_is_one_order(unit, unit_clerk, member):
    key = uuid.uuid4()

    assert order(unit, unit_clerk, key=key) == order(unit, unit_clerk, key=key)
    assert Job.objects.count() == 1
    assert AuditEntry.objects.filter(action="export.ordered").count() == 1


def test_another_person_s_key_gives_nothing_away(unit, unit_clerk, member):
    key = uuid.uuid4()
    order(unit, unit_clerk, key=key)

    with pytest.raises(DatabaseError):
        order(unit, make_staff(unit), key=key)


def test_a_job_done_twice_makes_one_file_and_one_log(unit, unit_clerk, member):
    job = done(order(unit, unit_clerk))
    file = job.file_id

    assert making.run(Work(job)) == {"rows": 1}
    assert Job.objects.get(pk=job.pk).file_id == file
    assert ExportLog.objects.count() == 1


def test_a_failed_audit_leaves_no_file_and_no_log(unit, unit_clerk, member, monkeypatch):
    job = order(unit, unit_clerk)

    def broken(*args, **kwargs):
        raise OSError("no audit")

    monkeypatch.setattr("huifeng.audit.actions.record", broken)
    done(job)

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.file_id is None
    assert not ExportLog.objects.exists()


def test_an_empty_list_is_refused_before_there_is_a_job(unit, unit_clerk):
    with pytest.raises(RuleBroken, match="没有符合条件") as refused:
        order(unit, unit_clerk)

    assert refused.value.code == "empty"
    assert not Job.objects.exists()


def test_a_list_that_has_become_empty_makes_no_file(unit, unit_clerk, member):
    job = order(unit, unit_clerk)
    member.is_restricted = True
    member.save(update_fields=["is_restricted"])

    done(job)

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error == actions.NOBODY
    assert job.file_id is None


def test_who_has_left_the_office_meanwhile_gets_no_file(unit, unit_clerk, member):
    job = order(unit, unit_clerk)
    Assignment.objects.filter(user=unit_clerk).update(valid_until=timezone.localdate() - timedelta(days=1))

    done(job)

    job.refresh_from_db()
    assert "不在这个单位任职" in job.error
    assert not ExportLog.objects.exists()


@pytest.mark.parametrize("who", ["stranger", "community_clerk", "bureau_clerk"])
def test_only_staff_of_the_organisation_export_its_list(request, unit, member, who):
    with pytest.raises(PermissionDenied):
        order(unit, request.getfixturevalue(who))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"keys": []}, "no_columns"),
        ({"keys": ["nonsense"]}, "no_columns"),
        ({"purpose": ""}, "no_purpose"),
        ({"purpose": "nonsense"}, "no_purpose"),
        ({"words": "  "}, "no_purpose"),
        ({"file_format": "pdf"}, "no_purpose"),
    ],
)
def test_an_order_without_columns_or_purpose_is_refused(unit, unit_clerk, member, wrong, code):
    with pytest.raises(RuleBroken) as refused:
        order(unit, unit_clerk, **wrong)

    assert refused.value.code == code
    assert not ExportOrder.objects.exists()


@pytest.mark.parametrize(
    "key", ["rank", "treatment", "original_post", "category", "party_joined_on", "ethnicity"]
)
def test_a_community_gets_no_column_that_its_pages_do_not_show(city, community_clerk, key):
    assert key not in columns.allowed("community")
    with pytest.raises(RuleBroken) as refused:
        order(city.communities[0], community_clerk, keys=["name", key])

    assert refused.value.code == "column_not_seen"


@pytest.mark.parametrize("key", ["needs", "joins_party_life"])
def test_a_unit_gets_no_column_that_is_the_community_s(key):
    assert key not in columns.allowed("unit")


# Who reads the log


def test_a_bureau_sees_the_exports_of_its_area_and_others_their_own(
    city, unit, unit_clerk, member, bureau_clerk
):
    done(order(unit, unit_clerk))
    other_bureau = make_staff(city.districts[1])

    assert ExportLog.objects.visible_to(unit_clerk).count() == 1
    assert ExportLog.objects.visible_to(bureau_clerk).count() == 1
    assert ExportLog.objects.visible_to(make_staff(unit)).count() == 0
    assert ExportLog.objects.visible_to(other_bureau).count() == 0
    assert ExportLog.objects.visible_to(make_staff(city.streets[0])).count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_order(unit, unit_clerk, member):
    key = uuid.uuid4()

    jobs = race(2, lambda number: order(unit, unit_clerk, key=key))

    assert jobs[0] == jobs[1]
    assert Job.objects.count() == ExportOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_export_make_one_file(unit, unit_clerk, member):
    job = order(unit, unit_clerk)

    race(2, lambda number: running.run(job.pk))

    assert ExportLog.objects.count() == 1
    assert Job.objects.get(pk=job.pk).state == Job.State.DONE
