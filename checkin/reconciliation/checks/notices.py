"""Notices: did each side get what it should know, in order, and did it go on to its own system?"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from checkin.record import notices as record
from checkin.record.models import CheckIn, CheckInEvent
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices.models import Mailbox, Notice
from communities.organisations.models import Organisation
from huifeng.audit.models import AuditEntry
from members.people.models import Retiree

from ..comparing import LIMIT, Check, Finding, ask

Move = CheckInEvent.Move
NOTICE, MAILBOX, EVENT = Notice._meta.db_table, Mailbox._meta.db_table, CheckInEvent._meta.db_table
CHECKIN, ORGANISATION = CheckIn._meta.db_table, Organisation._meta.db_table
PERSON = Retiree._meta.db_table
WEBHOOK, LETTER, AUDIT = Webhook._meta.db_table, DeadLetter._meta.db_table, AuditEntry._meta.db_table

WINDOW = timedelta(days=60)  # older moves: their notices were read long ago and may be gone
STUCK_AFTER = timedelta(minutes=15)
UNTRIED_AFTER = timedelta(hours=1)
LETTER_WAITS = timedelta(days=7)

# Moves after which another organisation may stand in the role without being told as such: nothing is known then.
CHANGES = {
    record.UNIT: (Move.SUBMITTED, Move.RESUBMITTED, Move.MERGED, Move.UNMERGED),
    record.COMMUNITY: (
        Move.RESUBMITTED, Move.PLACED, Move.FORWARDED, Move.REDIRECTED, Move.MERGED, Move.UNMERGED,
    ),
    record.DESK: (Move.UNDONE, Move.RETURNED, Move.MERGED, Move.UNMERGED),
}  # fmt: skip

# Of each check-in the newest move that concerns the role; then who stands there and has no notice of it.
_UNTOLD = f"""
SELECT newest.id AS event, newest.move, newest.retiree_id AS person, o.id AS organisation
FROM (
  SELECT DISTINCT ON (e.checkin_id) e.id, e.move, e.organisation_id, e.after, c.retiree_id, c.number,
    c.{{role}}_id AS role_id
  FROM {EVENT} e JOIN {CHECKIN} c ON c.id = e.checkin_id
  WHERE e.at > %(since)s AND e.move = ANY(%(moves)s)
  ORDER BY e.checkin_id, e.id DESC
) AS newest
JOIN {ORGANISATION} o ON o.id = newest.role_id
JOIN {PERSON} r ON r.id = newest.retiree_id AND (NOT r.is_restricted OR o.kind = '{Organisation.Kind.BUREAU}')
WHERE newest.move = ANY(%(told)s) AND newest.number <> '' AND o.kind <> ALL(%(external)s)
  AND o.id IS DISTINCT FROM newest.organisation_id AND NOT newest.after @> '{{{{"told": false}}}}'
  AND NOT EXISTS (SELECT FROM {NOTICE} n WHERE n.receiver_id = o.id AND n.key = 'checkin:' || newest.id)
"""  # noqa: S608 -- names of tables and columns


def untold() -> list[Finding]:
    found = {}
    for role, changing in CHANGES.items():
        told = [str(move) for move, roles in record.TOLD.items() if role in roles]
        rows = ask(
            _UNTOLD.format(role=role),
            since=timezone.now() - WINDOW,
            told=told,
            moves=sorted({*told, *(str(move) for move in changing)}),
            external=[str(kind) for kind in record.EXTERNAL],
        )
        for row in rows:
            found[row["event"], row["organisation"]] = Finding(
                person=row["person"],
                organisation=row["organisation"],
                field=f"checkin.{row['move']}",
                expected="有通知",
                found="没有通知",
                subject=row["event"],
            )
    return [finding for _, finding in sorted(found.items())]


def tell_again(findings: list[Finding]) -> None:
    """With the key the notice would have had: whoever has it gets nothing more."""
    related = ("checkin__retiree", "checkin__unit", "checkin__community")
    events = CheckInEvent.objects.select_related(*related).in_bulk({f.subject for f in findings})
    receivers = Organisation.objects.in_bulk({f.organisation for f in findings})
    for finding in findings:
        assert finding.subject is not None
        assert finding.organisation is not None
        record.tell_again(events[finding.subject], receivers[finding.organisation])


def stuck() -> list[Finding]:
    rows = (
        Notice.objects.filter(state=Notice.State.PENDING, created_at__lt=timezone.now() - STUCK_AFTER)
        .order_by("pk")
        .values_list("pk", "receiver_id", "person", "kind")
    )
    return [
        Finding(person=person, organisation=receiver, field=kind, expected="已送达", found="待送", subject=pk)
        for pk, receiver, person, kind in rows[:LIMIT]
    ]


def deliver(findings: list[Finding]) -> None:
    relay(seconds=60)


# Numbers run from 1 without holes, so there are as many as the highest, which is the mailbox's last.
_NUMBERS = f"""
SELECT coalesce(n.receiver_id, m.organisation_id) AS organisation, coalesce(n.size, 0) AS size,
  coalesce(n.top, 0) AS top, coalesce(m.last_number, 0) AS last
