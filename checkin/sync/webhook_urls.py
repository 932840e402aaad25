"""Connecting an organisation's own system; the same pages under /unit/, /community/ and /bureau/webhooks/."""

from django.urls import path

from .views import webhooks

app_name = "webhooks"
urlpatterns = [
    path("", webhooks.webhooks, name="webhooks"),
    path("add/", webhooks.add, name="add"),
    path("<int:pk>/rotate/", webhooks.rotate, name="rotate"),
    path("<int:pk>/switch/", webhooks.switch, name="switch"),
    path("<int:pk>/test/", webhooks.test, name="test"),
    path("<int:pk>/resend/", webhooks.resend_all, name="resend_all"),
    path("letters/<int:pk>/resend/", webhooks.resend, name="resend"),
    path("letters/<int:pk>/drop/", webhooks.drop, name="drop"),
]
