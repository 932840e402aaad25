"""The download centre in a real browser: sound, moving by itself, and usable without a script."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page, expect

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.jobs import actions, running
from huifeng.jobs.models import Job, StoredFile
from huifeng.jobs.work import Work
from tests.checkin.world import World
from tests.e2e.browser import OF_STAFF, Look, audit
from tests.huifeng.job_kinds import kind

__all__ = ["kind"]

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
NAME = "云霄路社区 居民名册（2026年10月）.xlsx"


class Slow:
    """Work that goes on by one step whenever the test says so, in a thread as in a worker."""

    def __init__(self) -> None:
        self.steps = threading.Semaphore(0)

    def __call__(self, work: Work) -> dict[str, Any]:
        work.progress(0, 4, "已写 0 / 4 行")
        for row in range(1, 5):
            assert self.steps.acquire(timeout=60)
            work._told_at = 0
            work.progress(row, 4, f"已写 {row} / 4 行")
        work.keep_file(NAME, b"content", "application/vnd.ms-excel")
        return {}

    def begin(self, job: Job) -> threading.Thread:
        def work() -> None:
            running.run(job.pk)
            connections.close_all()

        thread = threading.Thread(target=copy_context().run, args=(work,))
        thread.start()
        return thread

    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            self.steps.release()


@pytest.fixture
def slow() -> Slow:
    return Slow()


def with_file(work: Work) -> dict[str, Any]:
    work.keep_file(NAME, b"content", "application/vnd.ms-excel")
    return {}


def refuse(work: Work) -> dict[str, Any]:
    raise RuleBroken("这个月已经封存，不能再导入。请选别的月份，或请市局重新打开这个月。")


def asked(name: str, by: User, title: str = "导出居民名册", **more: Any) -> Job:
    return actions.start(name, title=title, by=by, args={}, **more)


def with_every_state(kind: Callable[..., str], by: User) -> list[Job]:
    over = asked(kind(with_file), by, "导出 2026 年 9 月名册")
    running.run(over.pk)
    StoredFile.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    whole = asked(kind(with_file), by, page="/community/people/")
    refused = asked(kind(refuse), by, "导入“市南区 2026 年第三批离退休干部基本情况登记表”")
    for job in (whole, refused):
        running.run(job.pk)
    taken_back = asked(kind(with_file), by, "导出季节性居住名单")
    actions.cancel(taken_back.pk, by=by)
    at_work, waiting = asked(kind(with_file), by, "导出全部成员"), asked(kind(with_file), by)
    Job.objects.filter(pk=at_work.pk).update(state="running", attempts=2, started_at=timezone.now())
    return [over, whole, refused, taken_back, at_work, waiting]


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_the_pages_are_sound(world: World, logged_in: Open, kind: Any, seen_as: Look) -> None:
    jobs = with_every_state(kind, world.clerk)
    width, size, contrast = seen_as
    found = []
    for path in ["/files/", *(f"/files/{job.pk}/" for job in jobs)]:
        page = logged_in(world.clerk, path, width=width, size=size, contrast=contrast)
        found += [f"{path} {finding}" for finding in audit(page, "staff")]
        page.context.close()

    assert found == [], "\n".join(found)


def test_progress_moves_by_itself_and_ends_with_the_file(
    world: World, logged_in: Open, kind: Any, slow: Slow
) -> None:
    job = asked(kind(slow), world.clerk)
    page = logged_in(world.clerk, f"/files/{job.pk}/", width=360)
    expect(page.get_by_text("排队中，轮到就开始")).to_be_visible()
    thread = slow.begin(job)

    expect(page.get_by_text("已写 0 / 4 行")).to_be_visible(timeout=10000)
    slow.go_on(2)
    expect(page.get_by_text("已写 2 / 4 行（50.0%）")).to_be_visible(timeout=10000)
    slow.go_on(2)
    thread.join(30)

    expect(page.get_by_role("heading", name="已办好")).to_be_visible(timeout=10000)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载", exact=False).filter(has_text=NAME).click()
    assert download.value.suggested_filename == NAME
    assert page.locator("[hx-get]").count() == 0


def test_when_it_is_done_one_is_on_the_page_of_the_result(
    world: World, logged_in: Open, kind: Any, slow: Slow
) -> None:
    job = asked(kind(slow), world.clerk, page="/community/people/")
    page = logged_in(world.clerk, f"/files/{job.pk}/", width=1366)
    slow.go_on(4)
    slow.begin(job).join(30)

    page.wait_for_url("**/community/people/", timeout=10000)

    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_list_follows_the_work_and_stays(world: World, logged_in: Open, kind: Any, slow: Slow) -> None:
    job = asked(kind(slow), world.clerk, page="/community/people/")
    page = logged_in(world.clerk, "/files/", width=1366)
    thread = slow.begin(job)
    expect(page.get_by_text("已写 0 / 4 行")).to_be_visible(timeout=10000)
    slow.go_on(4)
    thread.join(30)

    expect(page.get_by_role("link", name="打开结果页")).to_be_visible(timeout=10000)

    assert page.url.endswith("/files/")


def test_without_a_script_one_looks_again_retries_and_downloads(
    world: World, logged_in: Open, kind: Any
) -> None:
    turns = iter([refuse, with_file])
    job = asked(kind(lambda work: next(turns)(work)), world.clerk)
    page = logged_in(world.clerk, f"/files/{job.pk}/", width=1366, javascript=False)
    expect(page.get_by_text("排队中，轮到就开始")).to_be_visible()
    running.run(job.pk)
    page.get_by_role("link", name="刷新进度").click()
    expect(page.get_by_text("这个月已经封存")).to_be_visible()

    page.get_by_role("button", name="再试一次").click()
    running.run(job.pk)
    page.get_by_role("link", name="刷新进度").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="下载", exact=False).filter(has_text=NAME).click()
    assert download.value.suggested_filename == NAME


def test_without_a_script_waiting_work_is_taken_back(world: World, logged_in: Open, kind: Any) -> None:
    job = asked(kind(with_file), world.clerk)
    page = logged_in(world.clerk, "/files/", width=1366, javascript=False)

    page.get_by_role("button", name="取消").click()

    expect(page.get_by_text("已取消：导出居民名册")).to_be_visible()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
