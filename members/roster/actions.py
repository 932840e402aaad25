"""The life of an import: received, planned, looked at, written as a whole, taken back within a day.

Whoever asks may leave: planning and writing are jobs. The command calls `plan_now` and `write_now` itself.
Lock order: the batch, then people, then units. Source: docs/rules.md, P14 to P18.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs import files
from huifeng.jobs.models import Job, StoredFile
from huifeng.spreadsheets.reading import Refused

from . import error_book, planning, transfers, undoing, writing
from .models import ImportBatch, ImportRow
from .permissions import may_import_for
from .planning import Tell

State = ImportBatch.State
PLAN, WRITE, UNDO = "roster.plan", "roster.write", "roster.undo"
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def receive(
    content: bytes, name: str, organisation_id: int, *, by: User, in_background: bool = True
) -> ImportBatch:
    """Take in a roster file for a unit, or a bureau's file of several units. Nothing is read yet.

    Each call is a batch of its own; sending a file twice does no harm, since the second plan finds nothing to change.
    Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (too large, empty, the unit is closed).
    """
    organisation = Organisation.objects.select_related("division").get(pk=organisation_id)
    require(may_import_for(by, organisation))
    if organisation.closed_on is not None:
        raise RuleBroken(f"“{organisation.name}”已经撤销，请导入承接单位。", code="unit_closed")
    if not content:
        raise RuleBroken("文件是空的，请选对文件再上传。", code="empty")
    batch = ImportBatch.objects.create(
        organisation=organisation,
        by=by,
        file=files.store(
            name,
            content,
            "application/octet-stream",
            by=by,
            organisation_id=organisation.pk,
            kept_for=KEPT_FOR,
        ),
        file_name=name[-200:],
        sha256=sha256(content).hexdigest(),
    )
    audit.record(
        "roster.received", batch, by=by, organisation_id=organisation.pk, after={"number": batch.number}
    )
    if in_background:
        _start(batch, PLAN, f"检查名册 {batch.number}", by=by)
    return batch


def plan_now(batch_id: int, *, by: User, tell: Tell = lambda rows: None) -> ImportBatch:
    """Read the file and make the plan. Repeating it once there is a plan changes nothing; see `check_again`.

    Reading is long and holds no lock. Rows and state appear together at the end, so a plan that somebody is
    writing never changes under it; should two do it at once, one plan stays. A file that cannot be read
    leaves the batch refused, with the reason. Raises PermissionDenied.
    """
    batch = _readable(batch_id, by=by)
    if batch.state != State.RECEIVED:
        return batch
    if batch.file is None:
        return _refuse(batch_id, Refused("文件已经过期，请重新上传。", code="expired"), by=by)
    began = timezone.now()
    try:
        with transaction.atomic():
            plan = planning.make_plan(batch, files.content_of(batch.file), by=by, tell=tell)
            return _planned(batch_id, plan, began)
    except Refused as refused:
        return _refuse(batch_id, refused, by=by)


def keep_error_book(batch_id: int, *, by: User) -> ImportBatch:
    """Make the workbook of the refused rows and keep it for download; none when there are none.

    Making it is long and holds no lock; one that was made for an older plan is dropped. Repeating it replaces
    the workbook. Raises PermissionDenied.
    """
    batch = _readable(batch_id, by=by)
    if not batch.refused_rows or batch.file is None:
        return batch
    made_for, content = batch.planned_at, error_book.make(batch)
    with transaction.atomic():
        batch = _locked(batch_id, by=by)
        if batch.planned_at != made_for or batch.state == State.DISCARDED:
            return batch
        old = batch.error_file_id
        batch.error_file = files.store(
            f"{Path(batch.file_name).stem}_错误说明.xlsx",
            content,
            files.XLSX,
            by=by,
            organisation_id=batch.organisation_id,
            kept_for=KEPT_FOR,
        )
        batch.save(update_fields=["error_file"])
        if old is not None:
            files.delete(old)
    return batch


@transaction.atomic
def open_error_book(batch_id: int, *, by: User) -> tuple[StoredFile, bytes]:
    """The workbook of the refused rows; taking it away is audited each time.

    Raises PermissionDenied, RuleBroken (nothing was refused, or the workbook has expired).
    """
    batch = _readable(batch_id, by=by)
    if not batch.refused_rows:
        raise RuleBroken("没有要修改的行，不用下载错误表。", code="no_errors")
    return _take_away(batch, batch.error_file, "roster.errors_downloaded", by=by)


@transaction.atomic
def open_upload(batch_id: int, *, by: User) -> tuple[StoredFile, bytes]:
    """The file as it was sent; taking it away is audited each time. Raises PermissionDenied, RuleBroken (expired)."""
    batch = _readable(batch_id, by=by)
    return _take_away(batch, batch.file, "roster.upload_downloaded", by=by)


@transaction.atomic
def approve(batch_id: int, *, by: User) -> ImportBatch:
    """Somebody has looked at the plan: write it, as a job. Repeating it while it waits, or after, changes nothing.

    Raises PermissionDenied, RuleBroken (not planned, nothing to write, expired, a check still runs).
    """
    batch = _locked(batch_id, by=by)
    if batch.state == State.APPLIED or _is_busy(batch, WRITE):
        return batch
    _require_plan(batch)
    if _is_busy(batch, PLAN):
        raise RuleBroken("还在检查，请等检查完再导入。", code="busy")
    _start(batch, WRITE, f"导入名册 {batch.number}", by=by)
    return batch


@transaction.atomic
def write_now(batch_id: int, *, by: User) -> ImportBatch:
    """Write the plan into the register: all of it or, when anything is in the way, nothing.

    Repeating it after it was done changes nothing. Raises PermissionDenied, RuleBroken (not planned; stale:
    somebody in the plan was changed since; the unit was closed; `by` is in it). Source: docs/rules.md, P15.
    """
    batch = _locked(batch_id, by=by)
    if batch.state == State.APPLIED:
        return batch
    _require_plan(batch)
    writing.write(batch, by=by)
    asked = transfers.propose(batch)
    batch.move_to(State.APPLIED)
    batch.applied_by, batch.applied_at = by, timezone.now()
    batch.save(update_fields=["state", "applied_by", "applied_at"])
    counts = {name: batch.counts.get(name, 0) for name in ("new", "changed", "unchanged", "rejected")}
    audit.record(
        "roster.imported",
        batch,
        by=by,
        organisation_id=batch.organisation_id,
        after={**counts, "number": batch.number, "sha256": batch.sha256, "transfers": asked},
    )
    return batch


@transaction.atomic
def check_again(batch_id: int, *, by: User) -> ImportBatch:
    """Make the plan anew, when the register has moved on. Repeating it while it runs changes nothing."""
    batch = _locked(batch_id, by=by)
    if _is_busy(batch, PLAN):
        return batch
    if _is_busy(batch, WRITE):
        raise RuleBroken("正在写入，不用重新检查。请等写完再看。", code="busy")
    if batch.state != State.RECEIVED:  # else the job was cancelled, or stopped half way
        batch.move_to(State.RECEIVED)
        batch.save(update_fields=["state"])
    batch.rows.all().delete()
    _forget(batch, "error_file")
    _start(batch, PLAN, f"重新检查名册 {batch.number}", by=by)
    return batch


@transaction.atomic
def discard(batch_id: int, *, by: User) -> ImportBatch:
    """Give an import up before it is written. Its rows and files are forgotten. Repeating it changes nothing."""
    batch = _locked(batch_id, by=by)
    if batch.state == State.DISCARDED:
        return batch
    if _is_busy(batch, WRITE):
        raise RuleBroken("正在写入，不能放弃。写完以后可以撤销。", code="busy")
    batch.move_to(State.DISCARDED)
    batch.save(update_fields=["state"])
    batch.rows.all().delete()
    _forget(batch, "file", "error_file")
    audit.record("roster.discarded", batch, by=by, organisation_id=batch.organisation_id)
    return batch


@transaction.atomic
def ask_undo(batch_id: int, *, by: User) -> ImportBatch:
    """Take an import back, as a job. Repeating it while it waits, or after, changes nothing."""
    batch = _locked(batch_id, by=by)
    if batch.state == State.UNDONE or _is_busy(batch, UNDO):
        return batch
    _require_undoable(batch)
    _start(batch, UNDO, f"撤销导入 {batch.number}", by=by)
    return batch


@transaction.atomic
def undo_now(batch_id: int, *, by: User) -> ImportBatch:
    """Take back what an import wrote, within 24 hours. Who was touched since is left as they are, and listed.

    People it had entered leave the register; the audit keeps that they were there. Repeating it changes
    nothing. Raises PermissionDenied, RuleBroken (not written, too late, everybody was touched since). Source: P16.
    """
    batch = _locked(batch_id, by=by)
    if batch.state == State.UNDONE:
        return batch
    _require_undoable(batch)
    done = undoing.undo(batch, by=by)
    if done.kept and not (done.removed or done.restored):
        words = f"这 {len(done.kept)} 位老同志的资料在导入以后都有变动，没有撤销。请逐人改正。"
        raise RuleBroken(words, code="touched_since")
    transfers.overtake(batch, by=by)
    batch.move_to(State.UNDONE)
    batch.undone_by, batch.undone_at = by, timezone.now()
    outcome = {"removed": done.removed, "restored": done.restored, "kept": len(done.kept)}
    batch.report = {**batch.report, "undone": outcome, "kept": done.kept[:1000]}
    batch.save(update_fields=["state", "undone_by", "undone_at", "report"])
    audit.record("roster.undone", batch, by=by, organisation_id=batch.organisation_id, after=outcome)
    return batch


@transaction.atomic
def forget_old() -> int:
    """Delete the plans of imports that are a month old: they hold personal data nobody needs. Returns how many rows.

    What somebody is at just now is left for the next night.
    """
    planned = ImportRow.objects.filter(batch=OuterRef("pk"))
    old = ImportBatch.objects.filter(Exists(planned), created_at__lt=timezone.now() - KEPT_FOR)
    free = old.select_for_update(skip_locked=True).values_list("pk", flat=True)
    deleted, _ = ImportRow.objects.filter(batch__in=list(free)).delete()
    return deleted


def _readable(batch_id: int, *, by: User) -> ImportBatch:
    """The batch for whoever may bring its roster; nothing is locked."""
    batch = ImportBatch.objects.select_related("organisation__division").get(pk=batch_id)
    require(may_import_for(by, batch.organisation))
    return batch


def _take_away(
    batch: ImportBatch, file: StoredFile | None, action: str, *, by: User
) -> tuple[StoredFile, bytes]:
    if file is None:
        raise RuleBroken("文件已经过期，请重新上传名册。", code="expired")
    audit.record(action, batch, by=by, organisation_id=batch.organisation_id)
    return file, files.content_of(file)


def _locked(batch_id: int, *, by: User) -> ImportBatch:
    # the job is read afterwards: joined here it would be the one from before the wait for the lock
    batches = ImportBatch.objects.select_for_update(of=("self",)).select_related("organisation__division")
    batch = batches.get(pk=batch_id)
    require(may_import_for(by, batch.organisation))
    return batch


def _forget(batch: ImportBatch, *names: str) -> None:
    """Delete files of `batch` that nobody needs any more: they hold personal data."""
    for name in names:
        file_id = getattr(batch, f"{name}_id")
        if file_id is not None:
            setattr(batch, name, None)
            batch.save(update_fields=[name])
            files.delete(file_id)


def _is_busy(batch: ImportBatch, kind: str) -> bool:
    return batch.job is not None and batch.job.kind == kind and batch.job.state in Job.OPEN


def _require_plan(batch: ImportBatch) -> None:
    if batch.state != State.PLANNED:
        raise RuleBroken(
            f"这次导入{batch.get_state_display()}，现在不能写入。请刷新后再看。", code="wrong_state"
        )
    if not batch.written and not batch.counts.get("transfers"):
        raise RuleBroken("没有要写入的内容：每个人都和名册一样，或者要先修改。", code="nothing_to_write")
    if not batch.rows.exists():
        raise RuleBroken("检查结果只保留 30 天，已经过期。请重新上传名册。", code="expired")


def _require_undoable(batch: ImportBatch) -> None:
    if batch.state != State.APPLIED or batch.applied_at is None:
        raise RuleBroken(f"这次导入{batch.get_state_display()}，不能撤销。", code="wrong_state")
    if not batch.may_undo(timezone.now()):
        raise RuleBroken("导入已超过 24 小时，不能整批撤销。请逐人改正，或请老干部局处理。", code="too_late")


def _start(batch: ImportBatch, kind: str, title: str, *, by: User) -> None:
    """Ask for the job; its page is that of the batch, in the area of whoever asks."""
    is_own_unit = (
        batch.organisation.kind == Organisation.Kind.UNIT
        and batch.organisation_id in standing_of(by).organisation_ids
    )
    area = "unit" if is_own_unit else "bureau"
    batch.job = jobs.start(
        kind,
        title=title,
        by=by,
        args={"batch": batch.pk},
        organisation_id=batch.organisation_id,
        page=reverse("roster:batch", args=[batch.pk], current_app=f"{area}-roster"),
    )
    batch.save(update_fields=["job"])


def _planned(batch_id: int, plan: planning.Plan, began: datetime) -> ImportBatch:
    """Say that the plan is there, in the transaction that wrote its rows."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state != State.RECEIVED:  # given up meanwhile, or planned by somebody else: ours is not wanted
        transaction.set_rollback(True)
        return batch
    batch.move_to(State.PLANNED)
    batch.planned_at = timezone.now()
    batch.counts = {**dict(plan.counts), "seconds": round((batch.planned_at - began).total_seconds(), 1)}
    batch.report = {"remarks": plan.remarks, "headings": plan.headings, "units": sorted(plan.units)}
    batch.save(update_fields=["state", "planned_at", "counts", "report"])
    return batch


@transaction.atomic
def _refuse(batch_id: int, refused: Refused, *, by: User) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state == State.RECEIVED:
        batch.move_to(State.REFUSED)
        batch.refused, batch.refused_code = refused.message[:400], refused.code
        batch.save(update_fields=["state", "refused", "refused_code"])
        _forget(batch, "file")
        audit.record(
            "roster.refused",
            batch,
            by=by,
            organisation_id=batch.organisation_id,
            after={"code": refused.code},
        )
    return batch
