"""The jobs of this room: what a worker runs, safe to run again."""

from collections.abc import Callable
from itertools import count
from typing import Any

from communities.organisations.models import Organisation
from huifeng.errors import require
from huifeng.jobs.files import XLSX
from huifeng.jobs.work import Work

from . import actions, counting
from .months import Month
from .papers import bulletin as bulletins
from .papers import monthly, unit, yearly
from .papers.annual import year_of
from .permissions import may_see_area, may_see_unit
from .ranking import Quarter

PDF = "application/pdf"
STEPS = 3  # counting, writing, keeping


def close(work: Work) -> dict[str, Any]:
    month = Month.parse(work.job.args["month"])
    work.progress(0, 0, f"正在封存{month.words}")
    statement = actions.close(month, by=work.by, explanation=work.job.args["explanation"])
    return {"month": str(month), "closing": statement.closing, "sha256": statement.sha256}


def workbook(work: Work) -> dict[str, Any]:
    """The monthly statement. Made again, the newer file takes the place of the older."""
    month, area = Month.parse(work.job.args["period"]), _area(work)
    content = monthly.workbook(month, area, tell=_steps(work))
    name = counting.table(month, area, measures=("total",)).area_name
    return _keep(work, monthly.file_name(month, name), content, XLSX)


def unit_workbook(work: Work) -> dict[str, Any]:
    """A unit's own row of the month, if whoever asked still may see it."""
    month, asked_for = (
        Month.parse(work.job.args["period"]),
        Organisation.objects.get(pk=work.job.args["unit"]),
    )
    require(may_see_unit(work.by, asked_for))
    work.progress(0, STEPS, f"正在统计{month.words}")
    return _keep(work, unit.file_name(month, asked_for), unit.workbook(month, asked_for), XLSX)


def annual(work: Work) -> dict[str, Any]:
    """The annual forms."""
    year = yearly.Year(year_of(work.job.args["period"]), _area(work), tell=_steps(work))
    return _keep(work, yearly.file_name(year.year, year.name), yearly.workbook(year), XLSX)


def bulletin(work: Work) -> dict[str, Any]:
    """The quarter's 通报."""
    quarter = Quarter.parse(work.job.args["period"])
    work.progress(0, STEPS, f"正在统计{quarter.words}")
    facts = bulletins.facts_of(quarter, _area(work))
    work.progress(1, STEPS, "正在排版")
    return _keep(work, bulletins.file_name(quarter, facts["area"]), bulletins.typeset_facts(facts), PDF)


def _area(work: Work) -> str:
    """The area asked for, if whoever asked still oversees it."""
    area: str = work.job.args["area"]
    require(may_see_area(work.by, area))
    return area


def _steps(work: Work) -> Callable[[str], None]:
    done = count()
    return lambda words: work.progress(next(done), STEPS, words)


def _keep(work: Work, name: str, content: bytes, content_type: str) -> dict[str, Any]:
    work.keep_file(name, content, content_type)
    work.progress(STEPS, STEPS, "已做好")
    return {"size": len(content)}
