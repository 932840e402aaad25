"""Death: anybody concerned reports it, the unit's side confirms it, and a wrong one is undone (恢复在世)."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require

from .. import notices, registry
from ..models import Death, Retiree
from ..permissions import may_decide_death, may_see
from . import changing

State = Death.State


@transaction.atomic
def report_death(retiree_id: int, died_on: date, *, by: User, cause: str = "") -> Death:
    """Say that somebody died on `died_on`; the unit's side is asked to confirm. Nothing else changes yet.

    Repeating it, by whomever, returns the first report.
    Raises PermissionDenied (who does not see the person), RuleBroken (no possible day). Source:
    docs/rules.md, P9.
    """
    retiree = Retiree.objects.locked(retiree_id)
    require(may_see(by, retiree))
    standing = retiree.deaths.filter(state__in=[State.REPORTED, State.CONFIRMED]).first()
    if standing is not None:
        return standing
    _check_day(retiree, died_on)
    death = Death.objects.create(
        retiree=retiree, died_on=died_on, cause=cause.strip(), reported_by=by, reported_at=timezone.now()
    )
    audit.record("death.reported", death, by=by, after={"died_on": str(died_on)})
    notices.death_reported(death)
    return death


@transaction.atomic
def confirm_death(death_id: int, *, by: User, died_on: date | None = None) -> Death:
    """The unit's side confirms; what the rooms above hold open for the person ends in the same transaction.

    `died_on`: the right day, when the report had another. Repeating it changes nothing.
    Raises PermissionDenied, AlreadyDone (dismissed or undone), RuleBroken (no possible day). Source:
    docs/rules.md, P9.
    """
    retiree, death = _locked(death_id)
    require(may_decide_death(by, death))
    if death.state == State.CONFIRMED:
        return death
    _still(death, State.REPORTED)
    death.died_on = died_on or death.died_on
    _check_day(retiree, death.died_on)
    _decide(death, State.CONFIRMED, by=by)
    retiree.died_on = death.died_on
    changing.save(retiree, ["died_on"])
    for end in registry.on_death:
        end(retiree, death.died_on, by)
    return death


@transaction.atomic
def dismiss_death(death_id: int, *, words: str, by: User) -> Death:
    """The report is not true; `words` say how that is known. Repeating it changes nothing."""
    _, death = _locked(death_id)
    require(may_decide_death(by, death))
    if death.state == State.DISMISSED:
        return death
    _still(death, State.REPORTED)
    death.words = _words(words)
    _decide(death, State.DISMISSED, by=by)
    return death


@transaction.atomic
def undo_death(death_id: int, *, words: str, by: User) -> Death:
    """A confirmed death was wrong (恢复在世): what it ended is restored by the rooms that ended it.

    Both acts stay on record. Repeating it changes nothing. Raises PermissionDenied, AlreadyDone, RuleBroken.
    """
    retiree, death = _locked(death_id)
    require(may_decide_death(by, death))
    if death.state == State.UNDONE:
        return death
    _still(death, State.CONFIRMED)
    death.state, death.words, death.undone_by, death.undone_at = (
        State.UNDONE,
        _words(words),
        by,
        timezone.now(),
    )
    death.save(update_fields=["state", "words", "undone_by", "undone_at"])
    retiree.died_on = None
    changing.save(retiree, ["died_on"])
    audit.record(
        "death.undone", death, by=by, before={"state": State.CONFIRMED}, after={"state": State.UNDONE}
    )
    for restore in registry.on_death_undone:
        restore(retiree, by)
    return death


def _locked(death_id: int) -> tuple[Retiree, Death]:
    retiree = Retiree.objects.locked(Death.objects.values_list("retiree_id", flat=True).get(pk=death_id))
    death = Death.objects.select_related("decided_by").get(pk=death_id)  # the person's lock holds it too
    retiree.check_has(death)
    death.retiree = retiree
    return retiree, death


def _check_day(retiree: Retiree, died_on: date) -> None:
    if died_on > timezone.localdate():
        raise RuleBroken("去世日期不能晚于今天，请看看年月日。", code="day_in_future")
    if retiree.birth_date and died_on < retiree.birth_date:
        raise RuleBroken("去世日期不能早于出生日期，请看看年月日。", code="day_before_birth")


def _still(death: Death, state: Death.State) -> None:
    """Raise unless the death is in `state`; who decided it otherwise is named."""
    if death.state == state:
        return
    who, at = death.undone_by or death.decided_by, death.undone_at or death.decided_at
    if who is None or at is None:
        raise RuleBroken("这件去世登记还没有确认，不能恢复在世。可以处理为“不属实”。", code="not_confirmed")
    raise AlreadyDone(f"处理为“{death.get_state_display()}”", who=who.display_name, at=at)


def _words(words: str) -> str:
    if not words.strip():
        raise RuleBroken("请写下理由。", code="reason_missing")
    return words.strip()[:200]


def _decide(death: Death, state: Death.State, *, by: User) -> None:
    before = death.state
    death.state, death.decided_by, death.decided_at = state, by, timezone.now()
    death.save(update_fields=["died_on", "state", "words", "decided_by", "decided_at"])
    audit.record(
        f"death.{state.value}",
        death,
        by=by,
        before={"state": before},
        after={"state": state.value, "died_on": str(death.died_on)},
    )
