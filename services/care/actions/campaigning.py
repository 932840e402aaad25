"""A campaign (春节慰问): everybody of an area or unit on one list, ticked off as it is delivered."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree

from ..making import list_people, make_due
from ..models import Campaign, CarePreset, Obligation, Visit
from ..permissions import is_own_affair, may_run_campaign
from .steps import State, preset_of

MOST = 100  # ticked at once


@transaction.atomic
def start_campaign(
    organisation_id: int,
    key: str,
    *,
    by: User,
    title: str,
    due_on: date,
    standard: Decimal | None = None,
) -> Campaign:
    """List everybody of the organisation's area (a unit's: its people) for a visit by `due_on`, in one statement.

    `standard`: yuan a head, as the preset says if left out. The same mechanism for the same day again is the same
    campaign. Raises PermissionDenied, RuleBroken (a day that is over, nobody to visit). Source: docs/rules.md, V8.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    require(may_run_campaign(by, organisation))
    preset = preset_of(key, CarePreset.Mode.CAMPAIGN)
    known = Campaign.objects.filter(organisation=organisation, preset=preset, due_on=due_on).first()
    if known is not None:
        return known
    today = timezone.localdate()
    if due_on < today:
        raise RuleBroken("送达期限已经过了，请填今天或以后的日期。", code="day_over")
    campaign = Campaign.objects.create(
        preset=preset,
        title=title.strip()[:60] or preset.name,
        organisation=organisation,
        due_on=due_on,
        standard=preset.standard if standard is None else standard,
        created_by=by,
        created_at=timezone.now(),
    )
    is_unit = organisation.kind == Organisation.Kind.UNIT
    campaign.people = list_people(
        campaign_id=campaign.pk,
        preset_id=preset.pk,
        first=today,
        due=due_on,
        area="" if is_unit else organisation.area,
        unit_id=organisation.pk if is_unit else None,
    )
    if not campaign.people:
        raise RuleBroken("这里现在没有要走访的老同志，没有建立名单。", code="nobody")
    campaign.save(update_fields=["people"])
    audit.record(
        "campaign.started",
        campaign,
        by=by,
        organisation_id=organisation.pk,
        after={"people": campaign.people},
    )
    return campaign


@transaction.atomic
def tick_delivered(obligation_ids: Collection[int], *, by: User, on: date) -> int:
    """Tick lines of campaigns as delivered on `on`, at most 100 at once; each is a visit. How many are new.

    Lines that were ticked before, or are no longer due, are passed over. Raises PermissionDenied, RuleBroken.
    """
    if len(obligation_ids) > MOST:
        raise RuleBroken(f"一次最多勾{MOST}户，请分几次办。", code="too_many")
    if on > timezone.localdate():
        raise RuleBroken("送达日期不能晚于今天，请看看日期。", code="day_in_future")
    rows = Obligation.objects.filter(pk__in=obligation_ids, campaign__isnull=False)
    people = {
        row.pk: row
        for row in Retiree.objects.filter(pk__in=rows.values("retiree"))
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    }
    ticked = 0
    for row in rows.open().select_related("organisation", "campaign").order_by("retiree_id", "pk"):
        row.retiree = people[row.retiree_id]
        require(may_run_campaign(by, row.organisation) and not is_own_affair(by, row.retiree))
        assert row.campaign is not None
        row.visit = Visit.objects.create(
            retiree=row.retiree,
            organisation=row.organisation,
            visited_on=on,
            worth=row.campaign.standard,
            by=by,
            recorded_at=timezone.now(),
        )
        row.state = State.DONE
        row.save(update_fields=["state", "visit"])
        _answers_class(row)
        audit.record(
            "visit.recorded", row.retiree, by=by, organisation_id=row.organisation_id,
            after={"visit": row.visit.pk},
        )  # fmt: skip
        ticked += 1
    return ticked


def _answers_class(row: Obligation) -> None:
    """Somebody stood at the door: the interval of the person's class counts anew."""
    assert row.visit is not None
    classed = Obligation.objects.open().filter(
        retiree=row.retiree, organisation=row.organisation, preset__mode=CarePreset.Mode.CARE_CLASS,
        opened_on__lte=row.visit.visited_on,
    )  # fmt: skip
    if classed.update(state=State.DONE, visit=row.visit):
        make_due(retiree_id=row.retiree_id)
