from django.db import transaction

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import require
from members.people.models import Retiree
from members.people.permissions import may_see


@transaction.atomic
def reveal(retiree_id: int, *, by: User, why: str, organisation_id: int | None = None) -> Retiree:
    """Show ID number and phones in full: each look is written down with its reason, for the person to read."""
    retiree = Retiree.objects.get(pk=retiree_id)
    require(may_see(by, retiree))
    audit.record("people.revealed", retiree, by=by, organisation_id=organisation_id, note=why)
    return retiree
