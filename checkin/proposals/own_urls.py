"""What the person says is wrong, under /my/proposals/ (and /my/proposals/for/<retiree id>/ for who helps)."""

from django.urls import path

from members.people.acting import person_pages

from .views import own

app_name = "own_proposals"
urlpatterns = person_pages(
    [
        path("", own.told, name="list"),
        path("new/", own.choose, name="choose"),
        path("new/<slug:field>/", own.new, name="new"),
        path("<int:pk>/withdraw/", own.withdraw, name="withdraw"),
    ]
)
