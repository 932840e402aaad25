"""Funds, 困难帮扶 and subsidies, under /unit/, /community/ and /bureau/."""

from django.urls import path

from .views import aid, money, subsidies

app_name = "funds"
urlpatterns = [
    path("", money.index, name="index"),
    path("<int:pk>/", money.fund, name="fund"),
    path("grants/<int:pk>/reverse/", money.reverse_grant, name="reverse_grant"),
    path("applications/", aid.applications, name="applications"),
    path("applications/new/<int:retiree_id>/", aid.new, name="new"),
    path("applications/<int:pk>/", aid.application, name="application"),
    path("applications/<int:pk>/approve/", aid.approve, name="approve"),
    path("applications/<int:pk>/<slug:step>/", aid.act, name="act"),
    path("subsidies/", subsidies.lists, name="subsidies"),
    path("subsidies/<int:pk>/", subsidies.subsidy, name="subsidy"),
    path("subsidies/<int:pk>/file/", subsidies.file, name="file"),
    path("subsidies/<int:pk>/<slug:step>/", subsidies.act, name="subsidy_act"),
]
