from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "huifeng.texts"
    label = "texts"
    verbose_name = "短信"

    def ready(self) -> None:
        from huifeng import retention

        from .actions import KEPT_FOR

        retention.declare(
            retention.Kept(
                "texts and mails", KEPT_FOR, "they were made", "huifeng.texts.periodic.forget_old"
            ),
        )
