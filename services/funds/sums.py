"""What a fund was given, has used and still holds, from its entries; and how 分 are said and read."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from services.ledger.models import Account, Entry


def yuan(fen: int | None) -> str:
    """分 as 元: 300000 is 3,000, 50 is 0.50."""
    amount = Decimal(fen or 0) / 100
    return f"{amount:,.0f}" if amount == amount.to_integral() else f"{amount:,.2f}"


@dataclass(frozen=True)
class FundSum:
    """In 分: `granted` less `used` is `left`."""

    fund: Account
    granted: int
    used: int

    @property
    def left(self) -> int:
        return self.granted - self.used

    @property
    def share(self) -> str:
        """How much of it is used, to a tenth of a percent where it is no whole one."""
        if not self.granted:
            return ""
        share = f"{100 * self.used / self.granted:.1f}".removesuffix(".0")
        return f"（{share}%）"

    @property
    def words(self) -> str:
        """共 500,000 元，已用 360,000 元（72%），余 140,000 元."""
        return f"共 {yuan(self.granted)} 元，已用 {yuan(self.used)} 元{self.share}，余 {yuan(self.left)} 元"


def of_funds(funds: Iterable[Account]) -> list[FundSum]:
    """The sums of several funds, in their order; one query for what was granted, the rest is kept."""
    found = list(funds)
    given, back = Entry.Kind.GRANT, Entry.Kind.REVERSE
    comes = Entry.objects.filter(to_account__in=found, kind=given).order_by().values("to_account")
    undone = Entry.objects.filter(from_account__in=found, kind=back).order_by().values("from_account")
    coming = dict(comes.annotate(sum=Coalesce(Sum("amount"), 0)).values_list("to_account", "sum"))
    going = dict(undone.annotate(sum=Coalesce(Sum("amount"), 0)).values_list("from_account", "sum"))
    sums = []
    for fund in found:
        granted = coming.get(fund.pk, 0) - going.get(fund.pk, 0)
        sums.append(FundSum(fund, granted, granted - (fund.balance or 0)))
    return sums


def of_fund(fund: Account) -> FundSum:
    """The sum of one fund, read anew."""
    return of_funds([Account.objects.select_related("organisation").get(pk=fund.pk)])[0]


def entries_of(fund: Account) -> Q:
    """A condition on entries: they touch the fund."""
    return Q(from_account=fund) | Q(to_account=fund)
