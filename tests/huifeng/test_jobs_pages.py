"""The download centre: one's own work, and its files."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import actions, progress, running
from huifeng.jobs.models import Job, StoredFile
from huifeng.jobs.work import Work
from tests.communities.factories import UserFactory, make_city, make_staff
from tests.huifeng.job_kinds import kind

__all__ = ["kind"]

pytestmark = pytest.mark.django_db

NAME = "云霄路社区 居民名册（2026年10月）.xlsx"


@pytest.fixture
def staff(db: None) -> User:
    return make_staff(make_city().communities[0])


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def with_file(work: Work) -> dict[str, Any]:
    work.keep_file(NAME, b"\x00\x01 content", "application/vnd.ms-excel")
    return {}


def refuse(work: Work) -> dict[str, Any]:
    raise RuleBroken("这个月已经封存，请选别的月份。")


def asked(name: str, by: User, **more: Any) -> Job:
    return actions.start(name, title="导出居民名册", by=by, args={}, **more)


def done(name: str, by: User, **more: Any) -> Job:
    job = running.run(asked(name, by, **more).pk)
    assert job is not None
    return job


def running_job(name: str, by: User) -> Job:
    job = asked(name, by)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, attempts=1, started_at=timezone.now())
    return job


def words(answer: Any) -> str:
    return answer.content.decode()


# the list ---------------------------------------------------------------------------------------------------


def test_the_list_has_work_of_every_state_newest_first(desk, staff, kind):
    done(kind(with_file), staff)
    running.run(asked(kind(refuse), staff).pk)
    told = running_job(kind(with_file), staff)
    progress.tell(told.pk, progress.Progress(320, 500, "已写 320 / 500 行"))
    asked(kind(with_file), staff)

    page = words(desk.get("/files/"))

    for shown in (NAME, "保留到", "已办好", "没有办成", "这个月已经封存", "已写 320 / 500 行（64", "排队中"):
        assert shown in page
    assert page.index("排队中") < page.index("已写 320") < page.index("这个月已经封存") < page.index(NAME)


def test_the_list_says_when_there_is_nothing(desk):
    assert "还没有事项" in words(desk.get("/files/"))


def test_the_list_has_an_end_and_asks_a_fixed_number_of_times(
    desk, staff, kind, django_assert_max_num_queries
):
    name = kind(with_file)
    for _ in range(53):
        asked(name, staff)
    Job.objects.update(state=Job.State.CANCELLED, finished_at=timezone.now())

    with django_assert_max_num_queries(10):
        page = words(desk.get("/files/"))

    assert page.count("已取消") == 50


def test_the_list_does_not_read_what_the_files_hold(desk, staff, kind):
    done(kind(with_file), staff)

    jobs = desk.get("/files/").context["jobs"]

    assert "content" in jobs[0].file.get_deferred_fields()


def test_the_menu_leads_to_the_list(desk):
    page = words(desk.get("/community/"))

    assert 'href="/files/"' in page
    assert "下载中心" in page


def test_a_file_whose_time_is_over_is_said_to_be(desk, staff, kind):
    job = done(kind(with_file), staff)
    StoredFile.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    for address in ("/files/", f"/files/{job.pk}/"):
        page = words(desk.get(address))
        assert "文件已过期，请重新导出" in page
        assert "download/" not in page
    actions.forget_old()
    assert "文件已过期，请重新导出" in words(desk.get("/files/"))


def test_nobody_sees_the_work_of_somebody_else(client, staff, kind):
    job = done(kind(with_file), staff)
    client.force_login(make_staff(make_city().communities[0]))

    assert "导出居民名册" not in words(client.get("/files/"))
    for name in ("job", "progress", "download"):
        assert client.get(reverse(f"jobs:{name}", args=[job.pk])).status_code == 404
    for name in ("retry", "cancel"):
        assert client.post(reverse(f"jobs:{name}", args=[job.pk])).status_code == 404
    assert not AuditEntry.objects.filter(action="file.downloaded").exists()


def test_who_acts_for_nobody_is_refused_also_what_they_made_before(client, kind, db):
    former = UserFactory()
    job = done(kind(with_file), former)
    client.force_login(former)

    for address in (
        "/files/",
        f"/files/{job.pk}/",
        f"/files/{job.pk}/progress/",
        f"/files/{job.pk}/download/",
    ):
        assert client.get(address).status_code == 403


# download ---------------------------------------------------------------------------------------------------


def test_a_download_is_the_file_under_its_chinese_name_and_is_kept_nowhere(desk, staff, kind):
    job = done(kind(with_file), staff)

    answer = desk.get(f"/files/{job.pk}/download/")

    assert b"".join(answer.streaming_content) == b"\x00\x01 content"
    assert answer["Content-Type"] == "application/vnd.ms-excel"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E4%BA%91")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Length"] == "10"
    assert AuditEntry.objects.get(action="file.downloaded").actor_id == staff.pk


def test_a_file_that_is_over_is_refused_with_a_sentence(desk, staff, kind):
    job = done(kind(with_file), staff)
    StoredFile.objects.update(expires_at=timezone.now())

    answer = desk.get(f"/files/{job.pk}/download/")

    assert answer.status_code == 409
    assert "文件已过期，请重新导出。" in words(answer)


@pytest.mark.parametrize("method", ["post", "head"])
def test_a_download_is_asked_for_by_get_only(desk, staff, kind, method):
    job = done(kind(with_file), staff)

    assert getattr(desk, method)(f"/files/{job.pk}/download/").status_code == 405
    assert not AuditEntry.objects.filter(action="file.downloaded").exists()


# progress ---------------------------------------------------------------------------------------------------


def test_the_part_asks_again_while_the_work_goes_on(desk, staff, kind):
    job = running_job(kind(with_file), staff)
    progress.tell(job.pk, progress.Progress(1, 4, "已写 1 / 4 行"))

    answer = desk.get(f"/files/{job.pk}/progress/", headers={"HX-Request": "true"})

    assert f'hx-get="/files/{job.pk}/progress/"' in words(answer)
    assert 'max="4" value="1"' in words(answer)
    assert "刷新进度" in words(answer)
    assert "HX-Redirect" not in answer
    assert "no-store" in answer["Cache-Control"]


def test_when_it_is_done_the_part_leads_to_the_result(desk, staff, kind):
    job = done(kind(with_file), staff, page="/unit/roster/7/")

    answer = desk.get(f"/files/{job.pk}/progress/", headers={"HX-Request": "true"})

    assert answer["HX-Redirect"] == "/unit/roster/7/"


def test_without_a_page_of_the_result_the_part_offers_the_file_and_ends(desk, staff, kind):
    job = done(kind(with_file), staff)

    answer = desk.get(f"/files/{job.pk}/progress/", headers={"HX-Request": "true"})

    assert "HX-Redirect" not in answer
    assert f"/files/{job.pk}/download/" in words(answer)
    assert "hx-get" not in words(answer)
    assert 'id="live"' in words(answer)


def test_a_failure_is_told_with_its_reason_and_a_way_on(desk, staff, kind):
    job = running.run(asked(kind(refuse), staff, page="/unit/").pk)

    answer = desk.get(f"/files/{job.pk}/progress/", headers={"HX-Request": "true"})

    assert "这个月已经封存，请选别的月份。" in words(answer)
    assert f'action="/files/{job.pk}/retry/"' in words(answer)
    assert "HX-Redirect" not in answer


def test_in_the_list_an_end_loads_the_list_again_and_leads_nowhere(desk, staff, kind):
    job = done(kind(with_file), staff, page="/unit/roster/7/")

    answer = desk.get(f"/files/{job.pk}/progress/?in=list", headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"
    assert "HX-Redirect" not in answer


def test_an_interrupted_job_says_that_it_goes_on(desk, staff, kind):
    job = running_job(kind(with_file), staff)
    Job.objects.filter(pk=job.pk).update(attempts=2)

    assert "这是第 2 次" in words(desk.get(f"/files/{job.pk}/"))


# acts -------------------------------------------------------------------------------------------------------


def test_once_more_queues_it_and_shows_how_it_goes(desk, staff, kind):
    job = running.run(asked(kind(refuse), staff).pk)

    answer = desk.post(f"/files/{job.pk}/retry/", follow=True)

    assert answer.redirect_chain == [(f"/files/{job.pk}/", 302)]
    assert "排队中" in words(answer)


def test_taking_back_says_so(desk, staff, kind):
    job = asked(kind(with_file), staff)

    answer = desk.post(f"/files/{job.pk}/cancel/", follow=True)

    assert "已取消：导出居民名册" in words(answer)
    assert Job.objects.get().state == Job.State.CANCELLED


def test_taking_back_what_has_begun_is_refused_with_a_sentence(desk, staff, kind):
    job = running_job(kind(with_file), staff)

    answer = desk.post(f"/files/{job.pk}/cancel/")

    assert answer.status_code == 409
    assert "这一项正在办，不能取消" in words(answer)


def test_acts_are_not_done_by_a_link(desk, staff, kind):
    job = asked(kind(with_file), staff)

    assert desk.get(f"/files/{job.pk}/cancel/").status_code == 405
    assert desk.get(f"/files/{job.pk}/retry/").status_code == 405
