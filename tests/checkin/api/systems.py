"""Other systems that call the API: a token of an organisation, and what such a system sends."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from checkin.api import actions
from checkin.api.models import ApiToken, Purpose
from checkin.sync.relay import relay
from communities.notices.models import Notice
from communities.organisations.models import Assignment, Organisation
from tests.communities.factories import make_staff

EVERYTHING = tuple(Purpose.values)


@dataclass
class System:
    """Calls as the holder of a token; every write gets a new Idempotency-Key unless `key` says which."""

    token: ApiToken
    words: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers())

    def post(self, path: str, body: Any = None, *, key: str | None = None, version: object = None) -> Any:
        return self._send("post", path, body, key, version)

    def patch(self, path: str, body: Any = None, *, key: str | None = None, version: object = None) -> Any:
        return self._send("patch", path, body, key, version)

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.words}", **more}

    def _send(self, method: str, path: str, body: Any, key: str | None, version: object) -> Any:
        headers = self.headers() | {"Idempotency-Key": key or uuid.uuid4().hex}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        body = {} if body is None else body
        return getattr(self.client, method)(
            f"/api/v1/{path}", body, content_type="application/json", headers=headers
        )


def system_of(organisation: Organisation, *purposes: str, days: int = 90) -> System:
    """A system that a lead of `organisation` let in, for all purposes unless some are named."""
    lead = make_staff(organisation, Assignment.Role.LEAD, display_name="负责人")
    issued = actions.create(
        organisation.pk,
        by=lead,
        key=uuid.uuid4(),
        name="人事系统",
        purposes=purposes or EVERYTHING,
        last_day=timezone.localdate() + timedelta(days=days),
    )
    return System(issued.token, issued.words)


def lead_of(system: System) -> Any:
    return system.token.created_by


def number_notices(organisation: Organisation) -> list[Notice]:
    """The notices of an organisation, after the relay has numbered what is pending."""
    relay()
    return list(Notice.objects.filter(receiver=organisation).order_by("number"))


def problem(answer: Any, status: int) -> Any:
    """The code of a problem, after checking that it is one."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    return body["code"]
