from django.urls import path

from . import colleague_views

app_name = "colleagues"
urlpatterns = [
    path("", colleague_views.colleagues, name="colleagues"),
    path("<int:pk>/reset/", colleague_views.reset, name="reset"),
]
