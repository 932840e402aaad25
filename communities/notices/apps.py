from django.apps import AppConfig


class CommunitiesNoticesConfig(AppConfig):
    name = "communities.notices"
    label = "communities_notices"
    verbose_name = "通知"
