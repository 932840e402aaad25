from django.db import transaction
from django.utils import timezone

from checkin.record.actions import end_at_withdrawal
from checkin.rights import consents
from checkin.rights.models import ConsentWithdrawal
from checkin.rights.permissions import is_one_of_them, may_withdraw_consent
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree


@transaction.atomic
def withdraw_consent(retiree_id: int, *, by: User) -> ConsentWithdrawal:
    """The person takes back the consent to check in: a request is withdrawn, a check-in in force ends, both sides
    are told. The unit keeps its roster, which rests on its duty and not on consent. Staff do it on a paper.

    Repeating it changes nothing. Agreeing again is a new check-in. Raises PermissionDenied, RuleBroken (never
    agreed). Source: 个人信息保护法 art. 13, 15, 16; docs/rules.md, G1, G2.
    """
    retiree = Retiree.objects.locked(retiree_id)
    require(may_withdraw_consent(by, retiree))
    given, version = consents.given_at(retiree)
    if given is None:
        last = ConsentWithdrawal.objects.filter(retiree=retiree).order_by("-pk").first()
        if last is None:
            raise RuleBroken("还没有同意过，没有可以撤回的。", code="nothing_given")
        return last
    made = ConsentWithdrawal.objects.create(
        retiree=retiree,
        at=timezone.now(),
        by=by,
        on_paper=not is_one_of_them(by, retiree),
        consent_text=version,
    )
    audit.record("consent.withdrawn", retiree, by=by, after={"version": version, "on_paper": made.on_paper})
    end_at_withdrawal(retiree, by)
    return made
