from django.urls import path

from .views import tokens

app_name = "tokens"
urlpatterns = [
    path("", tokens.tokens, name="tokens"),
    path("new/", tokens.new, name="new"),
    path("<int:pk>/rotate/", tokens.rotate, name="rotate"),
    path("<int:pk>/revoke/", tokens.revoke, name="revoke"),
]
