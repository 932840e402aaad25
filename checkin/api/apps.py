from django.apps import AppConfig


class CheckinApiConfig(AppConfig):
    name = "checkin.api"
    label = "checkin_api"
    verbose_name = "系统对接"

    def ready(self) -> None:
        from huifeng import retention
        from members.people.registry import Eraser, erasers

        from . import erasing

        erasers.append(Eraser(erasing.COVERS, erasing.erase))
        from .actions.idempotency import KEPT

        retention.declare(
            retention.Kept(
                "kept answers of the API", KEPT, "they were given", "checkin.api.periodic.forget_old"
            ),
        )
