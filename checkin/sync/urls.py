"""The inbox; the same pages under /unit/notices/, /community/notices/ and /bureau/notices/."""

from django.urls import path

from .views import inbox

app_name = "sync"
urlpatterns = [
    path("", inbox.notices, name="inbox"),
    path("sign/", inbox.sign_many, name="sign_many"),
    path("digest/", inbox.digest, name="digest"),
    path("<int:pk>/sign/", inbox.sign, name="sign"),
    path("<int:pk>/dispute/", inbox.dispute, name="dispute"),
]
