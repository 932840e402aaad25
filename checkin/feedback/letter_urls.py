from django.urls import path

from .views import letter

app_name = "letters"
urlpatterns = [
    path("<str:token>/", letter.letter, name="letter"),
    path("<str:token>/matters/<int:matter_pk>/", letter.answer_matter, name="answer_matter"),
    path("<str:token>/answer/", letter.answer, name="answer"),
]
