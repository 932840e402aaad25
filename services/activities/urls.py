"""活动 of staff, under /unit/, /community/ and /bureau/."""

from django.urls import path

from .views import overview, papers, staff, ticking

app_name = "activities"
urlpatterns = [
    path("", staff.activities, name="list"),
    path("new/", staff.new, name="new"),
    path("calendar/", overview.calendar, name="calendar"),
    path("year/", overview.year, name="year"),
    path("branches/", overview.branches, name="branches"),
    path("people/", overview.people, name="people"),
    path("venues/", overview.venues, name="venues"),
    path("venues/<int:pk>/close/", overview.close_venue, name="close_venue"),
    path("<int:pk>/", staff.activity, name="activity"),
    path("<int:pk>/change/", staff.change, name="change"),
    path("<int:pk>/cancel/", staff.cancel, name="cancel"),
    path("<int:pk>/report/", staff.report, name="report"),
    path("<int:pk>/add/", staff.add, name="add"),
    path("<int:pk>/tick/", ticking.tick, name="tick"),
    path("<int:pk>/untick/", ticking.untick, name="untick"),
    path("<int:pk>/off/", ticking.take_off, name="take_off"),
    path("<int:pk>/hours/", ticking.hours, name="hours"),
    path("<int:pk>/poster.pdf", papers.poster, name="poster"),
    path("<int:pk>/list.pdf", papers.list_to_tick, name="list_to_tick"),
    path("<int:pk>/export/", papers.export, name="export"),
]
