"""我要帮助: the pages of the person, and the same for whom one helps."""

from django.urls import path

from members.people.acting import person_pages

from .views import own

app_name = "own_requests"
urlpatterns = person_pages(
    [
        path("", own.mine, name="list"),
        path("new/", own.choose, name="choose"),
        path("new/<slug:kind>/", own.new, name="new"),
        path("<int:pk>/", own.one, name="request"),
        path("<int:pk>/rate/", own.rate, name="rate"),
        path("<int:pk>/again/", own.again, name="again"),
        path("<int:pk>/withdraw/", own.withdraw, name="withdraw"),
    ]
)
