"""Who somebody is, whom they help, and what is kept of them; beside the check-in under /my/."""

from django.urls import path

from . import views
from .acting import person_pages

app_name = "people"
urlpatterns = [
    path("who/", views.who, name="who"),
    path("which/", views.which, name="which"),
    path("help/", views.help_elder, name="help"),
    path("help/code/", views.help_code, name="help_code"),
    *person_pages(
        [
            path("info/", views.info, name="info"),
            path("info/contact/", views.contact, name="contact"),
            path("info/seen/", views.seen, name="seen"),
            path("info/helpers/<int:helper_id>/stop/", views.stop_helper, name="stop_helper"),
        ]
    ),
]
