"""Requests for erasure, and what somebody says at a counter, under /community/ and /bureau/."""

from django.urls import path

from .views import staff

app_name = "rights"
urlpatterns = [
    path("", staff.requests, name="list"),
    path("<int:pk>/", staff.request_page, name="request"),
    path("person/<int:pk>/", staff.person, name="person"),
    path("person/<int:pk>/consent/", staff.withdraw_consent, name="withdraw_consent"),
    path("person/<int:pk>/erasure/", staff.ask, name="ask"),
]
