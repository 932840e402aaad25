from django.urls import path

from checkin.record.views import community, counter, persons

from . import desk

app_name = "community"
urlpatterns = [
    path("", community.home, name="home"),
    path("news/", community.news, name="news"),
    path("checkins/", community.checkins, name="checkins"),
    path("checkins/confirm/", community.confirm_many, name="confirm_many"),
    path("checkins/result/", community.batch_result, name="batch_result"),
    path("people/", community.roster, name="roster"),
    path("people/<int:pk>/edit/", persons.edit_contact, name="edit"),
    path("seasonal/", community.seasonal, name="seasonal"),
    path("seasonal/<int:pk>/end/", community.end_stay, name="end_stay"),
    path("register/", counter.find, name="find"),
    path("register/new/", counter.new, name="register_new"),
    path("register/done/", counter.registered, name="registered"),
    path("register/<str:token>/", counter.register, name="register"),
    path("register/<str:token>/keep/", counter.keep, name="register_keep"),
    path("register/<str:token>/season/", counter.season, name="season"),
    *desk.patterns,
]
