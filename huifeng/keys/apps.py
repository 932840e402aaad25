from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "huifeng.keys"
    label = "keys"
    verbose_name = "密钥"

    def ready(self) -> None:
        from huifeng.jobs import registry

        from . import actions

        registry.add(registry.Kind(actions.KIND, actions.rotate))
