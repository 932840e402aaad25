from django.apps import AppConfig


class MembersExportsConfig(AppConfig):
    name = "members.exports"
    label = "members_exports"
    verbose_name = "名单导出"

    def ready(self) -> None:
        from huifeng.jobs import registry as jobs
        from members.people.registry import Eraser, erasers

        from . import erasing, making
        from .actions import KIND

        jobs.add(jobs.Kind(KIND, making.run))
        erasers.append(Eraser(erasing.COVERS, erasing.erase))
