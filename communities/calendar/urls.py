from django.urls import path

from . import views

app_name = "calendar"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("<int:number>/", views.year, name="year"),
    path("<int:number>/enter/", views.enter, name="enter"),
    path("periods/<str:key>/", views.period, name="period"),
]
