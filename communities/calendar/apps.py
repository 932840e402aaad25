from django.apps import AppConfig


class CommunitiesCalendarConfig(AppConfig):
    name = "communities.calendar"
    label = "communities_calendar"
    verbose_name = "工作日历"
