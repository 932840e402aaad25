"""What statistics and the feedback between both sides know of 困难帮扶: payments, at the community at that time."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.http import urlencode

from checkin.feedback import registry as feedback
from checkin.statistics import registry as statistics
from checkin.statistics.months import Month

from .models import Application

GROUP = "就近得到关心照顾"


def register() -> None:
    statistics.add(
        statistics.Column(
            "aid_times",
            "困难帮扶人次",
            "当月记账支付的困难帮扶（一户一策），一次支付算一人次，已撤销的不算。",
            times,
            address,
            group=GROUP,
        )
    )
    statistics.add(
        statistics.Column(
            "aid_amount",
            "困难帮扶金额",
            "当月记账支付的困难帮扶金额，以元计，分舍去。",
            amount,
            group=GROUP,
            unit="元",
        )
    )
    feedback.add(feedback.Section("aid", "困难帮扶", (("aid", "帮扶"),), helped))


def paid_in(month: Month) -> QuerySet[Application]:
    """The applications whose payment was booked in the month and stands."""
    days = {"payment__booked_on__gte": month.first, "payment__booked_on__lte": month.last}
    return Application.objects.filter(**days)


def times(month: Month) -> dict[str, int]:
    rows = paid_in(month).order_by().values("place").annotate(times=Count("pk"))
    return dict(rows.values_list("place", "times"))


def amount(month: Month) -> dict[str, int]:
    rows = paid_in(month).order_by().values("place").annotate(sum=Sum("payment__amount"))
    return {place: total // 100 for place, total in rows.values_list("place", "sum")}


def address(month: Month, area: str) -> str:
    """The list of the payments behind the figure."""
    query = urlencode({"paid": str(month), "area": area})
    return f"{reverse('funds:applications', current_app='bureau-funds')}?{query}"


def helped(month: Month) -> Mapping[int, Mapping[str, str | int]]:
    """Whether the person was helped in the month; the reason and the amount are nobody else's."""
    people = paid_in(month).order_by().values_list("retiree_id", flat=True)
    return {retiree: {"aid": "有"} for retiree in people}
