"""What long work leaves: its file for a while, and how far it is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import actions, files, progress, running
from huifeng.jobs.models import Job, StoredFile
from huifeng.jobs.work import NotOurs, Work
from tests.communities.factories import make_city, make_staff
from tests.huifeng.job_kinds import asked, clerk, do_once, kind
from tests.members.racing import race

__all__ = ["clerk", "kind"]

pytestmark = pytest.mark.django_db

State = Job.State
really = pytest.mark.django_db(transaction=True)


# files ------------------------------------------------------------------------------------------------------


def with_file(work: Work) -> dict[str, Any]:
    work.keep_file("名册.xlsx", f"第{work.job.attempts}次".encode(), "application/x-test")
    return {}


def test_a_file_is_sealed_at_rest_and_comes_back_whole(kind, clerk):
    job = running.run(asked(kind(with_file), clerk).pk)

    file, content = actions.fetch_file(job.pk, by=clerk)

    assert (file.name, content, file.size) == ("名册.xlsx", "第1次".encode(), len(content))
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM jobs_storedfile")
        assert "第1次".encode() not in bytes(cursor.fetchone()[0])


def test_every_download_is_audited(kind):
    community = make_city().communities[0]
    clerk = make_staff(community)
    job = running.run(asked(kind(with_file), clerk, organisation_id=community.pk).pk)
    actions.fetch_file(job.pk, by=clerk)
    actions.fetch_file(job.pk, by=clerk)

    entries = AuditEntry.objects.filter(
        action="file.downloaded", actor_id=clerk.pk, organisation_id=community.pk
    )
    assert [entry.after["job"] for entry in entries] == [job.pk, job.pk]


def test_a_newer_file_takes_the_place_of_the_older(kind, clerk):
    def twice(work: Work) -> dict[str, Any]:
        with_file(work)
        work.keep_file("名册2.xlsx", b"newer", "application/x-test")
        return {}

    job = running.run(asked(kind(twice), clerk).pk)

    assert actions.fetch_file(job.pk, by=clerk)[1] == b"newer"
    assert StoredFile.objects.count() == 1


def test_the_job_outlives_its_file_and_says_so(kind, clerk):
    job = running.run(asked(kind(with_file), clerk).pk)
    StoredFile.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(RuleBroken, match="文件已过期，请重新导出"):
        actions.fetch_file(job.pk, by=clerk)
    assert actions.forget_old() == 1
    with pytest.raises(RuleBroken, match="文件已过期，请重新导出"):
        actions.fetch_file(job.pk, by=clerk)

    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.file_name, job.has_file, job.file_is_over) == (
        State.DONE,
        "名册.xlsx",
        False,
        True,
    )


def test_files_whose_time_is_not_over_are_kept(kind, clerk):
    running.run(asked(kind(with_file), clerk).pk)

    assert actions.forget_old() == 0
    assert StoredFile.objects.count() == 1


def test_forgetting_does_not_read_what_the_files_hold(clerk):
    files.store("a.txt", b"x", "text/plain", by=clerk, kept_for=timedelta(0))

    with CaptureQueriesContext(connection) as queries:
        actions.forget_old()

    assert not any('"content"' in query["sql"] for query in queries)


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.FAILED])
def test_only_finished_work_has_a_file_to_fetch(kind, clerk, state):
    job = running.run(asked(kind(with_file), clerk).pk)
    over = timezone.now() if state == State.FAILED else None
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=over)

    with pytest.raises(RuleBroken, match="没有可下载的文件"):
        actions.fetch_file(job.pk, by=clerk)


def test_a_file_that_was_changed_is_not_given_out(kind, clerk):
    job = running.run(asked(kind(with_file), clerk).pk)
    StoredFile.objects.update(content=b"\x01" + b"0" * 60)

    with pytest.raises(RuleBroken, match="文件损坏"):
        actions.fetch_file(job.pk, by=clerk)
    assert not AuditEntry.objects.filter(action="file.downloaded").exists()


def test_a_file_that_is_too_large_is_refused(clerk, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 10)

    with pytest.raises(RuleBroken, match="文件太大"):
        files.store("a.bin", b"x" * 11, "text/plain", by=clerk)


def test_a_name_holds_nothing_that_leads_elsewhere_or_hides_its_ending(clerk):
    file = files.store("../名\x00册\u202exslx.exe", b"x", "text/plain", by=clerk)

    assert file.name == ".._名_册_xslx.exe"


# progress ---------------------------------------------------------------------------------------------------


@really
def test_progress_is_seen_while_the_work_is_in_a_transaction(kind, clerk):
    seen: list[progress.Progress] = []

    def run(work: Work) -> dict[str, Any]:
        with transaction.atomic():
            work.progress(3, 10, "已写 3 / 10 人")
            race(1, lambda number: seen.append(progress.of(work.job.pk)))
        return {}

    running.run(asked(kind(run), clerk).pk)

    assert seen == [progress.Progress(3, 10, "已写 3 / 10 人")]


def test_a_second_attempt_begins_from_nothing(kind, clerk):
    seen: list[progress.Progress] = []
    job = asked(kind(lambda work: seen.append(progress.of(work.job.pk)) or {}), clerk)
    progress.tell(job.pk, progress.Progress(9, 10, "快好了"))

    running.run(job.pk)

    assert seen == [progress.Progress()]


def test_a_file_kept_by_who_is_not_at_work_is_refused(kind, clerk):
    job = asked(kind(do_once), clerk)

    with pytest.raises(NotOurs):
        Work(job).keep_file("a.txt", b"x", "text/plain")
    assert not StoredFile.objects.exists()
