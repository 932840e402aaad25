"""Entries of points in words, for the person and for the counter."""

from dataclasses import dataclass

from django.db.models import Q

from members.people.models import Retiree

from .models import Account, Entry


@dataclass(frozen=True)
class Line:
    """An entry as a person reads it. `change` is negative when points went; `can_reverse` for the counter."""

    entry: Entry
    words: str
    change: int
    can_reverse: bool

    @property
    def signed(self) -> str:
        return f"+{self.change}" if self.change > 0 else f"−{-self.change}"


def account_of(retiree: Retiree) -> Account | None:
    return Account.objects.filter(kind=Account.Kind.POINTS, retiree=retiree).first()


def lines_of(account: Account | None, *, most: int = 30) -> list[Line]:
    """The newest entries of a points account; two queries."""
    if account is None:
        return []
    rows = Entry.objects.filter(Q(from_account=account) | Q(to_account=account))
    found = list(rows.select_related("reverses", "organisation").order_by("-pk")[:most])
    gone = set(Entry.objects.filter(reverses__in=found).values_list("reverses_id", flat=True))
    return [_line(entry, account, entry.pk in gone) for entry in found]


def _line(entry: Entry, account: Account, is_reversed: bool) -> Line:
    change = entry.amount if entry.to_account_id == account.pk else -entry.amount
    words = "：".join(part for part in (entry.get_kind_display(), entry.note) if part)
    if is_reversed:
        words += "（已退回）" if entry.kind == Entry.Kind.REDEEM else "（已冲销）"
    can = entry.kind == Entry.Kind.CREDIT and not is_reversed
    return Line(entry, words, change, can)
