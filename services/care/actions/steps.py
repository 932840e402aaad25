"""What every act on somebody's care begins and ends with."""

from typing import Any

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from members.people.models import Retiree

from ..models import CarePreset, Obligation, ObligationQuerySet

State, Ended = Obligation.State, Obligation.Ended


def begin(obligation_id: int) -> Obligation:
    """The line as it stands once its person is locked (rules P3). Raises Obligation.DoesNotExist, RuleBroken."""
    retiree_id = Obligation.objects.values_list("retiree_id", flat=True).get(pk=obligation_id)
    retiree = Retiree.objects.locked(retiree_id)
    found = Obligation.objects.select_related("preset", "organisation", "visit__by", "visit__organisation")
    obligation = found.get(pk=obligation_id)
    retiree.check_has(obligation)
    obligation.retiree = retiree
    return obligation


def living(retiree_id: int) -> Retiree:
    """The person, locked. Raises RuleBroken for the dead."""
    retiree = Retiree.objects.locked(retiree_id)
    if retiree.died_on is not None:
        raise RuleBroken(
            f"{retiree.name}同志已登记去世，不再安排走访。登记错了，请单位办理恢复在世。", code="dead"
        )
    return retiree


def preset_of(key: str, mode: CarePreset.Mode) -> CarePreset:
    """The mechanism in use with this key and mode. Raises RuleBroken."""
    found = CarePreset.objects.filter(key=key, mode=mode, is_active=True).first()
    if found is None:
        raise RuleBroken("这一项已经停用，请刷新后另选一项。", code="preset")
    return found


def end(rows: ObligationQuerySet, reason: Obligation.Ended) -> int:
    """End open lines; repeating it finds none."""
    return rows.open().update(state=State.ENDED, ended_reason=reason)


def give_way(rows: ObligationQuerySet, reason: Obligation.Ended) -> int:
    """End open lines and leave their period free for another."""
    behind = Concat(F("period"), Value("~"), Cast("pk", CharField()))
    return rows.open().update(state=State.ENDED, ended_reason=reason, period=behind)


def office_of(by: User, *preferred: int) -> int | None:
    """For which organisation `by` acts: the first of `preferred` one works for, else one's own."""
    if is_system(by):
        return preferred[0] if preferred else None
    ours = standing_of(by).organisation_ids
    return next((pk for pk in preferred if pk in ours), min(ours, default=None))


def record(
    act: str, retiree: Retiree, *, by: User, office: int | None, after: dict[str, Any] | None = None
) -> None:
    """An entry on the person; words are never in it."""
    audit.record(act, retiree, by=by, organisation_id=office, after=after or {})
