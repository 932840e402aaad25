"""Pages every desk has: one check-in with its acts, one person, what waits to be verified."""

from django.urls import URLPattern, path

from checkin.record.views import desk, persons

patterns: list[URLPattern] = [
    path("checkins/<int:pk>/", desk.checkin, name="checkin"),
    path("checkins/<int:pk>/confirm/", desk.confirm, name="confirm"),
    path("checkins/<int:pk>/verify/", desk.verify, name="verify_one"),
    path("checkins/<int:pk>/return/", desk.give_back, name="return"),
    path("checkins/<int:pk>/send/", desk.send, name="send"),
    path("checkins/<int:pk>/withdraw/", desk.withdraw, name="withdraw"),
    path("checkins/<int:pk>/undo/", desk.undo, name="undo"),
    path("checkins/<int:pk>/end/", desk.end, name="end"),
    path("people/<int:pk>/", persons.person, name="person"),
    path("people/<int:pk>/reveal/", persons.reveal, name="reveal"),
    path("people/<int:pk>/death/", persons.report_death, name="report_death"),
    path("deaths/<int:pk>/", persons.decide_death, name="decide_death"),
    path("claims/<int:pk>/", persons.decide_claim, name="decide_claim"),
    path("helpers/<int:pk>/", persons.decide_helper, name="decide_helper"),
    path("verify/", persons.verify, name="verify"),
]
