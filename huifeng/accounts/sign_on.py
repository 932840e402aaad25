"""The single sign-on of a province (OpenID Connect): what we ask its provider, and what we believe of its answer.

The protocol is django-allauth's; ours is what it leaves out: a nonce, the signature of the ID token, who the issuer is,
and that nothing of the answer is kept but the subject, sealed. allauth's own tables stay empty (docs/decisions/0011).
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException, Session

from . import phones

LOGIN, CONNECT = "login", "connect"
# what reading an answer that is not as it should be can raise
_UNREADABLE = (OAuth2Error, KeyError, TypeError, ValueError, AttributeError)
logger = logging.getLogger(__name__)


class NotSignedOn(Exception):
    """Nobody came. `why`: "down", "stale", "cancelled" or "wrong"."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Came:
    """Somebody the provider knows.

    `subject`: issuer and sub. `phone`: 11 digits the provider has verified, "" unless we trust it. `user_id`: for whose
    account a connection was begun.
    """

    process: str
    subject: str
    phone: str
    next_page: str
    user_id: int | None


class _Protocol(OpenIDConnectOAuth2Adapter):
    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("accounts:sign_on_back"))


class _Provider(OpenIDConnectProvider):
    oauth2_adapter_class = _Protocol


class SignOnAdapter(DefaultSocialAccountAdapter):
    """The one provider of the settings, asked straight: no proxy, no redirect, no plain HTTP unless it is a test's."""

    def get_provider(
        self, request: HttpRequest, provider: str = "", client_id: str | None = None
    ) -> _Provider:
        app = SocialApp(
            provider=_Provider.id,
            provider_id="sign_on",
            name=settings.OIDC["name"],
            client_id=settings.OIDC["client_id"],
            secret=settings.OIDC["secret"],
            settings={"server_url": settings.OIDC["server"], "oauth_pkce_enabled": True},
        )
        return _Provider(request, app=app)

    def get_requests_session(self) -> Session:
        session: Session = super().get_requests_session()
        session.trust_env, session.max_redirects = False, 0
        if settings.OIDC["server"].startswith("https:"):
            del session.adapters["http://"]
        return session


def begin(request: HttpRequest, *, process: str, next_page: str = "") -> HttpResponse:
    """Send the browser to the provider. Raises NotSignedOn("down").

    What comes back must carry the state of this browser, which is good once and for ten minutes.
    """
    nonce = secrets.token_urlsafe(32)
    with _answering():
        answer: HttpResponse = (
            get_adapter()
            .get_provider(request)
            .redirect(
                request,
                process=process,
                next_url=next_page,
                data={"nonce": nonce, "user_id": request.user.pk},
                auth_params={"nonce": nonce},
                scope=["openid", "phone"] if settings.OIDC_TRUSTS_PHONE else ["openid"],
            )
        )
    return answer


def finish(request: HttpRequest) -> Came:
    """Who came back from the provider. Raises NotSignedOn."""
    try:
        state = (
            get_adapter().get_provider(request).unstash_redirect_state(request, request.GET.get("state", ""))
        )
    except PermissionDenied:
        raise NotSignedOn("stale") from None
    if "code" not in request.GET:
        raise NotSignedOn("cancelled" if request.GET.get("error") == "access_denied" else "wrong")
    with _answering():
        claims, phone = _claims(request, state)
        subject = claims["sub"]
        if not (isinstance(subject, str) and 0 < len(subject) <= 255):
            raise ValueError("the subject")
    return Came(
        process=state["process"],
        subject=f"{claims['iss']} {subject}",
        phone=phone,
        next_page=state.get("next", ""),
        user_id=state["data"]["user_id"],
    )


def _claims(request: HttpRequest, state: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The claims of an ID token that is ours, fresh, signed by the provider and of this login; and a trusted phone."""
    provider = get_adapter().get_provider(request)
    protocol = provider.get_oauth2_adapter(request)
    config = protocol.openid_config
    server = settings.OIDC["server"]
    if "/.well-known/" not in server and config["issuer"].rstrip("/") != server.rstrip("/"):
        raise ValueError("the issuer")
    tokens = protocol.get_access_token_data(
        request,
        provider.app,
        protocol.get_client(request, provider.app),
        pkce_code_verifier=state["pkce_code_verifier"],
    )
    claims: dict[str, Any] = jwtkit.verify_and_decode(
        credential=tokens["id_token"],
        keys_url=config["jwks_uri"],
        issuer=config["issuer"],
        audience=provider.app.client_id,
        lookup_kid=jwtkit.lookup_kid_jwk,
    )
    if not compare_digest(claims["nonce"].encode(), state["data"]["nonce"].encode()):
        raise ValueError("the nonce")
    if "exp" not in claims or claims.get("azp", provider.app.client_id) != provider.app.client_id:
        raise ValueError("the end or the party")
    if not settings.OIDC_TRUSTS_PHONE:
        return claims, ""
    return claims, _phone(claims) or _phone(_more_of(claims, config, tokens["access_token"]))


def _more_of(claims: dict[str, Any], config: dict[str, Any], access_token: str) -> dict[str, Any]:
    """What the provider says of the person where its ID token is short."""
    if "userinfo_endpoint" not in config:
        return {}
    with get_adapter().get_requests_session() as session:
        answer = session.get(config["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"})
        answer.raise_for_status()
    more: dict[str, Any] = answer.json()
    if more["sub"] != claims["sub"]:
        raise ValueError("another subject")
    return more


def _phone(claims: dict[str, Any]) -> str:
    if claims.get("phone_number_verified") is not True:
        return ""
    try:
        return phones.normal(str(claims.get("phone_number", "")))
    except ValidationError:  # of another country, a landline
        return ""


@contextmanager
def _answering() -> Iterator[None]:
    """Whatever is wrong with the provider's answer becomes NotSignedOn; what it said is not logged."""
    try:
        yield
    except RequestException as error:
        logger.warning("the single sign-on does not answer: %s", type(error).__name__)
        raise NotSignedOn("down") from None
    except _UNREADABLE as error:
        logger.warning("the single sign-on answers what cannot be believed: %s", type(error).__name__)
        raise NotSignedOn("wrong") from None
