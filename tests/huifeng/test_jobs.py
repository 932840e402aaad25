"""Long work: asked for, done once, told, and its file kept for a while."""

import contextlib
import signal
import time
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from huifeng.accounts.models import User
from huifeng.celery import app
from huifeng.errors import RuleBroken
from huifeng.jobs import actions, registry, running, tasks
from huifeng.jobs.models import Job, StoredFile
from huifeng.jobs.work import Work
from tests.huifeng.job_kinds import asked, clerk, do_once, effects_of, failed, kind, waited
from tests.members.racing import race

__all__ = ["clerk", "kind"]

pytestmark = pytest.mark.django_db

State = Job.State
really = pytest.mark.django_db(transaction=True)


def queued_tasks() -> int:
    with app.connection_for_read() as queue:
        return int(queue.default_channel.client.llen("jobs"))


# asking -----------------------------------------------------------------------------------------------------


def test_a_job_asked_for_is_handed_over_once_and_after_commit(
    kind, clerk, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        job = asked(kind(do_once), clerk)

    assert (job.state, len(callbacks)) == (State.QUEUED, 1)


def test_a_job_whose_cause_is_taken_back_does_not_exist(kind, clerk):
    name = kind(do_once)
    with transaction.atomic():
        asked(name, clerk)
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_a_kind_nobody_registered_cannot_be_asked_for(clerk):
    with pytest.raises(KeyError):
        asked("no-such-kind", clerk)


@pytest.mark.parametrize(
    "page", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere", "javascript:1"]
)
def test_the_page_of_the_result_is_one_of_ours(kind, clerk, page):
    with pytest.raises(ValueError, match="not a path of ours"):
        asked(kind(do_once), clerk, page=page)


def test_a_long_title_is_cut_and_not_refused(kind, clerk):
    job = actions.start(kind(do_once), title="名" * 300, by=clerk, args={})

    assert len(job.title) == Job.LONGEST_TITLE


# doing ------------------------------------------------------------------------------------------------------


def test_a_job_is_done_and_says_what_it_did(kind, clerk):
    job = asked(kind(do_once), clerk)

    done = running.run(job.pk)

    job.refresh_from_db()
    assert done == job
    assert (job.state, job.result, job.attempts, job.error) == (State.DONE, {"rows": 1}, 1, "")
    assert job.finished_at >= job.started_at >= job.created_at


def test_the_same_task_delivered_twice_does_it_once(kind, clerk):
    job = asked(kind(do_once), clerk)
    tasks.run(job.pk)
    tasks.run(job.pk)

    job.refresh_from_db()
    assert (effects_of(job), job.attempts) == (1, 1)


def test_a_task_of_a_job_that_is_gone_does_nothing(db):
    assert running.run(987654321) is None


def test_a_job_number_past_32_bits_can_be_held(kind, clerk):
    job = asked(kind(do_once), clerk)
    Job.objects.filter(pk=job.pk).update(id=2**31 + 5)
    big = Job.objects.get(pk=2**31 + 5)

    running.run(big.pk)

    big.refresh_from_db()
    assert big.state == State.DONE


@really
@pytest.mark.parametrize("number", [7, 2**31 - 1, 2**31, 2**33 + 7, 2**40 - 1])
def test_a_held_job_is_known_as_held_and_no_other_is(number):
    others = {number - 1, number + 1, (number + 2**31) % 2**40, (number + 2**32) % 2**40}
    with running.held(number) as ours:
        assert ours
        assert running.held_among({number} | others) == {number}

    assert running.held_among({number}) == set()


@really
def test_two_workers_do_a_job_once(kind, clerk):
    def slow(work: Work) -> dict[str, Any]:
        time.sleep(0.5)
        return do_once(work)

    job = asked(kind(slow), clerk)

    answers = race(2, lambda number: running.run(job.pk))

    job.refresh_from_db()
    assert sorted(answer is None for answer in answers) == [False, True]
    assert (job.state, job.attempts, effects_of(job)) == (State.DONE, 1, 1)


def test_a_rule_that_says_no_ends_the_job_with_its_sentence(kind, clerk):
    def refuse(work: Work) -> dict[str, Any]:
        raise RuleBroken("这个月已经封存，请选别的月份。")

    job = running.run(asked(kind(refuse), clerk).pk)

    assert (job.state, job.error) == (State.FAILED, "这个月已经封存，请选别的月份。")


def test_who_lost_the_permission_is_told_so(kind, clerk):
    def forbid(work: Work) -> dict[str, Any]:
        raise PermissionDenied

    job = running.run(asked(kind(forbid), clerk).pk)

    assert job.state == State.FAILED
    assert "没有办这件事的权限" in job.error


def test_an_error_of_ours_ends_it_with_a_number_and_no_inner_words(
    kind, clerk, caplog, no_number_in_the_logs
):
    def break_down(work: Work) -> dict[str, Any]:
        raise ValueError("370202194203051234")

    job = running.run(asked(kind(break_down), clerk).pk)

    assert job.state == State.FAILED
    assert f"编号 J{job.pk}" in job.error
    assert "ValueError" not in job.error
    assert "370202194203051234" not in job.error
    assert f"job {job.pk}" in caplog.text
    no_number_in_the_logs.clear()  # the error's own words, blotted out on their way


def test_a_kind_that_is_not_registered_any_more_is_told_in_words(kind, clerk):
    name = kind(do_once)
    job = asked(name, clerk)
    del registry.kinds[name]

    done = running.run(job.pk)

    assert (done.state, effects_of(job)) == (State.FAILED, 0)
    assert "请从原来的页面重新办" in done.error


def test_nothing_is_done_for_an_account_that_was_closed_since(kind, clerk):
    job = asked(kind(do_once), clerk)
    User.objects.filter(pk=clerk.pk).update(is_active=False)

    done = running.run(job.pk)

    assert (done.state, done.error, effects_of(job)) == (State.FAILED, "经办账号已停用，没有办理。", 0)


def test_the_system_may_ask_for_work_although_it_cannot_log_in(kind, db):
    job = running.run(asked(kind(do_once), User.objects.system()).pk)

    assert job.state == State.DONE


def test_a_job_that_takes_too_long_says_so(kind, clerk):
    def slow(work: Work) -> dict[str, Any]:
        raise SoftTimeLimitExceeded

    job = running.run(asked(kind(slow), clerk).pk)

    assert (job.state, job.error) == (State.FAILED, "用的时间太长，已停止。请把任务分小一些再办。")


# sessions and processes that end ------------------------------------------------------------------------------


@really
@pytest.mark.parametrize("in_transaction", [True, False])
def test_a_worker_whose_session_is_lost_leaves_the_job_to_the_next(kind, clerk, in_transaction):
    def run(work: Work) -> dict[str, Any]:
        with transaction.atomic() if in_transaction else contextlib.nullcontext():
            if in_transaction:
                do_once(work)
            if work.job.attempts == 1:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return do_once(work)

    job = asked(kind(run), clerk)

    assert running.run(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.attempts, effects_of(job)) == (State.RUNNING, 1, 0)
    assert actions.take_up() == 1
    assert running.run(job.pk).state == State.DONE
    assert effects_of(job) == 1


@really
def test_a_worker_that_lost_its_session_does_not_overwrite_what_the_next_one_finished(kind, clerk):
    """It comes back from its work with a new session, after another process took the job over."""

    def run(work: Work) -> dict[str, Any]:
        if work.job.attempts == 1:
            connection.close()  # the lock is gone, and the next statement gets a new session
            race(1, lambda number: running.run(work.job.pk))
            return {"rows": -1}
        return do_once(work)

    job = asked(kind(run), clerk)

    assert running.run(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts) == (State.DONE, {"rows": 1}, 2)


@really
def test_a_worker_that_lost_the_job_keeps_no_file_for_it(kind, clerk):
    def run(work: Work) -> dict[str, Any]:
        if work.job.attempts == 1:
            connection.close()
            race(1, lambda number: running.run(work.job.pk))
            work.keep_file("旧.xlsx", b"old", "text/plain")
        else:
            work.keep_file("新.xlsx", b"new", "text/plain")
        return {}

    job = asked(kind(run), clerk)

    assert running.run(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.file_name) == (State.DONE, "新.xlsx")
    assert StoredFile.objects.count() == 1


@really
@pytest.mark.parametrize("in_transaction", [True, False])
def test_a_time_limit_in_the_middle_of_a_statement_ends_the_job_cleanly(kind, clerk, in_transaction):
    def strike(*_: Any) -> None:
        raise SoftTimeLimitExceeded

    def run(work: Work) -> dict[str, Any]:
        with transaction.atomic() if in_transaction else contextlib.nullcontext():
            do_once(work)
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(2)")
        return {}

    kept = signal.signal(signal.SIGALRM, strike)
    try:
        job = running.run(asked(kind(run), clerk).pk)
    finally:
        signal.signal(signal.SIGALRM, kept)

    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "用的时间太长" in job.error
    assert effects_of(job) == (0 if in_transaction else 1)


@really
def test_a_worker_that_fails_while_it_holds_a_job_lets_go_of_it(kind, clerk):
    job = asked(kind(do_once), clerk)
    with pytest.raises(SoftTimeLimitExceeded), running.held(job.pk):
        raise SoftTimeLimitExceeded

    assert race(1, lambda number: running.run(job.pk).state) == [State.DONE]


def test_a_job_killed_too_often_fails_and_says_so(kind, clerk):
    job = asked(kind(do_once), clerk)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempts=3, handed_over_at=None)

    assert actions.take_up() == 0
    assert running.run(job.pk) is None

    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "中断了 3 次" in job.error
    assert f"编号 J{job.pk}" in job.error


