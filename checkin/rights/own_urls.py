"""What the person agreed to, and their rights over what is kept of them, under /my/rights/."""

from django.urls import path

from members.people.acting import person_pages

from .views import own

app_name = "own_rights"
urlpatterns = person_pages(
    [
        path("", own.rights, name="rights"),
        path("consent/", own.consent, name="end_consent"),
        path("erasure/", own.erasure, name="erasure"),
        path("erasure/<int:pk>/take-back/", own.take_back, name="take_back"),
    ]
)
