from django.urls import path

from checkin.record.views import search

app_name = "search"
urlpatterns = [path("", search.people, name="people")]
