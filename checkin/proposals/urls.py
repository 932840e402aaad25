"""Answering and proposing, under /unit/, /community/ and /bureau/."""

from django.urls import path

from .views import staff

app_name = "proposals"
urlpatterns = [
    path("", staff.queue, name="queue"),
    path("new/<int:retiree_id>/", staff.choose, name="choose"),
    path("new/<int:retiree_id>/<slug:field>/", staff.new, name="new"),
    path("<int:pk>/", staff.proposal, name="proposal"),
    path("<int:pk>/accept/", staff.accept, name="accept"),
    path("<int:pk>/refuse/", staff.refuse, name="refuse"),
    path("<int:pk>/withdraw/", staff.withdraw, name="withdraw"),
    path("<int:pk>/reveal/", staff.reveal, name="reveal"),
]
