"""The lists of the staff pages: what is in them and how they are searched.

Figures above a list are counted by the same definition as the list behind them (measures), and no count reads
more than it shows. Pages are cut by slices.cut.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from communities.notices.models import Notice, NoticeQuerySet
from communities.organisations.models import Organisation
from huifeng.codes import labels
from huifeng.sealed import blind_indexes
from members.duplicates.models import DuplicatePair
from members.people import fields
from members.people.models import Retiree
from members.people.naming import may_be_named
from members.units.models import UnitMembership

from .models import CheckIn, CheckInQuerySet, State

CAP = 100  # figures of queues stop here: 100+

# Finding people ------------------------------------------------------------------------


def matching(words: str, person: str = "", number: str = "number") -> Q:
    """A condition for what somebody types into a search box: name, pinyin, end of the phone, number, whole
    ID or phone.

    `person`: how to get from the row to the person ("retiree__"); `number`: the row's number, "" for none.
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))
    if re.fullmatch(r"\d{4}", text):
        return Q(**{f"{person}phone_tail": text})
    if re.fullmatch(r"1\d{10}", text):
        return Q(**{f"{person}phone_index__in": blind_indexes(text, "phone")})
    if re.fullmatch(r"\d{17}[\dXx]", text):
        found = Retiree.objects.with_id_number(text.upper()).values_list("pk", flat=True)
        return Q(
            **{f"{person}pk__in": list(found)}
        )  # asked first, so that each list can start from the person
    if re.fullmatch(r"(?i)FX-?\d{4}-?\d{6}", text):
        digits = re.sub(r"\D", "", text)
        return Q(**{number: f"FX-{digits[:4]}-{digits[4:]}"}) if number else Q(pk__in=[])
    if text.isascii():
        return Q(**{f"{person}name_pinyin__contains": text.lower()})
    return Q(**{f"{person}name__contains": text})


# When it is due ------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """How long there is still time (`days`, negative when late), in words with their kind of tag and icon."""

    kind: str
    words: str
    icon: str
    days: int


LATE_LEVELS = ((3, "1–3 天"), (7, "4–7 天"), (10**6, "7 天以上"))


def due_words(due_on: date | None, today: date) -> Due | None:
    if due_on is None:
        return None
    days = (due_on - today).days
    if days < 0:
        return Due("late", f"逾期 {-days} 天", "triangle-alert", days)
    if days == 0:
        return Due("warn", "今天到期", "hourglass", days)
    return Due("info", f"还剩 {days} 天", "clock", days)


def late_level(days: int) -> str:
    """The words of the level: 1–3 天, 4–7 天, 7 天以上."""
    return next(words for most, words in LATE_LEVELS if days <= most)


# The queue of a desk --------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One request in a list: when it is due, and what a batch must not pass over."""

    checkin: CheckIn
    due: Due | None
    warnings: list[str]

    @property
    def asked_for(self) -> str:
        """What the person was asked to add, in words."""
        reason = labels.label("return_reason", self.checkin.return_reason)
        return "：".join(part for part in (reason, self.checkin.return_words) if part)

    @property
    def may_batch(self) -> bool:
        return self.checkin.state == State.VERIFIED and not self.warnings


def item(checkin: CheckIn, today: date) -> Item:
    return Item(checkin, due_words(checkin.due_on, today), warnings_of(checkin))


def warnings_of(checkin: CheckIn) -> list[str]:
    """What somebody should look at before confirming; each a few words."""
    retiree = checkin.retiree
    found = []
    if retiree.died_on is not None:
        found.append("已登记去世")
    if retiree.standing == Retiree.Standing.CLAIMED:
        found.append("不在名册")
    if checkin.data_correct is False:
        found.append("本人说信息有误")
    if checkin.previous is not None:
        found.append(f"从{checkin.previous.community}迁入")
    elif differs(checkin.address, retiree.residence_address):
        found.append("住址不一致")
    if missing := missing_titles(retiree):
        found.append(f"缺{'、'.join(missing)}")
    return found


def missing_titles(retiree: Retiree) -> list[str]:
    """What a confirmation needs and nobody has filled in yet."""
    return [title for _, title in fields.missing_for_confirmation(retiree)]


