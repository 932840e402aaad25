from django.apps import AppConfig


class CheckinFeedbackConfig(AppConfig):
    name = "checkin.feedback"
    label = "checkin_feedback"
    verbose_name = "双向反馈"

    def ready(self) -> None:
        from communities.organisations import registry as organisations
        from huifeng import retention
        from huifeng.jobs import registry as jobs
        from huifeng.rowscope import policies
        from members.people.registry import Eraser, erasers
        from members.units import registry as units

        from . import actions, columns, erasing, periods, work  # noqa: F401 -- periods: declares itself

        reports = "checkin_feedback_feedbackreport"  # whoever reads a report opens its files
        policies.also("jobs_storedfile", policies.pointed_to(reports, "xlsx_id", "pdf_id"))
        organisations.on_unit_closed.append(actions.follow_closed)
        organisations.on_community_closed.append(actions.follow_closed)
        units.on_people_moved.append(actions.follow_moved_people)
        jobs.add(jobs.Kind(actions.FILES, work.make_files))
        jobs.add(jobs.Kind(actions.JOB, work.make_and_send))
        columns.register()
        erasers.append(Eraser(erasing.COVERS, erasing.erase))
        from .files import KEPT_FOR

        retention.declare(
            retention.Kept(
                "files of feedback reports",
                KEPT_FOR,
                "they were made",
                "huifeng.jobs.periodic.forget_old",
                "the report; files are made anew when asked for",
            ),
        )
