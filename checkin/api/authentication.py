"""Who calls: `Authorization: Bearer hf_<prefix>_<secret>`. No session, no cookie, so no CSRF either."""

import re
from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from huifeng.accounts.models import User

from . import actions
from .models import SCHEME, ApiToken, Purpose

if TYPE_CHECKING:  # the settings name this module and DRF's views read the settings
    from rest_framework.views import APIView

_TOKEN = re.compile(rf"Bearer {SCHEME}_([0-9a-f]{{10}})_([0-9a-f]{{64}})", re.IGNORECASE)


class TokenAuthentication(BaseAuthentication):
    """The account of the token is the user, the token is `request.auth`. Who is refused learns why only with
    the right secret.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        found = _TOKEN.fullmatch(header.decode("latin-1"))
        token = _with_prefix(found[1].lower()) if found else None
        if found is None or token is None or not token.is_secret(found[2].lower()):
            raise AuthenticationFailed("令牌不对，请核对 Authorization 请求头。", code="bad_token")
        if token.revoked_at is not None or not token.account.is_active:
            raise AuthenticationFailed("这个令牌已停用，请向本单位负责人要新的。", code="token_revoked")
        if token.has_expired(timezone.now()):
            raise AuthenticationFailed("这个令牌已过期，请向本单位负责人要新的。", code="token_expired")
        if token.organisation.closed_on is not None:
            raise PermissionDenied(f"{token.organisation}已撤销，不再对接。", code="organisation_closed")
        actions.touch(token)
        return token.account, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="huifeng"'


def _with_prefix(prefix: str) -> ApiToken | None:
    rows = ApiToken.objects.select_related("account", "organisation__division")
    return rows.filter(prefix=prefix).first()


class HasPurpose(BasePermission):
    """The view says for each method what a token must be for; None is for every token."""

    message = "这个令牌没有这项用途，请向本单位负责人申请。"
    code = "wrong_purpose"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        purpose: Purpose | None = view.purposes.get(method)  # none for what the view answers with 405
        return purpose is None or request.auth.is_for(purpose)
