from django.apps import AppConfig


class ServicesRequestsConfig(AppConfig):
    name = "services.requests"
    label = "services_requests"
    verbose_name = "需求与服务"
