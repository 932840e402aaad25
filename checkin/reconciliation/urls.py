from django.urls import path

from . import views

app_name = "reconciliation"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
]
