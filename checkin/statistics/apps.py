from django.apps import AppConfig


class CheckinStatisticsConfig(AppConfig):
    name = "checkin.statistics"
    label = "checkin_statistics"
    verbose_name = "统计"
