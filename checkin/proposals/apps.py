from django.apps import AppConfig


class CheckinProposalsConfig(AppConfig):
    name = "checkin.proposals"
    label = "checkin_proposals"
    verbose_name = "更正建议"
