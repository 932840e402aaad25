from django.apps import AppConfig


class ServicesInterestsConfig(AppConfig):
    name = "services.interests"
    label = "services_interests"
    verbose_name = "爱好与需求"
