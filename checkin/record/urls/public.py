"""Pages anybody may read."""

from django.urls import path

from checkin.record.views import public

app_name = "public"
urlpatterns = [
    path("", public.home, name="home"),
    path("help/", public.help_by_staff, name="help"),
    path("help/<str:code>/", public.help_in_area, name="help_area"),
    path("p/<str:signed>/", public.progress, name="progress"),
]
