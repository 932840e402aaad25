from django.apps import AppConfig


class MembersExportsConfig(AppConfig):
    name = "members.exports"
    label = "members_exports"
    verbose_name = "名单导出"
