from django.apps import AppConfig


class MembersDuplicatesConfig(AppConfig):
    name = "members.duplicates"
    label = "members_duplicates"
    verbose_name = "疑似重复"
