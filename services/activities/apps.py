from django.apps import AppConfig


class ServicesActivitiesConfig(AppConfig):
    name = "services.activities"
    label = "services_activities"
    verbose_name = "活动"
