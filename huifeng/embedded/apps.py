from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "huifeng.embedded"
    label = "embedded"
