from django.apps import AppConfig


class CommunitiesDivisionsConfig(AppConfig):
    name = "communities.divisions"
    label = "communities_divisions"
    verbose_name = "行政区划"
