from django.urls import include, path

from . import views

pages = [
    path("login/", views.login, name="login"),
    path("login/code/", views.code, name="code"),
    path("login/staff/", views.staff, name="staff"),
    path("login/choose/", views.choose, name="choose"),
    path("login/password/", views.password, name="password"),
    path("login/inactive/", views.inactive, name="inactive"),
    path("logout/", views.logout, name="logout"),
]
urlpatterns = [
    path("", include((pages, "accounts"))),
    # the names django-allauth looks up; its own pages for signing up and for mail addresses do not exist here
    path("login/", views.login, name="account_login"),
    path("login/inactive/", views.inactive, name="account_inactive"),
    path("logout/", views.logout, name="account_logout"),
]
