"""The jobs of this room: what a worker runs, safe to run again."""

from typing import Any

from huifeng.jobs.work import Work

from . import actions
from .months import Month


def close(work: Work) -> dict[str, Any]:
    month = Month.parse(work.job.args["month"])
    work.progress(0, 0, f"正在封存{month.words}")
    statement = actions.close(month, by=work.by, explanation=work.job.args["explanation"])
    return {"month": str(month), "closing": statement.closing, "sha256": statement.sha256}
