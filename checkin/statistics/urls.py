from django.urls import include, path

from .views import closing, overview, people, ranking, tables

app_name = "statistics"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("table/", tables.monthly, name="table"),
    path("people/", people.people, name="people"),
    path("ranking/", ranking.quarter, name="ranking"),
    path("papers/", include("checkin.statistics.paper_urls")),
    path("definitions/", overview.definitions, name="definitions"),
    path("closing/", closing.latest, name="closing_latest"),
    path("closing/<str:text>/", closing.closing, name="closing"),
    path("closing/<str:text>/check/", closing.check, name="check"),
    path("closing/<str:text>/remind/", closing.remind, name="remind"),
    path("closing/<str:text>/submit/", closing.submit, name="submit"),
    path("closing/<str:text>/ask-reopen/", closing.ask_reopen, name="ask_reopen"),
    path("closing/<str:text>/reopen/", closing.reopen, name="reopen"),
]
