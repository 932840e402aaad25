"""我的积分, under /my/points/."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from members.people.acting import for_person, page
from members.people.models import Retiree

from .. import wording
from ..models import Goods
from ..places import community_of


@require_GET
@for_person
def points(request: HttpRequest, person: Retiree) -> HttpResponse:
    """The balance, where it comes from, and what the community gives for it."""
    account, community = wording.account_of(person), community_of(person)
    balance = (account.balance or 0) if account else 0
    goods = Goods.objects.filter(community=community, is_active=True, stock__gt=0).order_by("points", "pk")
    context = {
        "balance": balance,
        "lines": wording.lines_of(account),
        "goods": [(row, max(row.points - balance, 0)) for row in goods[:50]],
        "community": community,
    }
    return page(request, "retiree/points.html", context, community=community)
