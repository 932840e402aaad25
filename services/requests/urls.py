"""需求与服务 for staff, the same pages in three areas (NAMESAKES)."""

from django.urls import path

from .views import board, counted, intake, one

app_name = "requests"
urlpatterns = [
    path("", board.board, name="board"),
    path("new/", intake.find, name="find"),
    path("new/unknown/", intake.unknown, name="unknown"),
    path("new/<int:retiree_id>/", intake.new, name="new"),
    path("figures/", counted.figures, name="figures"),
    path("counted/", counted.counted, name="counted"),
    path("<int:pk>/", one.request_page, name="request"),
    path("<int:pk>/print/", one.printed, name="print"),
    path("<int:pk>/begin/", one.begin, name="begin"),
    path("<int:pk>/answer/", one.answer, name="answer"),
    path("<int:pk>/pass/", one.pass_on, name="pass_on"),
    path("<int:pk>/follow-up/", one.follow_up, name="follow_up"),
    path("<int:pk>/rate/", one.rate, name="rate"),
    path("<int:pk>/close/", one.close, name="close"),
    path("<int:pk>/urge/", one.urge, name="urge"),
    path("<int:pk>/reveal/", one.reveal, name="reveal"),
    path("<int:pk>/link/", one.link, name="link"),
]
