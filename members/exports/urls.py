from django.urls import path

from . import views

app_name = "exports"
urlpatterns = [
    path("", views.start, name="start"),
    path("records/", views.records, name="records"),
    path("template/", views.template, name="template"),
]
