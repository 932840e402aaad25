from django.apps import AppConfig


class CheckinFeedbackConfig(AppConfig):
    name = "checkin.feedback"
    label = "checkin_feedback"
    verbose_name = "双向反馈"