def differs(one: str, other: str) -> bool:
    """Whether two written values say something different; nothing written differs from nothing."""
    plain = [re.sub(r"[\s,，。.]", "", unicodedata.normalize("NFKC", text)) for text in (one, other)]
    return bool(plain[0] and plain[1]) and plain[0] != plain[1]


def with_people(checkins: CheckInQuerySet) -> CheckInQuerySet:
    """What a row shows, in the same query."""
    return checkins.select_related(
        "retiree__claimed_unit", "unit", "community", "area", "desk", "helper", "previous__community"
    )


QUEUE_STATES = {
    "": Q(),
    "verified": Q(state=State.VERIFIED),
    "submitted": Q(state=State.SUBMITTED),
    "returned": Q(state=State.RETURNED),
}
WAITS_FOR_PLACE = Q(state=State.VERIFIED, community=None)  # 待分社区
SUBMITTED_WITHIN = {"1": 1, "7": 7, "30": 30}


def queue(desk: Organisation, wanted: dict[str, Any], today: date) -> CheckInQuerySet:
    """The requests on `desk` that fit the filter bar: state (or late), when, channel, q."""
    rows = with_people(CheckIn.objects.at_desk(desk)).filter(
        late(today) if wanted.get("state") == "late" else Q()
    )
    return rows.filter(QUEUE_STATES.get(wanted.get("state") or "", Q()) & narrowed(wanted))


def of_community(community: Organisation, wanted: dict[str, Any]) -> CheckInQuerySet:
    """The check-ins with `community` in a state that is in no queue: confirmed, ended, withdrawn.

    Without restricted people, who are a bureau's business only (docs/rules.md, P2).
    """
    seen = CheckIn.objects.filter(community=community, retiree__is_restricted=False)
    rows = with_people(seen.filter(state=wanted["state"]))
    return rows.filter(narrowed(wanted))


VEILED = "关于一位限制查看的老同志，内容由老干部局掌握"


def told(notices: NoticeQuerySet) -> NoticeQuerySet:
    """`notices` with what veiled needs to know, in the same query; asked of no row that the reader may not see."""
    hidden = ExpressionWrapper(~may_be_named("person"), BooleanField())
    return notices.annotate(is_about_restricted=hidden)


def veiled(notices: Sequence[Notice], organisation: Organisation) -> Sequence[Notice]:
    """Notices of told() as staff of `organisation` may read them: the words about who is restricted since are a
    bureau's. The notice itself stays, so that it can be signed for. Source: docs/rules.md, P2.
    """
    for notice in notices:
        if notice.is_about_restricted and organisation.kind != Organisation.Kind.BUREAU:  # type: ignore[attr-defined]
            notice.words, notice.data = VEILED, {}
    return notices


def narrowed(wanted: dict[str, Any]) -> Q:
    """What every filter bar has in common: when, channel, q."""
    condition = Q()
    if days := SUBMITTED_WITHIN.get(wanted.get("when") or ""):
        condition &= Q(submitted_at__gte=timezone.now() - timedelta(days=days))
    if wanted.get("channel"):
        condition &= Q(channel=wanted["channel"])
    if wanted.get("q"):
        condition &= matching(wanted["q"], "retiree__")
    return condition


def late(today: date) -> Q:
    """Past its date, on whatever desk."""
    return Q(state__in=CheckIn.AT_DESK, due_on__lt=today)


def capped(count: int) -> str:
    """A figure in words that never needed a longer count: 100+."""
    return f"{CAP}+" if count > CAP else str(count)


@dataclass(frozen=True)
class Group:
    """A part of today's work: its rows, and the list that holds all of it."""

    title: str
    icon: str
    rows: list[Item]
    count: int
    query: str

    @property
    def words(self) -> str:
        return capped(self.count)


