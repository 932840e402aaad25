"""The nightly look at what nobody answered in time (rules Q7)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from communities.notices.actions import post_each
from huifeng.accounts.models import User

from ..models import RequestEvent

# Everything past its day moves up one step: the street of the area hears of it, some working days later its bureau.
# One statement whatever the number: what is to move is found by the index of open ones by day, moved, and written
# down; each receiver hears one figure. A person's area lies in a street (9 digits) and a district (6).
_ESCALATE = """
WITH late AS (
  SELECT id, CASE WHEN bureau_on <= %(today)s THEN 2 ELSE 1 END AS step
    FROM services_requests_request
   WHERE state IN ('new', 'working') AND due_on < %(today)s
), moved AS (
  UPDATE services_requests_request q SET escalation = late.step
    FROM late WHERE q.id = late.id AND q.escalation < late.step AND q.state IN ('new', 'working')
  RETURNING q.id, q.desk_id, q.area_id, q.state, q.priority, late.step
), written AS (
  INSERT INTO services_requests_requestevent
    (request_id, move, at, actor_id, actor_name, organisation_id, state, desk_id)
  SELECT id, %(move)s, %(at)s, %(actor)s, %(name)s, NULL, state, desk_id FROM moved
), audited AS (
  INSERT INTO audit_auditentry
    (at, actor_id, actor, organisation_id, action, target_type, target_id, before, after, note, request_id)
  SELECT %(at)s, %(actor)s, %(name)s, NULL, 'request.escalated', 'services_requests.request', id::text, NULL,
         jsonb_build_object('step', step), '', '' FROM moved
), offices AS (
  SELECT id, kind, division_id FROM communities_organisations_organisation
   WHERE closed_on IS NULL AND kind IN ('street', 'bureau')
), told AS (
  SELECT moved.id, moved.desk_id AS receiver, 0 AS step, moved.priority FROM moved
  UNION ALL
  SELECT moved.id, o.id, 1, moved.priority FROM moved JOIN offices o
      ON o.kind = 'street' AND o.division_id = left(moved.area_id, 9) || '000'
  UNION ALL
  SELECT moved.id, o.id, 2, moved.priority FROM moved JOIN offices o
      ON o.kind = 'bureau' AND o.division_id = left(moved.area_id, 6) || '000000'
   WHERE moved.step = 2
)
SELECT receiver, max(step), count(DISTINCT id), count(DISTINCT id) FILTER (WHERE priority = 0)
  FROM told GROUP BY receiver
"""


@dataclass(frozen=True)
class Escalated:
    """How many receivers heard of how many requests, counted once for each."""

    receivers: int
    told: int


@transaction.atomic
def escalate(*, today: date | None = None) -> Escalated:
    """Tell the desk and the street of every request past its day, later the bureau above. Each step once.

    Repeating it, the same night or any other, tells nobody twice. One set operation.
    """
    today = today or timezone.localdate()
    system = User.objects.system()
    values: dict[str, Any] = {
        "today": today,
        "move": RequestEvent.Move.ESCALATED,
        "at": timezone.now(),
        "actor": system.pk,
        "name": system.display_name,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ESCALATE, values)
        rows = cursor.fetchall()
    words = {
        receiver: f"有 {count:,} 件需求超过期限还没有答复{_urgent(urgent)}，{_asked(step)}。"
        for receiver, step, count, urgent in rows
    }
    post_each(
        words, key=f"requests-late-{today:%Y%m%d}", kind="request.late", link="page:requests/?only=late"
    )
    return Escalated(len(rows), sum(count for _, _, count, _ in rows))


def _urgent(count: int) -> str:
    return f"，其中急难 {count:,} 件" if count else ""


def _asked(step: int) -> str:
    return "请今天办" if step == 0 else "请督促承办的一方"
