from django.apps import AppConfig


class ServicesLedgerConfig(AppConfig):
    name = "services.ledger"
    label = "services_ledger"
    verbose_name = "台账"
