"""Long work asked for once more, or taken back."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import actions, running
from huifeng.jobs.models import Job
from huifeng.jobs.work import Work
from tests.huifeng.job_kinds import asked, clerk, do_once, effects_of, failed, kind
from tests.members.racing import meanwhile, race

__all__ = ["clerk", "kind"]

pytestmark = pytest.mark.django_db

State = Job.State
really = pytest.mark.django_db(transaction=True)


# once more, and not at all -------------------------------------------------------------------------------------


def test_a_failed_job_is_done_again_and_audited(kind, clerk):
    job = failed(kind(do_once), clerk)

    actions.retry(job.pk, by=clerk)

    job.refresh_from_db()
    assert (job.state, job.error, job.attempts, job.finished_at) == (State.QUEUED, "", 0, None)
    assert AuditEntry.objects.get().action == "job.retried"
    assert running.run(job.pk).state == State.DONE


def test_asking_again_twice_asks_once(kind, clerk):
    job = failed(kind(do_once), clerk)
    actions.retry(job.pk, by=clerk)
    actions.retry(job.pk, by=clerk)

    assert AuditEntry.objects.count() == 1


@really
def test_two_presses_at_the_same_moment_ask_once(kind, clerk):
    job = failed(kind(do_once), clerk)

    race(4, lambda number: actions.retry(job.pk, by=clerk))

    assert AuditEntry.objects.count() == 1


def test_nobody_touches_the_job_of_somebody_else(kind, clerk):
    job = failed(kind(do_once), clerk)
    other = User.objects.create(username="other", display_name="王强")

    for act in (actions.retry, actions.cancel, actions.fetch_file):
        with pytest.raises(Job.DoesNotExist):
            act(job.pk, by=other)


def test_a_waiting_job_is_taken_back_and_never_done(kind, clerk):
    job = asked(kind(do_once), clerk)

    actions.cancel(job.pk, by=clerk)

    job.refresh_from_db()
    assert running.run(job.pk) is None
    assert (job.state, effects_of(job)) == (State.CANCELLED, 0)
    assert AuditEntry.objects.get().action == "job.cancelled"


def test_taking_back_twice_is_once(kind, clerk):
    job = asked(kind(do_once), clerk)
    actions.cancel(job.pk, by=clerk)
    actions.cancel(job.pk, by=clerk)

    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("state", [State.RUNNING, State.DONE, State.FAILED])
def test_what_has_begun_is_not_taken_back(kind, clerk, state):
    job = asked(kind(do_once), clerk)
    over = None if state == State.RUNNING else timezone.now()
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=over)

    with pytest.raises(RuleBroken, match="不能取消"):
        actions.cancel(job.pk, by=clerk)


@really
def test_a_job_that_is_being_taken_back_is_not_begun(kind, clerk):
    job = asked(kind(do_once), clerk)

    answer = meanwhile(lambda: actions.cancel(job.pk, by=clerk), lambda: running.run(job.pk))

    assert answer is None
    assert effects_of(job) == 0


@really
def test_taking_back_does_not_wait_for_a_job_in_work(kind, clerk):
    answers: list[Any] = []

    def run(work: Work) -> dict[str, Any]:
        with transaction.atomic():
            work.keep_file("名册.xlsx", b"x", "text/plain")  # the row is locked until the work ends
            answers.extend(
                race(2, lambda number: (actions.cancel, actions.retry)[number](work.job.pk, by=clerk))
            )
        return {}

    job = running.run(asked(kind(run), clerk).pk)

    assert job.state == State.DONE
    assert isinstance(answers[0], RuleBroken)
    assert answers[1].state == State.RUNNING
