"""Every refusal as problem+json (RFC 9457): `detail` in Chinese for people, `code` for programs, stable."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.response import Response

from huifeng.errors import AlreadyDone, RuleBroken
from huifeng.middleware import request_id

MEDIA_TYPE = "application/problem+json"
STATUS_OF = {  # rules that have an HTTP status of their own; any other is 422
    "stale": HTTPStatus.PRECONDITION_FAILED,
    "changed": HTTPStatus.PRECONDITION_FAILED,
    "in_progress": HTTPStatus.CONFLICT,
    "already_done": HTTPStatus.CONFLICT,
}
DETAILS = {
    "not_authenticated": "请在 Authorization 请求头里给出令牌。",
    "permission_denied": "您的组织不能办这件事。",
    "not_found": "没有找到，或不归您的组织。",
    "method_not_allowed": "这个地址没有这种操作。",
    "unsupported_media_type": "请求体只收 application/json。",
    "not_acceptable": "只提供 application/json。",
    "parse_error": "请求体不是正确的 JSON。",
    "throttled": "请求太多，请等一会儿再来。",
    "invalid": "请求里有不对的内容，见 errors。",
}


class Missing(exceptions.APIException):
    """A write without If-Match or Idempotency-Key."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED


class TooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "请求体太大，请分几次提交。"
    default_code = "too_large"


class BadRequest(exceptions.APIException):
    status_code = HTTPStatus.BAD_REQUEST


def answer(status: int, code: str, detail: str, **more: Any) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}
    body |= {"code": code, "detail": detail, "request_id": request_id.get(), **more}
    return Response(body, status=status, content_type=MEDIA_TYPE)


def on_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """What DRF asks for every exception; None lets it become a 500."""
    if isinstance(error, RuleBroken):
        status = STATUS_OF.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        response = answer(status, error.code, error.message)
        if isinstance(error, AlreadyDone):
            response.data |= {"done_by": error.who, "done_at": timezone.localtime(error.at).isoformat()}
        if error.code == "in_progress":
            response["Retry-After"] = "2"
        return response
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    return _of_framework(error)


def _of_framework(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        return answer(
            error.status_code, "invalid", DETAILS["invalid"], errors=_each(error.get_full_details())
        )
    code = str(error.get_codes())
    detail = DETAILS.get(code, str(error.detail))
    response = answer(error.status_code, code, detail)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled):
        response["Retry-After"] = str(error.wait or 1)
    return response


def _each(found: Any, path: str = "") -> list[dict[str, str]]:
    """The wrong fields as a flat list: {"field": "items.3.person", "code": "required", "detail": …}."""
    if isinstance(found, dict) and {"message", "code"} == set(found):
        return [{"field": path, "code": str(found["code"]), "detail": str(found["message"])}]
    if isinstance(found, dict):
        return [one for name, part in found.items() for one in _each(part, _under(path, str(name)))]
    listed = [part for part in found if part]
    is_flat = all({"message", "code"} == set(part) for part in listed)
    return [
        one
        for place, part in enumerate(found)
        if part
        for one in _each(part, path if is_flat else _under(path, str(place)))
    ]


def _under(path: str, name: str) -> str:
    if name == "non_field_errors":
        return path
    return f"{path}.{name}" if path else name
