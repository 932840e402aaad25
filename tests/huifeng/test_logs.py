"""What the log keeps of a request: enough to find it again, nothing that lets a reader in or names a person."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.core import signing
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from huifeng.logs import blot, logging_settings

LINK = signing.Signer(salt="letter").sign("12-1")
TIMED = signing.dumps(12, salt="counter", compress=False)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What Django's loggers write, as production writes it."""
    line = logging_settings(as_json=True, level="INFO")["formatters"]["line"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(ProcessorFormatter(**{name: part for name, part in line.items() if name != "()"}))
    django = logging.getLogger("django")
    django.addHandler(handler)
    yield written
    django.removeHandler(handler)


def test_logs_hold_no_personal_numbers() -> None:
    event = blot(None, "info", {"event": "call 13812345678 for 370202194901011234.", "id": 7})

    assert event == {"event": "call [blotted] for [blotted].", "id": 7}


@pytest.mark.parametrize(
    "token", [LINK, TIMED, f"{LINK}。", f"{LINK}x"], ids=["letter", "counter", "stop", "longer"]
)
def test_a_signed_link_that_leads_nowhere_is_not_written_down(log: io.StringIO, token: str) -> None:
    answer = Client().get(f"/nowhere/{token}/answer/")

    assert answer.status_code == 404
    assert "Not Found: /nowhere/[blotted]" in log.getvalue()
    assert LINK.rpartition(":")[2] not in log.getvalue()
    assert TIMED.rpartition(":")[2] not in log.getvalue()


@pytest.mark.django_db
def test_a_refused_form_of_a_signed_link_is_not_written_down(log: io.StringIO) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/letters/{LINK}/answer/")

    assert answer.status_code == 403
    assert "/letters/[blotted]/answer/" in log.getvalue()
    assert LINK not in log.getvalue()


def test_times_and_addresses_stay_readable() -> None:
    words = "2026-11-25T09:12:00+08:00 http://[::1]:8000/my/told/ 127.0.0.1:5432"

    assert blot(None, "info", {"event": words}) == {"event": words}
