"""How the API describes itself: what every operation has besides what its view says."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from .problems import MEDIA_TYPE

HEADERS = {
    "Idempotency-Key": "每次提交一个新的，重发时用同一个；7 天内同一个 Key 只办一次",
    "If-Match": "读到的 ETag；之后有人改过就拒绝（412）",
}
REFUSED = {
    "400": "请求不对",
    "401": "没有令牌，或令牌不对、已过期、已停用",
    "403": "令牌没有这项用途，或组织无权",
    "404": "没有，或不归本组织",
    "429": "太多，见 Retry-After",
}
REFUSED_WRITES = {
    "409": "已由别人办了，或同一个请求正在办理",
    "412": "读到之后有人改过",
    "413": "请求体太大",
    "415": "不是 JSON",
    "422": "规则不允许，见 detail",
    "428": "缺 Idempotency-Key 或 If-Match",
}
VERSIONED = ("person", "checkin", "change_person", "enrol", "verify", "return", "confirm", "forward")
NEEDS_VERSION = ("change_person", "verify", "return", "confirm", "forward")
NOT_IDEMPOTENT = ("look_up",)

_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "给程序判断用，不会改变"},
        "detail": {"type": "string", "description": "给人看的中文说明"},
        "request_id": {"type": "string", "description": "报告问题时请附上"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": _TEXT, "code": _TEXT, "detail": _TEXT},
            },
        },
        "done_by": {"type": "string", "description": "已由谁办了"},
        "done_at": {"type": "string", "format": "date-time"},
    },
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "checkin.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "hf_…，由本组织负责人在“系统对接”里生成"}


def one_of_twins(endpoints: list[Any]) -> list[Any]:
    """Every address is understood with and without a slash at its end; one of them is told."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


def complete(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Add to every operation its headers and the problems it may answer with."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method, operation in path.items():
            is_write = method != "get"
            operation.setdefault("parameters", []).extend(_headers(operation["operationId"], is_write))
            for status, answer in operation["responses"].items():
                answer["headers"] = _answered_with(operation["operationId"], status, is_write)
            refused = REFUSED | (REFUSED_WRITES if is_write else {})
            operation["responses"] |= {status: _problem(status, words) for status, words in refused.items()}
    return result


def _headers(operation: str, is_write: bool) -> list[dict[str, Any]]:
    wanted = []
    if is_write and operation not in NOT_IDEMPOTENT:
        wanted.append(("Idempotency-Key", r"^[\x21-\x7e]{1,128}$"))
    if operation in NEEDS_VERSION:
        wanted.append(("If-Match", r'^"[0-9]{1,9}"$'))
    return [
        {
            "in": "header",
            "name": name,
            "required": True,
            "description": HEADERS[name],
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, pattern in wanted
    ]


def _answered_with(operation: str, status: str, is_write: bool) -> dict[str, Any]:
    headers = {}
    if operation in VERSIONED:
        headers["ETag"] = _header("版本，改的时候放进 If-Match")
    if status == "201":
        headers["Location"] = _header("新资料的地址")
    if is_write and operation not in NOT_IDEMPOTENT:
        headers["Idempotent-Replayed"] = _header("true：以前办过，这是当时的答复")
    return headers


def _problem(status: str, words: str) -> dict[str, Any]:
    shape = {"$ref": "#/components/schemas/Problem"}
    found: dict[str, Any] = {"description": words, "content": {MEDIA_TYPE: {"schema": shape}}}
    if status == "401":
        found["headers"] = {"WWW-Authenticate": _header("Bearer")}
    if status == "429":
        found["headers"] = {"Retry-After": _header("等多少秒")}
    return found


def _header(words: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": "string"}}
