from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "huifeng.codes"
    label = "codes"
    verbose_name = "代码表"
