from django.urls import path

from checkin.record.views import oversight

from . import desk

app_name = "bureau"
urlpatterns = [
    path("", oversight.home, name="home"),
    path("people/", oversight.people, name="people"),
    path("overdue/", oversight.overdue, name="overdue"),
    path("overdue/remind/", oversight.remind, name="remind"),
    path("place/", oversight.place, name="place"),
    *desk.patterns,
]
