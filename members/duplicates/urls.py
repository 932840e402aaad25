from django.urls import path

from . import views

app_name = "duplicates"
urlpatterns = [
    path("", views.pairs, name="pairs"),
    path("look/", views.look_again, name="look_again"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/merge/", views.merge, name="merge"),
    path("<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("<int:pk>/take-back/", views.take_back, name="take_back"),
    path("merges/<int:pk>/", views.merged, name="merged"),
    path("merges/<int:pk>/undo/", views.undo, name="undo"),
]
