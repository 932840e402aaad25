"""谁在关心我, under /my/care/ (and /my/care/for/<retiree id>/ for who helps)."""

from django.urls import path

from members.people.acting import person_pages

from .views import own

app_name = "own_care"
urlpatterns = person_pages([path("", own.care, name="care")])
