"""Addresses and claims of the provider of provider.py, read once its Django is configured."""

from typing import Any

from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator
from provider import PEOPLE


class Validator(OAuth2Validator):
    """The claims of PEOPLE, in the ID token and in the user info, each with its scope."""

    def get_additional_claims(self, request: Any) -> dict[str, object]:
        return dict(PEOPLE[request.user.username])


urlpatterns = [path("o/", include("oauth2_provider.urls")), path("login/", LoginView.as_view())]
