from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "huifeng.spreadsheets"
    label = "spreadsheets"
    verbose_name = "表格"
