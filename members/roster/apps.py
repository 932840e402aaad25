from django.apps import AppConfig


class MembersRosterConfig(AppConfig):
    name = "members.roster"
    label = "members_roster"
    verbose_name = "名册导入"

    def ready(self) -> None:
        from huifeng import retention
        from huifeng.jobs import registry as jobs
        from huifeng.rowscope import policies
        from members.people.registry import Eraser, erasers

        from . import actions, erasing, work

        batches = "members_roster_importbatch"  # colleagues open the files of an import
        policies.also("jobs_storedfile", policies.pointed_to(batches, "file_id", "error_file_id"))

        jobs.add(jobs.Kind(actions.PLAN, work.plan))
        jobs.add(jobs.Kind(actions.WRITE, work.write))
        jobs.add(jobs.Kind(actions.UNDO, work.undo))
        erasers.append(Eraser(erasing.COVERS, erasing.erase))

        retention.declare(
            retention.Kept(
                "uploaded rosters and plans",
                actions.KEPT_FOR,
                "they were sent",
                "members.roster.periodic.forget_old",
                "the batch and its counts",
            ),
        )
