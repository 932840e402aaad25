from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "huifeng.texts"
    label = "texts"
    verbose_name = "短信"
