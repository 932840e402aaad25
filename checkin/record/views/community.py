"""The community's own pages: today's work, the queue, the people who checked in here, seasonal residents."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from checkin.record import actions, lists
from checkin.record.actions.decisions import MOST_AT_ONCE
from checkin.record.forms.staff import QueueFilters, RosterFilters
from checkin.record.models import CheckIn, SeasonalStay, State
from checkin.record.permissions import visible_to
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from members.people import looks
from members.people.naming import may_be_named, named

from . import persons
from .frame import newest_notices, page

RESULT = "batch_result"  # in the session, shown by the result page


@staff_page
def home(request: StaffRequest) -> HttpResponse:
    """今日工作: what must be done today, in the order in which it is due."""
    groups, count = lists.todays_work(request.acting.organisation, timezone.localdate())
    waiting = persons.waiting(request.acting)
    looks.listed(request, sum(len(group.rows) for group in groups) + waiting.count)
    context = {
        "groups": groups,
        "count": lists.capped(count + waiting.count),
        "people_waiting": waiting,
        "notices": newest_notices(request.acting),
        "loaded_at": timezone.now().isoformat(),
        "news_url": reverse("community:news"),
    }
    return page(request, "home.html", context)


@staff_page
def news(request: StaffRequest) -> HttpResponse:
    """Asked every 60 s: how many requests have come to the desk since the page was made."""
    since = _moment(request.GET.get("since", ""))
    desk = CheckIn.objects.at_desk(request.acting.organisation)
    count = desk.filter(clock_started_at__gt=since)[: lists.CAP + 1].count() if since else 0
    return page(request, "community/home.html#news", {"fresh": lists.capped(count) if count else ""})


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


@staff_page
def checkins(request: StaffRequest) -> HttpResponse:
    """待确认: the queue and, by state, what was decided; filters stand in the address."""
    filters = QueueFilters(request.GET)
    community, today = request.acting.organisation, timezone.localdate()
    if filters.in_queue:
        part = slices.cut(lists.queue(community, filters.wanted, today), ("due_on", "pk"), request.GET)
    else:
        part = slices.cut(lists.of_community(community, filters.wanted), ("-pk",), request.GET)
    items = [lists.item(row, today) for row in part.rows]
    looks.listed(request, len(items), filters.wanted)
    context = {
        "filters": filters,
        "slice": part,
        "items": items,
        "may_batch": any(item.may_batch for item in items),
        "found": f"本页 {len(items)} 件",
    }
    return page(request, "community/checkins.html#list" if request.htmx else "checkins.html", context)


@staff_page
@require_POST
def confirm_many(request: StaffRequest) -> HttpResponse:
    """批量确认: only requests without warnings; the result page names each refusal."""
    ids = [int(pk) for pk in request.POST.getlist("id") if pk.isdigit()][: MOST_AT_ONCE + 1]
    if not ids:
        messages.warning(request, "请先勾选要确认的行")
        return redirect("community:checkins")
    rows = visible_to(request.user).filter(pk__in=ids).select_related("retiree").in_bulk()
    outcomes = actions.confirm_many(ids, by=request.user)
    request.session[RESULT] = [
        {
            "pk": outcome.checkin_id,
            "name": rows[outcome.checkin_id].retiree.name if outcome.checkin_id in rows else "",
            "refusal": outcome.refusal,
        }
        for outcome in outcomes
    ]
    return redirect("community:batch_result")


@staff_page
def batch_result(request: StaffRequest) -> HttpResponse:
    """「确认 11 人，1 人没有成功」, with links to those."""
    outcomes: list[dict[str, Any]] = request.session.get(RESULT, [])
    refused = [outcome for outcome in outcomes if outcome["refusal"]]
    done = [outcome for outcome in outcomes if not outcome["refusal"]]
    return page(request, "batch_result.html", {"done": done, "refused": refused})


@staff_page
def roster(request: StaffRequest) -> HttpResponse:
    """居民名册: who is checked in here now."""
    filters = RosterFilters(request.GET)
    wanted = {**filters.wanted, "state": State.CONFIRMED}
    part = slices.cut(lists.of_community(request.acting.organisation, wanted), ("-pk",), request.GET)
    looks.listed(request, len(part.rows), filters.wanted)
    context = {"filters": filters, "slice": part, "found": f"本页 {len(part.rows)} 人"}
    return page(request, "community/roster.html#list" if request.htmx else "roster.html", context)


STAYS = "a community knows who spends a season with it, wherever they live"


@staff_page
def seasonal(request: StaffRequest) -> HttpResponse:
    """季节性居住（候鸟）: who spends some months a year here."""
    stays = _stays(request).filter(community=request.acting.organisation, ended_at=None).order_by("pk")
    now = timezone.localtime()
    part = slices.cut(stays, ("pk",), request.GET)
    named(part.rows, why=STAYS)
    looks.listed(request, len(part.rows))
    return page(
        request, "seasonal.html", {"slice": part, "rows": [(stay, stay.covers(now)) for stay in part.rows]}
    )


@staff_page
@require_POST
def end_stay(request: StaffRequest, pk: int) -> HttpResponse:
    stay = get_object_or_404(_stays(request), pk=pk)
    actions.end_seasonal_stay(pk, by=request.user)
    named([stay], why=STAYS)
    messages.success(request, f"已停止 {stay.retiree.name} 的季节性居住")
    return redirect("community:seasonal")


def _stays(request: StaffRequest) -> QuerySet[SeasonalStay]:
    """Those in our communities; restricted people are a bureau's business only (docs/rules.md, P2)."""
    return SeasonalStay.objects.filter(may_be_named("retiree"), community__in=request.acting.choices)
