"""What becomes of applications when something else happens to the person or an organisation (rules M11).

Called by registries of the rooms below, in the transaction of the act, with the people locked.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.rowscope.scope import as_program
from members.people import registry
from members.people.models import Retiree
from members.people.registry import Change
from services.ledger.models import Account

from ..models import Application, SubsidyLine
from .steps import RELATED, State, begin, lay, move, record

AT_DEATH = "老同志已登记去世"


def _open_of(retiree: Retiree) -> list[Application]:
    found = list(Application.objects.open().filter(retiree=retiree).select_related(*RELATED).order_by("pk"))
    for application in found:
        application.retiree = retiree
    return found


def end_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """What was asked for ends with the reason; what is paid already is closed by it."""
    for application in _open_of(retiree):
        application.ended_from = application.state
        if application.state == State.PAID:
            application.result = AT_DEATH
            move(application, State.CLOSED, by=by, names=("result", "ended_from"))
        else:
            application.ending = AT_DEATH
            move(application, State.ENDED, by=by, names=("ending", "ended_from"))


def reopen_after_death(retiree: Retiree, by: User) -> None:
    """恢复在世: what the death ended goes on from where it was, unless another one is open by now."""
    held = {application.preset_id for application in _open_of(retiree)}
    rows = Application.objects.filter(retiree=retiree).exclude(ended_from="").select_related(*RELATED)
    for application in rows.order_by("-pk"):
        if application.preset_id in held:
            continue
        held.add(application.preset_id)
        application.retiree = retiree
        application.state, application.ended_from = application.ended_from, ""
        application.ending = application.result = ""
        lay(application)
        application.changed_at = timezone.now()
        application.save()
        record(application, "reopened", by=by, after={"state": application.state})


def follow_closed(closed: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """Who filed or decides is closed: its successor takes its place; without one the bureau over its seat does."""
    heir = successor or registry.units.bureau_for(closed.division_id)
    for fund in Account.objects.filter(kind=Account.Kind.FUND, organisation=closed).order_by("pk"):
        taken = Account.objects.filter(kind=Account.Kind.FUND, organisation=heir, name=fund.name).exists()
        fund.organisation, fund.name = heir, f"{fund.name}（{closed.name}）"[:60] if taken else fund.name
        fund.save(update_fields=["organisation", "name"])
    Application.objects.filter(organisation=closed).update(organisation=heir)
    rows = Application.objects.open().filter(desk=closed).order_by("retiree_id", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        application = begin(pk)
        lay(application)
        application.save(update_fields=["desk"])
        record(application, "redirected", by=by, after={"desk": application.desk_id})


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """Applications go over. Two open ones of one kind: the other's ends."""
    taken = set(Application.objects.open().filter(retiree=kept).values_list("preset_id", flat=True))
    changes = []
    for row in Application.objects.filter(retiree=other).order_by("pk"):
        given: dict[str, object] = {"retiree_id": kept.pk}
        if row.state in Application.AT_OFFICE and row.preset_id in taken:
            given |= {"state": State.ENDED, "desk_id": None, "ending": "与另一份档案的申请重复"}
        elif row.state == State.PAID and row.preset_id in taken:
            given |= {"state": State.CLOSED, "desk_id": None}
        changes.append(Change(row, given, "困难帮扶申请转到保留的一份。"))
    paid = SubsidyLine.objects.filter(retiree=kept, counts=True)
    for line in SubsidyLine.objects.filter(retiree=other).order_by("pk"):
        if not paid.filter(preset=line.preset_id, month=line.month).exists():
            changes.append(Change(line, {"retiree_id": kept.pk}))
    return changes


@as_program("who is forgotten may be seen by nobody any more")
@transaction.atomic
def forget(retiree_id: int, *, by: User) -> None:
    """The words of the applications are taken away; states, amounts and days stay for the sums.

    The caller has locked the person and decided that they are forgotten. Repeating it changes nothing.
    """
    rows = Application.objects.filter(retiree=retiree_id)
    rows.update(reason=None, checked=None, plan=None, result=None)
    rows.exclude(ending="").update(ending="已按规定删除")
