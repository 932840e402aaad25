"""The job of this room: a reconciliation a bureau asked for. Safe to run again."""

from typing import Any

from huifeng.jobs.work import Work

from . import actions


def run(work: Work) -> dict[str, Any]:
    done = actions.reconcile(by=work.by, repair=work.job.args["repair"], tell=work.progress)
    return {"run": done.pk, "found": done.found, "repaired": done.repaired}