def todays_work(desk: Organisation, today: date, *, most: int = 20) -> tuple[list[Group], int]:
    """The queue of `desk` in the order in which it should be done, and how much it is (up to CAP + 1)."""
    rows = [item(c, today) for c in with_people(CheckIn.objects.at_desk(desk))[: CAP + 1]]
    returned = [row for row in rows if row.checkin.state == State.RETURNED]
    acting = [row for row in rows if row.checkin.state != State.RETURNED]
    parts: Iterable[tuple[str, str, str, Callable[[int], bool]]] = (
        ("超期", "triangle-alert", "late", lambda days: days < 0),
        ("今天到期", "hourglass", "today", lambda days: days == 0),
        ("新提交", "clock", "fresh", lambda days: days > 0),
    )
    groups = [
        Group(title, icon, found[:most], len(found), query)
        for title, icon, query, fits in parts
        if (found := [row for row in acting if row.due and fits(row.due.days)])
    ]
    if returned:
        groups.append(Group("等本人补充", "pencil", returned[:most], len(returned), "returned"))
    return groups, len(rows)


# Everybody of a unit --------------------------------------------------------------


def _checkins(*states: State) -> Exists:
    return Exists(CheckIn.objects.filter(retiree=OuterRef("retiree"), state__in=states))


CONFIRMED, UNDER_WAY = _checkins(State.CONFIRMED), _checkins(*CheckIn.AT_DESK)
MEMBER_STATES: dict[str, Q] = {
    "confirmed": Q(CONFIRMED),
    "open": ~Q(CONFIRMED) & Q(UNDER_WAY),
    "none": ~Q(CONFIRMED) & ~Q(UNDER_WAY),
}


def members_of(unit: Organisation, wanted: dict[str, Any]) -> QuerySet[UnitMembership]:
    """The living members of `unit` that fit the filter bar: state, kind, q. The states leave nobody out."""
    rows = UnitMembership.objects.open().filter(
        unit=unit, retiree__died_on=None, retiree__merged_into=None, retiree__is_restricted=False
    )
    if wanted.get("state"):
        rows = rows.filter(MEMBER_STATES[wanted["state"]])
    if wanted.get("kind"):
        rows = rows.filter(retiree__kind=wanted["kind"])
    if wanted.get("q"):
        rows = rows.filter(matching(wanted["q"], "retiree__", number=""))
    return rows.select_related("retiree__residence")


def member_counts(unit: Organisation) -> dict[str, int]:
    """How many members in all and in each state, in one query over this unit's members."""
    counts = {name: Count("pk", filter=condition) for name, condition in MEMBER_STATES.items()}
    return members_of(unit, {}).select_related(None).aggregate(all=Count("pk"), **counts)


def duplicates_of(organisation: Organisation) -> str:
    """How many suspected duplicates (疑似重复) wait for a unit or bureau, in words; "" for none."""
    found = DuplicatePair.objects.open().of(organisation).order_by()[: CAP + 1].count()
    return capped(found) if found else ""


@dataclass(frozen=True)
class Person:
    """Somebody in a list, with the check-in that counts: under way or in force, else the last ended."""

    retiree: Retiree
    checkin: CheckIn | None
    unit: Organisation | None = None
    due: Due | None = None
    last_reminder: Any = None

    @property
    def state(self) -> str:
        return self.checkin.state if self.checkin is not None else "pending"


def counts_more(state: str, newer: str) -> bool:
    """Whether an older check-in says more of a person than a `newer` one: in force, and the newer one ended."""
    return state == State.CONFIRMED and newer == State.ENDED


def with_checkins(
    retirees: Iterable[Retiree], today: date, units: dict[int, Organisation] | None = None
) -> list[Person]:
    """Each person with the check-in that counts now, in one query for all of them."""
    retirees = list(retirees)
    best: dict[int, CheckIn] = {}
    rows = (
        CheckIn.objects.filter(retiree__in=[r.pk for r in retirees])
        .exclude(state__in=(State.WITHDRAWN, State.DRAFT))
        .select_related("community", "unit", "desk")
        .order_by("retiree_id", "-pk")
    )
    for row in rows:
        old = best.get(row.retiree_id)
        if old is None or counts_more(row.state, old.state):
            best[row.retiree_id] = row
    found = []
    for retiree in retirees:
        checkin = best.get(retiree.pk)
        unit = (units or {}).get(retiree.pk) or (checkin.unit if checkin else None)
        found.append(Person(retiree, checkin, unit, due_words(checkin.due_on, today) if checkin else None))
    return found
