"""Who works for an organisation, from which day to which."""

from datetime import date

from django.db import transaction
from django.utils import timezone

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
    return assignment


@transaction.atomic
def end_assignment(assignment_id: int, *, by: User, on: date | None = None) -> Assignment:
    """End an assignment; `on` is its last day (today if left out). Ended once, it stays as it is.

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
    on = on or timezone.localdate()
    if on < assignment.valid_from:
        raise RuleBroken("结束日期不能早于开始日期。", code="dates_out_of_order")
    assignment.valid_until = on
    assignment.save(update_fields=["valid_until"])
    audit.record(
        "assignment.ended",
        assignment,
        by=by,
        organisation_id=assignment.organisation_id,
        before={"valid_until": None},
        after={"valid_until": on.isoformat()},
    )
    return assignment
