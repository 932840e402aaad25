"""The retiree's own check-in, under /my/ (and /my/for/<retiree id>/ for who helps)."""

from django.urls import path

from checkin.record.views import retiree, seasons, steps
from members.people.acting import person_pages

app_name = "my"
urlpatterns = person_pages(
    [
        path("", retiree.home, name="home"),
        path("start/", steps.start, name="start"),
        path("checkin/1/", steps.information, name="information"),
        path("checkin/1/family/", steps.family, name="family"),
        path("checkin/2/", steps.address, name="address"),
        path("checkin/2/elsewhere/", steps.elsewhere, name="elsewhere"),
        path("checkin/3/", steps.community, name="community"),
        path("checkin/3/streets/", steps.streets, name="streets"),
        path("checkin/3/streets/<str:code>/", steps.street, name="street"),
        path("checkin/4/", steps.check, name="check"),
        path("receipt/", retiree.receipt, name="receipt"),
        path("progress/", retiree.progress, name="progress"),
        path("withdraw/", retiree.withdraw, name="withdraw"),
        path("move/", retiree.move, name="move"),
        path("end/", retiree.end, name="end"),
        path("season/", seasons.season, name="season"),
        path("season/streets/<str:code>/", seasons.place, name="season_place"),
        path("season/stop/", seasons.stop, name="season_stop"),
        path("download/", retiree.download, name="download"),
    ]
)
