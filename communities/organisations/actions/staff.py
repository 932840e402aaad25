"""Who works for an organisation, from which day to which."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.actions import end_sessions
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from ..models import Assignment, Organisation
from ..permissions import may_appoint


@transaction.atomic
def assign(
    user_id: int, organisation_id: int, *, role: str, by: User, valid_from: date | None = None
) -> Assignment:
    """Let a user work for an organisation from a day on (today if left out). The same role again changes
    nothing.

    Raises User.DoesNotExist, Organisation.DoesNotExist, PermissionDenied, RuleBroken (external, closed, other
    role).
    """
    user = User.objects.select_for_update().get(pk=user_id)
    organisation = Organisation.objects.select_related("division").get(pk=organisation_id)
    require(may_appoint(by, organisation))
    if organisation.is_external or organisation.closed_on:
        raise RuleBroken(f"{organisation.name}不能设工作人员：市外或已撤销。", code="no_staff_here")
    current = Assignment.objects.filter(user=user, organisation=organisation, valid_until=None).first()
    if current is not None:
        if current.role == role:
            return current
        raise RuleBroken(
            f"{user}现为{organisation.name}{current.get_role_display()}，请先结束原任职。", code="other_role"
        )
    assignment = Assignment(
        user=user, organisation=organisation, role=role, valid_from=valid_from or timezone.localdate()
    )
    assignment.save(force_insert=True)
    after = {"user": user.username, "role": role, "valid_from": assignment.valid_from.isoformat()}
    audit.record("assignment.made", assignment, by=by, organisation_id=organisation.pk, after=after)
    if user != by and not _works(user, besides=assignment):
        end_sessions(user.pk, by=by, why="开始任职，按工作人员重新登录")
    return assignment


def _works(user: User, *, besides: Assignment) -> bool:
    return Assignment.objects.active(timezone.localdate()).filter(user=user).exclude(pk=besides.pk).exists()


@transaction.atomic
def end_assignment(assignment_id: int, *, by: User, on: date | None = None) -> Assignment:
    """End an assignment: this minute, or with the end of `on`. Ended once, it stays as it is.

    Who has no other assignment left is logged out everywhere; every page asks for assignments anew in any case.
    Raises Assignment.DoesNotExist, PermissionDenied, RuleBroken (before it began).
    """
    assignment = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("organisation__division", "user")
        .get(pk=assignment_id)
    )
    require(may_appoint(by, assignment.organisation))
    if assignment.valid_until is not None:
        return assignment
    if on is None:
        on, assignment.ended_at = timezone.localdate(), timezone.now()
    if on < assignment.valid_from:
        raise RuleBroken("结束日期不能早于开始日期。", code="dates_out_of_order")
    assignment.valid_until = on
    assignment.save(update_fields=["valid_until", "ended_at"])
    audit.record(
        "assignment.ended",
        assignment,
        by=by,
        organisation_id=assignment.organisation_id,
        before={"valid_until": None},
        after={"valid_until": on.isoformat()},
    )
    over = assignment.ended_at is not None or on < timezone.localdate()
    User.objects.select_for_update().get(pk=assignment.user_id)  # of two last ones ended at once, one sees it
    if over and not _works(assignment.user, besides=assignment):
        end_sessions(assignment.user_id, by=by, why="任职结束")
    return assignment
