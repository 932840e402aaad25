"""走访, under /unit/, /community/ and /bureau/."""

from django.urls import path

from .views import campaigns, oversight, person, plan

app_name = "visits"
urlpatterns = [
    path("", plan.plan, name="plan"),
    path("walk/", plan.walk, name="walk"),
    path("<int:pk>/", plan.record, name="record"),
    path("<int:pk>/save/", plan.save, name="save"),
    path("<int:pk>/undo/", plan.undo, name="undo"),
    path("person/<int:retiree_id>/", person.person, name="person"),
    path("person/<int:retiree_id>/occasion/", person.occasion, name="occasion"),
    path("person/<int:retiree_id>/class/", person.classify, name="classify"),
    path("person/<int:retiree_id>/team/<slug:key>/", person.team, name="team"),
    path("person/<int:retiree_id>/team/<slug:key>/end/", person.end_team, name="end_team"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/tick/", campaigns.tick, name="tick"),
    path("coverage/", oversight.coverage, name="coverage"),
    path("rows/", oversight.rows, name="rows"),
    path("seats/", oversight.seats, name="seats"),
]
