from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.display.words import stamp
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs.models import Job

from . import notices
from .detection import Unusual, find
from .models import AccessAlert
from .permissions import may_check, may_read_audit

JOB = "audit.export"


def raise_alerts(at: datetime | None = None) -> int:
    """Tell bureaus of what is unusual now; once for a reader, kind and day. Returns how many are new.

    Safe to run twice and twice at once: the database refuses the second. Source: docs/rules.md, W3.
    """
    return sum(_raise(unusual) for unusual in find(at))


@transaction.atomic
def _raise(unusual: Unusual) -> bool:
    office = Organisation.objects.get(pk=unusual.office)
    alert, is_new = AccessAlert.objects.get_or_create(
        reader_id=unusual.reader,
        kind=unusual.kind,
        day=unusual.day,
        defaults={
            "office": office,
            "bureau": notices.bureau_above(office),
            "number": unusual.number,
            "first_at": unusual.first_at,
            "last_at": unusual.last_at,
            "raised_at": timezone.now(),
        },
    )
    if is_new:
        notices.tell_alert(alert)
        _record("access.alerted", alert, by=User.objects.system(), after={"kind": alert.kind})
    return is_new


@transaction.atomic
def check(alert_id: int, *, words: str, by: User) -> AccessAlert:
    """已核实: somebody found out what it was, and says so in `words`.

    Repeating it by the same person changes nothing. Raises AccessAlert.DoesNotExist, PermissionDenied (not of the
    area, or about oneself), RuleBroken (no words, checked by another). Source: docs/rules.md, W4.
    """
    alert = AccessAlert.objects.select_for_update(of=("self",)).select_related("bureau").get(pk=alert_id)
    require(may_check(by, alert))
    if alert.checked_at is not None:
        if alert.checked_by_id == by.pk:
            return alert
        raise RuleBroken(
            f"{alert.checked_by}已在 {stamp(alert.checked_at)} 核实过。请刷新后再看。", code="already_checked"
        )
    if not words.strip():
        raise RuleBroken("请写明怎么核实的、是什么情况。", code="no_words")
    alert.checked_at, alert.checked_by, alert.words = timezone.now(), by, words.strip()[:300]
    alert.save(update_fields=["checked_at", "checked_by", "words"])
    _record("access.checked", alert, by=by, note=alert.words)
    return alert


def _record(action: str, alert: AccessAlert, *, by: User, **more: Any) -> None:
    note = str(more.pop("note", ""))[:200]
    audit.record(action, alert, by=by, organisation_id=alert.bureau_id, note=note, **more)


def note_reading(bureau: Organisation, wanted: dict[str, Any], count: int, *, by: User) -> None:
    """Looking at the audit is itself written down: the conditions by their keys, and how many entries were shown."""
    after = {"count": count, "filters": {name: value for name, value in wanted.items() if value}}
    audit.record("audit.read", bureau, by=by, organisation_id=bureau.pk, after=after)


@transaction.atomic
def order_export(bureau_id: int, wanted: dict[str, Any], *, by: User) -> Job:
    """Ask for what the page lists as a workbook; a worker makes it. One under way with the same conditions is returned.

    `wanted`: conditions by their keys, as `searching.Wanted.args`. Raises PermissionDenied.
    """
    bureau = Organisation.objects.select_related("division").get(pk=bureau_id)
    require(may_read_audit(by, bureau))
    args = {"bureau": bureau.pk, **wanted}
    under_way = Job.objects.filter(kind=JOB, by=by, state__in=Job.OPEN, args=args).order_by("-pk").first()
    if under_way is not None:
        return under_way
    made = jobs.start(JOB, title="导出留痕", by=by, args=args, organisation_id=bureau.pk)
    audit.record("audit.export_ordered", made, by=by, organisation_id=bureau.pk, after=args)
    return made