FROM (SELECT receiver_id, count(number) AS size, max(number) AS top FROM {NOTICE}
  WHERE number IS NOT NULL GROUP BY receiver_id) AS n
FULL JOIN {MAILBOX} m ON m.organisation_id = n.receiver_id
WHERE coalesce(n.size, 0) <> coalesce(n.top, 0) OR coalesce(n.top, 0) <> coalesce(m.last_number, 0)
ORDER BY 1
"""  # noqa: S608 -- names of tables


def numbers() -> list[Finding]:
    found = []
    for row in ask(_NUMBERS):
        holes = max(row["top"], row["last"]) - row["size"]
        if holes:
            found.append(
                Finding(
                    organisation=row["organisation"],
                    field="number",
                    expected=f"{max(row['top'], row['last'])} 条",
                    found=f"{row['size']} 条",
                )
            )
        if row["last"] < row["top"]:
            found.append(
                Finding(
                    organisation=row["organisation"],
                    field="last_number",
                    expected=str(row["top"]),
                    found=str(row["last"]),
                )
            )
    return found


_HOLES = f"""
SELECT number FROM generate_series(1, %(last)s) AS number
WHERE NOT EXISTS (SELECT FROM {NOTICE} n WHERE n.receiver_id = %(receiver)s AND n.number = number.number)
ORDER BY number
"""  # noqa: S608 -- names of tables


@transaction.atomic
def renumber(findings: list[Finding]) -> None:
    """The mailbox goes on after the highest number; a notice that is gone leaves a word in its place.

    So who counts the numbers sees that nothing is left out; what was lost is owed again by other checks.
    """
    for receiver in sorted({f.organisation for f in findings if f.organisation is not None}):
        Mailbox.objects.get_or_create(pk=receiver)
        mailbox = Mailbox.objects.select_for_update().get(pk=receiver)
        top = Notice.objects.filter(receiver=receiver).aggregate(top=Max("number"))["top"] or 0
        mailbox.last_number = max(mailbox.last_number, top)
        mailbox.save(update_fields=["last_number"])
        now = timezone.now()
        Notice.objects.bulk_create(
            Notice(
                receiver_id=receiver,
                key=f"reconciliation-hole:{row['number']}",
                kind="reconciliation.lost",
                words=f"第 {row['number']} 号通知已丢失。内容如仍要告知，已另发一条。",
                created_at=now,
                state=Notice.State.DELIVERED,
                number=row["number"],
                delivered_at=now,
            )
            for row in ask(_HOLES, receiver=receiver, last=mailbox.last_number)
        )


# Behind: something waits, the line is due, and nobody has tried for an hour. Beyond: it stands after something that
# was numbered later than anything was sent, and is no dead letter: it was moved there.
_WEBHOOKS = f"""
SELECT w.id, w.organisation_id AS organisation, w.cursor, coalesce(m.last_number, 0) AS last,
  w.cursor < coalesce(m.last_number, 0) AND w.next_try_at < %(untried)s AS is_behind,
  w.cursor > coalesce(m.last_number, 0) OR EXISTS (
    SELECT FROM {NOTICE} n WHERE n.receiver_id = w.organisation_id AND n.number = w.cursor
      AND n.delivered_at > coalesce(w.last_sent_at, w.created_at)
      AND NOT EXISTS (SELECT FROM {LETTER} l WHERE l.webhook_id = w.id AND l.notice_id = n.id)
  ) AS is_beyond