def test_a_job_that_was_finished_meanwhile_is_not_given_up(kind, clerk):
    job = asked(kind(do_once), clerk)
    running.run(job.pk)
    Job.objects.filter(pk=job.pk).update(attempts=3)

    assert running.give_up(job.pk) is False
    assert Job.objects.get(pk=job.pk).state == State.DONE


def test_a_job_asked_for_once_more_is_not_given_up(kind, clerk):
    job = failed(kind(do_once), clerk)
    actions.retry(job.pk, by=clerk)

    assert running.give_up(job.pk) is False


# taking up --------------------------------------------------------------------------------------------------


def test_a_job_whose_worker_was_killed_is_taken_up_at_once(kind, clerk):
    job = asked(kind(do_once), clerk)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, attempts=1, handed_over_at=None)

    assert actions.take_up() == 1


def test_what_was_just_handed_over_is_left_to_the_queue(kind, clerk):
    asked(kind(do_once), clerk)

    assert actions.take_up() == 0


def test_what_the_queue_lost_is_handed_over_again_and_then_waited_for(kind, clerk):
    waited(asked(kind(do_once), clerk))

    assert [actions.take_up(), actions.take_up()] == [1, 0]


@really
def test_two_beats_hand_a_job_over_once(kind, clerk):
    waited(asked(kind(do_once), clerk))
    with app.connection_for_write() as queue:
        queue.default_channel.client.flushdb()

    answers = race(4, lambda number: actions.take_up())

    assert sum(answers) == 1
    assert queued_tasks() == 1


@really
def test_a_job_in_work_is_not_taken_up_and_the_look_does_not_disturb_it(kind, clerk):
    seen: list[int] = []

    def run(work: Work) -> dict[str, Any]:
        waited(work.job)
        race(1, lambda number: seen.append(actions.take_up()))
        return do_once(work)

    job = running.run(asked(kind(run), clerk).pk)

    assert (seen, job.state) == ([0], State.DONE)


def test_finished_work_is_not_taken_up(kind, clerk):
    job = asked(kind(do_once), clerk)
    running.run(job.pk)
    waited(job)

    assert actions.take_up() == 0
