"""报到手册: read by anybody."""

from django.urls import path

from . import views

app_name = "handbook"
urlpatterns = [
    path("", views.contents, name="contents"),
    path("whole/", views.whole, name="whole"),
    path("<slug:slug>/", views.show, name="page"),
]
