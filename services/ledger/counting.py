"""What statistics and the feedback between both sides know of points."""

from collections.abc import Mapping

from django.db.models import Count, Sum

from checkin.feedback import registry as feedback
from checkin.statistics import registry as statistics
from checkin.statistics.months import Month

from .models import Entry


def register() -> None:
    statistics.add(
        statistics.Column(
            "redemptions",
            "积分兑换",
            "当月在社区积分超市兑换的人次，已取消的不算。",
            redemptions,
            group="就近发挥作用",
        )
    )
    feedback.add(feedback.Section("points", "积分", (("points", "积分"),), points))


def redemptions(month: Month) -> dict[str, int]:
    """How often somebody took goods in the month, by the community that gave them."""
    rows = Entry.objects.filter(
        kind=Entry.Kind.REDEEM, booked_on__gte=month.first, booked_on__lte=month.last, reversed_by=None
    )
    counted = rows.order_by().values("organisation__division").annotate(times=Count("pk"))
    return dict(counted.values_list("organisation__division", "times"))


def points(month: Month) -> Mapping[int, Mapping[str, str | int]]:
    """What each person was given in the month; what was reversed is not counted."""
    rows = Entry.objects.filter(
        kind=Entry.Kind.CREDIT, booked_on__gte=month.first, booked_on__lte=month.last, reversed_by=None
    )
    given = rows.order_by().values("retiree").annotate(sum=Sum("amount")).values_list("retiree", "sum")
    return {retiree: {"points": total} for retiree, total in given}
