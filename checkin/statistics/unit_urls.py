"""A unit's own statistics."""

from django.urls import path

from .views import unit

app_name = "unit-statistics"
urlpatterns = [
    path("", unit.month, name="month"),
    path("people/", unit.people, name="people"),
    path("paper/", unit.paper, name="paper"),
]
