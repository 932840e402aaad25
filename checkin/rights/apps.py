from django.apps import AppConfig


class CheckinRightsConfig(AppConfig):
    name = "checkin.rights"
    label = "checkin_rights"
    verbose_name = "个人信息权利"

    def ready(self) -> None:
        from members.people.registry import Eraser, erasers

        from . import erasing, periods  # noqa: F401 -- the period is declared by being read

        erasers.append(Eraser(erasing.COVERS, erasing.erase))
