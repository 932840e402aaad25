from django.apps import AppConfig


class CheckinStatisticsConfig(AppConfig):
    name = "checkin.statistics"
    label = "checkin_statistics"
    verbose_name = "统计"

    def ready(self) -> None:
        from huifeng.jobs import registry as jobs
        from members.people.registry import Eraser, erasers

        from . import actions, erasing, periods, work  # noqa: F401 -- periods: declares itself

        jobs.add(jobs.Kind(actions.CLOSE, work.close))
        jobs.add(jobs.Kind(actions.WORKBOOK, work.workbook))
        jobs.add(jobs.Kind(actions.UNIT_WORKBOOK, work.unit_workbook))
        jobs.add(jobs.Kind(actions.ANNUAL, work.annual))
        jobs.add(jobs.Kind(actions.BULLETIN, work.bulletin))
        erasers.append(Eraser(erasing.COVERS))
