from django.apps import AppConfig


class CheckinReconciliationConfig(AppConfig):
    name = "checkin.reconciliation"
    label = "checkin_reconciliation"
    verbose_name = "对账"
