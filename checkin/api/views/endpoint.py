"""What every endpoint begins with: who may call, how large, once only; pages cut by key."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken

from .. import actions
from ..models import ApiToken, Purpose
from ..problems import BadRequest, Missing, TooLarge

LARGEST = 1024 * 1024  # bytes of a body
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_ETAG = re.compile(r'"([0-9]{1,9})"')


class Endpoint(APIView):
    """`purposes`: by method, what the token must be for; None is for every token."""

    purposes: dict[str, Purpose | None] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST:
            raise TooLarge

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(*args, **kwargs)
        response["Cache-Control"] = "no-store"  # it holds personal data
        return response


def token_of(request: Request) -> ApiToken:
    return cast(ApiToken, request.auth)


def account_of(request: Request) -> User:
    return cast(User, request.user)


def asked(request: Request, query: type[Serializer]) -> dict[str, Any]:
    """The query of the address, checked."""
    return _checked(query(data=request.query_params.dict()))


def said(request: Request, body: type[Serializer], **options: Any) -> dict[str, Any]:
    """The body, checked."""
    return _checked(body(data=request.data, **options))


def _checked(serializer: Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


def page[M: Model](
    rows: QuerySet[M], wanted: dict[str, Any], *, key: str = "pk"
) -> tuple[list[M], dict[str, Any]]:
    """The rows of one page in order of `key`, and what the answer says of the next."""
    after, limit = wanted["after"], wanted["limit"]
    found = list(rows.filter(**{f"{key}__gt": after}).order_by(key)[: limit + 1])
    cut = found[:limit]
    last = getattr(cut[-1], key) if cut else after
    return cut, {"next_after": last, "more": len(found) > limit}


def version_in(request: Request) -> int:
    """The version that If-Match names: what the other system read before it decided."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Missing("请在 If-Match 请求头里给出读到的 ETag。", code="if_match_missing")
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise RuleBroken("If-Match 不是我们给出的 ETag，请重新读取后再改。", code="stale")
    return int(match[1])


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def once(handler: Callable[..., Response]) -> Callable[..., Response]:
    """A write: done once for each Idempotency-Key, and its answer given again to who sends it again."""

    @wraps(handler)
    def answered(view: Endpoint, request: Request, *args: Any, **kwargs: Any) -> Response:
        key, words = _key_of(request), _words_of(request)

        def act() -> actions.Answer:
            response = handler(view, request, *args, **kwargs)
            return actions.Answer(response.status_code, _plain(response), _kept(response))

        answer = actions.once(token_of(request), key=key, request=words, act=act)
        headers = dict(answer.headers) | ({"Idempotent-Replayed": "true"} if answer.is_replay else {})
        return Response(answer.body, answer.status, headers=headers)

    return answered


def _key_of(request: Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Missing(
            "每次提交都要有 Idempotency-Key 请求头：重发时用同一个。", code="idempotency_key_missing"
        )
    if not _KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key 应为 1 到 128 个英文字母、数字或符号。", code="idempotency_key_wrong"
        )
    return key


def _words_of(request: Request) -> str:
    """The request in words that are the same when it is sent again, in whatever order its names stand."""
    try:
        return json.dumps([request.method, request.path, request.data], sort_keys=True)
    except RecursionError as error:
        raise ParseError from error


def _kept(response: Response) -> dict[str, str]:
    return {name: response[name] for name in ("ETag", "Location") if name in response}


def _plain(response: Response) -> Any:
    """The body as JSON has it: what is kept is what was sent."""
    return json.loads(JSONRenderer().render(response.data))
