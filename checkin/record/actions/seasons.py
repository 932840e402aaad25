from django.db import transaction
from django.utils import timezone

from checkin.record.models import SeasonalStay
from checkin.record.permissions import may_start
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .steps import lock_person


@as_program("whoever stands at the counter may live elsewhere")
@transaction.atomic
def add_seasonal_stay(
    retiree_id: int, *, by: User, community_id: int, from_month: int, to_month: int, address: str = ""
) -> SeasonalStay:
    """Note a second home (候鸟): the months 1–12 in which somebody lives elsewhere. One at a time; the check-in stays.

    Repeating the same stay changes nothing. Source: docs/rules.md, C28.
    """
    retiree = lock_person(retiree_id)
    require(may_start(by, retiree))
    community = Organisation.objects.get(pk=community_id)
    now = SeasonalStay.objects.filter(retiree=retiree, ended_at=None).first()
    if now is not None:
        if (now.community_id, now.from_month, now.to_month) == (community_id, from_month, to_month):
            return now
        raise RuleBroken(
            f"已登记季节性居住：{now.community}，{now.from_month}月至{now.to_month}月。请先停止原来的。"
        )
    stay = SeasonalStay.objects.create(
        retiree=retiree,
        community=community,
        from_month=from_month,
        to_month=to_month,
        address=address,
        created_by=by,
        created_at=timezone.now(),
    )
    audit.record(
        "seasonal_stay.added",
        stay,
        by=by,
        after={"community": community_id, "months": [from_month, to_month]},
    )
    return stay


@as_program("whoever spends a season here may live elsewhere")
@transaction.atomic
def end_seasonal_stay(stay_id: int, *, by: User) -> SeasonalStay:
    """Stop a seasonal stay. Repeating changes nothing."""
    stay = SeasonalStay.objects.get(pk=stay_id)
    retiree = lock_person(stay.retiree_id)
    require(may_start(by, retiree))
    stay.refresh_from_db()
    retiree.check_has(stay)
    if stay.ended_at is not None:
        return stay
    stay.ended_at = timezone.now()
    stay.save(update_fields=["ended_at"])
    audit.record("seasonal_stay.ended", stay, by=by)
    return stay
