"""我的信息告诉了谁, under /my/told/ and /my/told/for/<retiree id>/."""

from django.urls import path

from members.people.acting import person_pages

from .views import told

app_name = "told"
urlpatterns = person_pages([path("", told.told, name="told")])
