"""Logs: one JSON object a line in production, readable lines elsewhere; never personal data.

Log ids of rows and codes of reasons, not names. As a second lock, whatever looks like an ID number, a mobile
phone or a signed token is blotted out of all that arrives here, tracebacks included: Django logs the address of
every 4xx, and who holds a signed link may do what it allows.
"""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")
_SIGNED = re.compile(r"[\w-]+(?::[\w-]+)?:[\w-]{43,}")  # as django.core.signing writes: value, time, SHA-256
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

type Event = MutableMapping[str, Any]


def add_request_id(logger: Any, method: str, event: Event) -> Event:
    """Name the request this line belongs to, the same id the answer carries in X-Request-ID."""
    from huifeng.middleware import request_id  # late: settings read this module before Django is ready

    if known := request_id.get():
        event["request_id"] = known
    return event


def blot(logger: Any, method: str, event: Event) -> Event:
    """Replace whatever looks like an ID number, a mobile phone or a signed token."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SIGNED.sub("[blotted]", _PERSONAL.sub("[blotted]", value))
        elif isinstance(value, int) and not isinstance(value, bool) and _PERSONAL.fullmatch(str(value)):
            event[name] = "[blotted]"
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=False),
    structlog.processors.StackInfoRenderer(),
    add_request_id,
]


def logging_settings(*, as_json: bool, level: str) -> dict[str, Any]:
    """LOGGING for settings; `level` is one of LEVELS."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.ExtraAdder(["status_code"])],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    blot,
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # at INFO Celery says what each task was called with
        "loggers": {"celery.app.trace": {"level": "WARNING"}},
    }


def configure(settings: dict[str, Any]) -> None:
    """LOGGING_CONFIG of settings: set up the standard library and structlog alike."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
