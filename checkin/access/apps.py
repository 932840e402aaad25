from django.apps import AppConfig


class CheckinAccessConfig(AppConfig):
    name = "checkin.access"
    label = "checkin_access"
    verbose_name = "留痕查询"

    def ready(self) -> None:
        from huifeng.audit import registry
        from huifeng.jobs import registry as jobs
        from members.people.registry import Eraser, erasers

        from . import actions, erasing, notices, work

        registry.on_anchor.append(notices.tell_anchor)
        registry.on_broken.append(notices.tell_broken)
        jobs.add(jobs.Kind(actions.JOB, work.run))
        erasers.append(Eraser(erasing.COVERS, erasing.erase))
