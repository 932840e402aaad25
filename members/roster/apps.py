from django.apps import AppConfig


class MembersRosterConfig(AppConfig):
    name = "members.roster"
    label = "members_roster"
    verbose_name = "名册导入"
