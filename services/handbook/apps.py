from django.apps import AppConfig


class ServicesHandbookConfig(AppConfig):
    name = "services.handbook"
    label = "services_handbook"
    verbose_name = "报到手册"