FROM {WEBHOOK} w
JOIN {ORGANISATION} o ON o.id = w.organisation_id AND o.closed_on IS NULL
LEFT JOIN {MAILBOX} m ON m.organisation_id = w.organisation_id
WHERE w.state = 'active'
"""  # noqa: S608 -- names of tables
_LOST_WEBHOOKS = f"""
SELECT a.organisation_id AS organisation FROM {AUDIT} a
WHERE a.target_type = '{Webhook._meta.label_lower}' AND a.action = 'webhook.added'
  AND NOT EXISTS (SELECT FROM {WEBHOOK} w WHERE w.id::text = a.target_id)
  AND EXISTS (SELECT FROM {ORGANISATION} o WHERE o.id = a.organisation_id)
"""  # noqa: S608 -- names of tables


def webhooks() -> list[Finding]:
    found = []
    rows = ask(f"{_WEBHOOKS} ORDER BY w.id", untried=timezone.now() - UNTRIED_AFTER)
    for row in rows:
        if row["is_behind"] or row["is_beyond"]:
            found.append(
                Finding(
                    organisation=row["organisation"],
                    field="webhook.cursor" if row["is_beyond"] else "webhook.untried",
                    expected=f"{row['last']} 号",
                    found=f"{row['cursor']} 号",
                    subject=row["id"],
                )
            )
    for row in ask(_LOST_WEBHOOKS):
        found.append(
            Finding(organisation=row["organisation"], field="webhook.row", expected="有登记", found="不见了")
        )
    return found


@transaction.atomic
def move_back(findings: list[Finding]) -> None:
    """A line that stands too far goes back to the last notice that can have been sent; what follows is sent now."""
    keys = sorted(f.subject for f in findings if f.field == "webhook.cursor" and f.subject is not None)
    for webhook in Webhook.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
        sent = webhook.last_sent_at or webhook.created_at
        before = Notice.objects.filter(
            receiver=webhook.organisation_id, number__lte=webhook.cursor, delivered_at__lte=sent
        )
        webhook.cursor = before.aggregate(top=Max("number"))["top"] or 0
        webhook.attempts, webhook.next_try_at = 0, timezone.now()
        webhook.save(update_fields=["cursor", "attempts", "next_try_at"])


def letters() -> list[Finding]:
    rows = (
        DeadLetter.objects.filter(state=DeadLetter.State.WAITING, at__lt=timezone.now() - LETTER_WAITS)
        .order_by("pk")
        .values_list("pk", "webhook__organisation_id", "notice__person", "notice__kind")
    )
    return [
        Finding(person=person, organisation=owner, field=kind, expected="已送达或决定", found="待处理")
        for _, owner, person, kind in rows[:LIMIT]
    ]


CHECKS = [
    Check(
        "untold",
        "该知道的没有告诉",
        "每件报到最近的一步，单位、社区和经办方各应有一条通知（近 60 天）。少的可以补发，不会重复。",
        untold,
        tell_again,
    ),
    Check("stuck", "通知没有送出", "通知写好 15 分钟后还没有编号送达。可以现在送出。", stuck, deliver),
    Check(
        "numbers",
        "通知编号不连续",
        "每个组织的通知从 1 号起连续编号。缺号说明有通知被删，可以补上说明。",
        numbers,
        renumber,
    ),
    Check(
        "webhooks",
        "系统对接没有跟上",
        "对方系统还有通知没有收，或游标走过了没有发送的通知，或登记不见了。游标走过的可以退回重发。",
        webhooks,
        move_back,
    ),
    Check(
        "letters",
        "退回的通知没人处理",
        "对方系统退回的通知，超过 7 天还没有决定重发还是不发。请到“系统对接”处理。",
        letters,
    ),
]
