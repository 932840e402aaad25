"""What check-ins add to the export of people: the lists of the staff pages, and a group of columns.

A list taken out holds whom the page shows under the same conditions: both come from lists and areas.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.spreadsheets.writing import Column
from members.exports.registry import Choose, Chosen, Group
from members.exports.rows import among
from members.people.models import Retiree

from . import areas, lists, permissions
from .forms.staff import AreaFilters, CommunityFilters, Filters, MemberFilters
from .models import CheckIn, CheckInQuerySet, State


def _chosen(people: QuerySet[Retiree], filters: Filters) -> Chosen:
    said = [words for words, _ in filters.chips]
    typed = filters.wanted.get("q") or ""
    kept = ["查找：（略）" if typed and words.endswith(f"：{typed}") else words for words in said]
    return Chosen(people, {name: value for name, value in filters.wanted.items() if value}, said, kept)


def _with(checkins: CheckInQuerySet) -> QuerySet[Retiree]:
    return Retiree.objects.filter(pk__in=checkins.select_related(None).values("retiree"))


def of_unit(unit: Organisation, asked: QueryDict) -> Chosen:
    """成员情况: the unit's living members."""
    filters = MemberFilters(asked)
    members = lists.members_of(unit, filters.wanted).select_related(None)
    return _chosen(Retiree.objects.filter(pk__in=members.values("retiree")), filters)


def of_community(community: Organisation, asked: QueryDict) -> Chosen:
    """居民名册, and, without a state, everybody alive who is or asks to be checked in here."""
    filters = CommunityFilters(asked)
    wanted = filters.wanted
    if wanted["state"] == State.CONFIRMED:
        return _chosen(_with(lists.of_community(community, wanted)), filters)
    rows = CheckIn.objects.filter(lists.narrowed(wanted), community=community)
    states = CheckIn.AT_DESK if wanted["state"] == "open" else (*CheckIn.AT_DESK, State.CONFIRMED)
    return _chosen(_with(rows.filter(state__in=states, retiree__died_on=None)), filters)


def of_area(office: Organisation, asked: QueryDict) -> Chosen:
    """名单 of a bureau or street: the people behind a figure, or of the whole area."""
    filters = AreaFilters(asked, place=areas.places(office, asked.get("place", "")))
    wanted = filters.wanted
    if wanted["state"] in areas.MEASURE_WORDS:
        rows = areas.in_area(wanted["place"] or office.area, wanted, timezone.localdate())
        return _chosen(_with(rows), filters)
    return _chosen(areas.registered(office, wanted), filters)


LISTS: dict[str, Choose] = {"unit": of_unit, "community": of_community, "bureau": of_area}


def values(people: Collection[int], by: User) -> dict[int, tuple[str, str, str, str]]:
    """State, community, number and day of the check-in that counts for each of `people`; one query.

    Who has none is 待报到. Only check-ins that `by` may see count, as on the page of a person.
    """
    rows = (
        permissions.visible_to(by)
        .filter(among("retiree", people))
        .exclude(state__in=(State.WITHDRAWN, State.DRAFT))
        .order_by("retiree_id", "-pk")
        .values_list("retiree_id", "state", "community__name", "number", "confirmed_at")
    )
    best: dict[int, tuple[str, str | None, str, datetime | None]] = {}
    for pk, state, community, number, at in rows:
        if pk not in best or lists.counts_more(state, best[pk][0]):
            best[pk] = (state, community, number, at)
    nothing = ("待报到", "", "", "")
    return dict.fromkeys(people, nothing) | {
        pk: (str(State(state).label), place or "", number, f"{timezone.localdate(at)}" if at else "")
        for pk, (state, place, number, at) in best.items()
    }


GROUP = Group(
    name="checkin",
    title="报到",
    columns=(
        Column("报到状态", 14, "正在办理的看办到哪一步；没有办过的是待报到"),
        Column("报到社区", 18),
        Column("报到编号", 18),
        Column("报到日期", 12, "社区确认的那一天"),
    ),
    sides=frozenset(["unit", "community", "bureau"]),
    values=values,
)
