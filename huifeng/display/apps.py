from django.apps import AppConfig


class DisplayConfig(AppConfig):
    name = "huifeng.display"
    label = "display"
    verbose_name = "显示"
