from django.apps import AppConfig


class CheckinRightsConfig(AppConfig):
    name = "checkin.rights"
    label = "checkin_rights"
    verbose_name = "个人信息权利"

    def ready(self) -> None:
        from huifeng import retention
        from members.people.registry import Eraser, erasers

        from . import erasing, periods  # noqa: F401 -- the period is declared by being read

        erasers.append(Eraser(erasing.COVERS, erasing.erase))
        from .actions import erasure

        retention.declare(
            retention.Kept(
                "the dead",
                erasure.KEPT_AFTER_DEATH,
                "the day of death",
                "checkin.rights.periodic.erase_what_is_over",
                "figures",
            ),
            retention.Kept(
                "who left every unit and community",
                erasure.KEPT_AFTER_LEAVING,
                "the last that happened",
                "checkin.rights.periodic.erase_what_is_over",
                "figures",
            ),
        )
