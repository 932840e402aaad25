from django.apps import AppConfig


class CheckinSyncConfig(AppConfig):
    name = "checkin.sync"
    label = "checkin_sync"
    verbose_name = "通知往来"
