"""我的积分, under /my/points/ (and /my/points/for/<retiree id>/ for who helps)."""

from django.urls import path

from members.people.acting import person_pages

from .views import own

app_name = "own_points"
urlpatterns = person_pages([path("", own.points, name="points")])
