from django.apps import AppConfig


class ServicesCareConfig(AppConfig):
    name = "services.care"
    label = "services_care"
    verbose_name = "走访与结对"
