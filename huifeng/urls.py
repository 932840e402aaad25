"""Addresses. Rooms are included by string, so that no import points upwards."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

# prefix, module; a room adds its line here
ROOMS = [
    ("", "huifeng.accounts.urls"),
    ("display/", "huifeng.display.urls"),
    ("", "checkin.record.urls.public"),
    ("my/", "checkin.record.urls.retiree"),
    ("my/", "members.people.urls"),
    ("community/", "checkin.record.urls.community"),
    ("unit/", "checkin.record.urls.unit"),
    ("bureau/places/", "communities.organisations.urls"),
    ("bureau/calendar/", "communities.calendar.urls"),
    ("bureau/", "checkin.record.urls.bureau"),
    ("search/", "checkin.record.urls.search"),
    ("papers/", "checkin.record.urls.papers"),
    ("handbook/", "services.handbook.urls"),
]

urlpatterns = [
    path("", include("huifeng.health")),
    path("admin/", admin.site.urls),
    *(path(prefix, include(module)) for prefix, module in ROOMS),
]
if "demo" in settings.INSTALLED_APPS:
    urlpatterns.append(path("demo/", include("demo.urls")))
