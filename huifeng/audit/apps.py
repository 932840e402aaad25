from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "huifeng.audit"
    label = "audit"
    verbose_name = "留痕"
