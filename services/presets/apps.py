from django.apps import AppConfig


class ServicesPresetsConfig(AppConfig):
    name = "services.presets"
    label = "services_presets"
    verbose_name = "四就近机制"
