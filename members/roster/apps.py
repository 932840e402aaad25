from django.apps import AppConfig


class MembersRosterConfig(AppConfig):
    name = "members.roster"
    label = "members_roster"
    verbose_name = "名册导入"

    def ready(self) -> None:
        from huifeng.jobs import registry as jobs

        from . import actions, work

        jobs.add(jobs.Kind(actions.PLAN, work.plan))
        jobs.add(jobs.Kind(actions.WRITE, work.write))
        jobs.add(jobs.Kind(actions.UNDO, work.undo))
