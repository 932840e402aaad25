from django.urls import path

from . import views

app_name = "interests"
urlpatterns = [
    path("", views.home, name="home"),
    path("people/", views.people, name="people"),
    path("skills/", views.skills, name="skills"),
]
