from django.urls import path

from .views import answering, overseeing, reading

app_name = "feedback"
urlpatterns = [
    path("", reading.index, name="index"),
    path("list/", overseeing.reports, name="list"),
    path("make/", overseeing.make, name="make"),
    path("remind/", overseeing.remind, name="remind"),
    path("close/", overseeing.close_agreed, name="close_agreed"),
    path("<int:pk>/", reading.report, name="report"),
    path("<int:pk>/file/<str:suffix>/", reading.file, name="file"),
    path("<int:pk>/matters/<int:matter_pk>/", answering.answer_matter, name="answer_matter"),
    path("<int:pk>/answer/", answering.answer, name="answer"),
    path("<int:pk>/correct/", answering.correct, name="correct"),
    path("<int:pk>/close/", answering.close, name="close"),
    path("<int:pk>/link/", answering.give_link, name="give_link"),
    path("<int:pk>/unlink/", answering.revoke_link, name="revoke_link"),
    path("<int:pk>/letter/", answering.letter, name="letter"),
]
