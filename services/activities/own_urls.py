"""活动 of a retiree, under /my/activities/ (and /my/activities/for/<retiree id>/ for who helps)."""

from django.urls import path

from members.people.acting import person_pages

from .views import own

app_name = "own_activities"
urlpatterns = person_pages(
    [
        path("", own.activities, name="list"),
        path("past/", own.past, name="past"),
        path("code/", own.code, name="code"),
        path("<int:pk>/", own.activity, name="activity"),
        path("<int:pk>/join/", own.join, name="join"),
        path("<int:pk>/cancel/", own.cancel, name="cancel"),
        path("<int:pk>/rate/", own.rate, name="rate"),
    ]
)
