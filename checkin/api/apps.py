from django.apps import AppConfig


class CheckinApiConfig(AppConfig):
    name = "checkin.api"
    label = "checkin_api"
    verbose_name = "系统对接"
