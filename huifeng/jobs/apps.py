from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "huifeng.jobs"
    label = "jobs"
    verbose_name = "后台办理"

    def ready(self) -> None:
        from huifeng import retention

        from .files import KEPT_FOR

        retention.declare(
            retention.Kept(
                "files that jobs made", KEPT_FOR, "they were made", "huifeng.jobs.periodic.forget_old"
            ),
        )
