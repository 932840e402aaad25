"""What every act on an application begins and ends with."""

from typing import Any

from django.utils import timezone

from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from members.people.models import Retiree

from .. import notices
from ..models import Application

State = Application.State
RELATED = (
    "preset", "fund__organisation__division", "organisation", "desk", "payment", "planned_by", "approved_by",
)  # fmt: skip


def begin(application_id: int) -> Application:
    """The application as it stands once its person is locked: the person's lock holds it too (rules P3).

    Raises Application.DoesNotExist, RuleBroken (the person was merged just now).
    """
    retiree = Retiree.objects.locked(
        Application.objects.values_list("retiree_id", flat=True).get(pk=application_id)
    )
    application = Application.objects.select_related(*RELATED).get(pk=application_id)
    retiree.check_has(application)
    application.retiree = retiree
    return application


def move(
    application: Application, state: State, *, by: User, names: tuple[str, ...] = (), **after: Any
) -> None:
    """To `state` and on the desk of whose turn it is then; saved with `names`, audited, the desk told."""
    before = application.state
    application.move_to(state)
    lay(application)
    application.changed_at = timezone.now()
    application.save(update_fields=["state", "desk", "changed_at", *names])
    record(application, state, by=by, before={"state": before}, after={"state": state.value, **after})
    if state in (State.REFUSED, State.WITHDRAWN, State.ENDED):
        notices.over(application)
    else:
        notices.turn(application)


def lay(application: Application) -> None:
    """On the desk of whose turn it is: the office's until paid, then who filed it, then nobody's. Does not save."""
    if application.state in Application.AT_OFFICE:
        application.desk = application.office
    else:
        application.desk = application.organisation if application.state == State.PAID else None


def record(application: Application, act: str, *, by: User, before: Any = None, after: Any = None) -> None:
    """An audit entry on the person, who can read it; never the words."""
    ours = standing_of(by).organisation_ids
    sides = (application.fund.organisation_id, application.organisation_id)
    audit.record(
        f"aid.{act}",
        application.retiree,
        by=by,
        organisation_id=next((pk for pk in sides if pk in ours), None),
        before=before,
        after={"application": application.pk, **(after or {})},
    )


def words(text: str, missing: str) -> str:
    """What somebody wrote, up to 1,000 characters. Raises RuleBroken with `missing` for nothing."""
    if not text.strip():
        raise RuleBroken(missing, code="words_missing")
    return text.strip()[:1000]
