"""Addresses. Rooms are included by string, so that no import points upwards."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

# prefix, module; a room adds its line here. Pages that several areas share stand in each of them (NAMESAKES).
ROOMS = [
    ("", "huifeng.accounts.urls"),
    ("display/", "huifeng.display.urls"),
    ("", "checkin.record.urls.public"),
    ("my/", "checkin.record.urls.retiree"),
    ("my/", "members.people.urls"),
    ("my/told/", "checkin.sync.own_urls"),
    ("my/proposals/", "checkin.proposals.own_urls"),
    ("my/rights/", "checkin.rights.own_urls"),
    ("my/points/", "services.ledger.own_urls"),
    ("community/points/", "services.ledger.urls"),
    ("my/requests/", "services.requests.own_urls"),
    ("my/care/", "services.care.own_urls"),
    ("my/activities/", "services.activities.own_urls"),
    ("a/", "services.activities.arrival_urls"),
    ("community/", "checkin.record.urls.community"),
    ("unit/statistics/", "checkin.statistics.unit_urls"),
    ("unit/", "checkin.record.urls.unit"),
    ("bureau/places/", "communities.organisations.urls"),
    ("bureau/calendar/", "communities.calendar.urls"),
    ("bureau/statistics/", "checkin.statistics.urls"),
    ("bureau/units/", "members.units.urls"),
    ("bureau/reconciliation/", "checkin.reconciliation.urls"),
    ("bureau/audit/", "checkin.access.urls"),
    ("bureau/", "checkin.record.urls.bureau"),
    ("search/", "checkin.record.urls.search"),
    ("papers/", "checkin.record.urls.papers"),
    ("handbook/", "services.handbook.urls"),
    ("files/", "huifeng.jobs.urls"),
    ("letters/", "checkin.feedback.letter_urls"),
    ("api/v1/", "checkin.api.urls"),
]
# areas, prefix within each, module: /unit/roster/ and /bureau/roster/ are the same pages
NAMESAKES = [
    (("unit", "bureau"), "roster/", "members.roster.urls"),
    (("unit", "bureau"), "duplicates/", "members.duplicates.urls"),
    (("unit", "community", "bureau"), "export/", "members.exports.urls"),
    (("unit", "community", "bureau"), "notices/", "checkin.sync.urls"),
    (("unit", "community", "bureau"), "webhooks/", "checkin.sync.webhook_urls"),
    (("unit", "community", "bureau"), "proposals/", "checkin.proposals.urls"),
    (("community", "bureau"), "rights/", "checkin.rights.urls"),
    (("unit", "community", "bureau"), "funds/", "services.funds.urls"),
    (("unit", "community", "bureau"), "party/", "members.party.urls"),
    (("unit", "community", "bureau"), "requests/", "services.requests.urls"),
    (("unit", "community", "bureau"), "visits/", "services.care.urls"),
    (("unit", "community", "bureau"), "feedback/", "checkin.feedback.urls"),
    (("unit", "community", "bureau"), "tokens/", "checkin.api.token_urls"),
    (("unit", "community", "bureau"), "interests/", "services.interests.urls"),
    (("unit", "community", "bureau"), "activities/", "services.activities.urls"),
    (("unit", "community", "bureau"), "colleagues/", "communities.organisations.colleague_urls"),
]

urlpatterns = [
    path("", include("huifeng.health")),
    path("admin/", admin.site.urls),
    *(
        path(f"{area}/{prefix}", include(module, namespace=f"{area}-{prefix[:-1]}"))
        for areas, prefix, module in NAMESAKES
        for area in areas
    ),
    *(path(prefix, include(module)) for prefix, module in ROOMS),
]
if "demo" in settings.INSTALLED_APPS:
    urlpatterns.append(path("demo/", include("demo.urls")))
