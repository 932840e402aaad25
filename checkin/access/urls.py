from django.urls import path

from .views import alerts, chain, entries

app_name = "access"
urlpatterns = [
    path("", entries.entries, name="entries"),
    path("export/", entries.export, name="export"),
    path("chain/", chain.chain, name="chain"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<int:pk>/", alerts.check, name="check"),
]
