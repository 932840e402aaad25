from django.urls import path

from . import views

app_name = "roster"
urlpatterns = [
    path("", views.imports, name="imports"),
    path("new/", views.new, name="new"),
    path("transfers/", views.transfer_list, name="transfers"),
    path("transfers/<int:pk>/", views.decide_transfer, name="decide_transfer"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/errors/", views.errors, name="errors"),
    path("<int:pk>/upload/", views.upload, name="upload"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/check/", views.check_again, name="check_again"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/undo/", views.undo, name="undo"),
]
