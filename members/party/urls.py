"""党组织, under /unit/, /community/ and /bureau/."""

from django.urls import path

from . import views

app_name = "party"
urlpatterns = [
    path("", views.branches, name="branches"),
    path("fifty-years/", views.fifty_years, name="fifty_years"),
    path("<int:pk>/", views.branch, name="branch"),
    path("posts/<int:pk>/", views.post, name="post"),
]
