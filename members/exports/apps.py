from django.apps import AppConfig


class MembersExportsConfig(AppConfig):
    name = "members.exports"
    label = "members_exports"
    verbose_name = "名单导出"

    def ready(self) -> None:
        from huifeng.jobs import registry as jobs

        from . import making
        from .actions import KIND

        jobs.add(jobs.Kind(KIND, making.run))
