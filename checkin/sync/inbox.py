"""What an organisation finds in its inbox, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from checkin.record import lists
from communities.notices.models import Notice, NoticeQuerySet
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree

WAITING, ALL, DISPUTED = "waiting", "all", "disputed"
SHOWN = {WAITING: "待签收", ALL: "全部", DISPUTED: "有异议"}
MOST_PEOPLE = 50


@dataclass(frozen=True)
class Item:
    """One notice as the page shows it. `url`: the page it speaks of."""

    notice: Notice
    url: str
    is_late: bool

    @property
    def is_unsigned(self) -> bool:
        return self.notice.state == Notice.State.DELIVERED and self.notice.receipt_due_on is not None


def signers(organisation: Organisation) -> list[int]:
    """Whose notices the organisation signs for: its own, and those of organisations that went into it."""
    return [organisation.pk, *organisation.predecessors.values_list("pk", flat=True)]


def found(
    organisation: Organisation, show: str, signing: Sequence[int], people: Sequence[int] | None
) -> tuple[NoticeQuerySet, tuple[str, ...]]:
    """The notices of one view of the inbox and the keys of their order. `people`: only about these."""
    order: tuple[str, ...] = ("-number",)
    rows = Notice.objects.filter(receiver=organisation, number__isnull=False)
    if show == WAITING:
        rows, order = Notice.objects.unsigned(signing), ("receipt_due_on", "pk")
    elif show == DISPUTED:
        rows = rows.filter(state=Notice.State.DISPUTED)
    if people is not None:
        rows = rows.filter(person__in=people)
    return lists.told(rows).select_related("sender", "answered_by"), order


def people_named(words: str, user: User) -> list[int]:
    """The people whom `user` may see and whom the words of a search box mean; the first some dozens."""
    seen = Retiree.objects.visible_to(user).filter(lists.matching(words, number=""))
    return list(seen.order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])


def is_late(notice: Notice, today: date) -> bool:
    return notice.receipt_due_on is not None and notice.receipt_due_on < today
