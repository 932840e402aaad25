"""The search box in the top bar: the people the organisation deals with, and check-ins by number."""

import re

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from checkin.record import areas, lists
from checkin.record.forms.staff import LONGEST_QUERY
from checkin.record.permissions import visible_to
from communities.organisations.acting import StaffRequest, staff_page
from members.people import looks

from .frame import page

MOST = 20


@staff_page
def people(request: StaffRequest) -> HttpResponse:
    """By name, pinyin, last four of the phone, check-in number, whole ID number or phone; at most MOST."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    area, today = request.acting.area, timezone.localdate()
    if re.match(r"(?i)fx-?\d", query):
        rows = lists.with_people(visible_to(request.user)).filter(lists.matching(query))[:MOST]
        found = [lists.Person(row.retiree, row, row.unit, lists.due_words(row.due_on, today)) for row in rows]
    elif query:
        ours = areas.reach(request.acting.organisation).select_related("residence")
        hits = list(ours.filter(lists.matching(query, number=""))[:MOST])
        found = lists.with_checkins(sorted(hits, key=lambda person: (person.name, person.pk)), today)
    else:
        found = []
    looks.listed(request, len(found), {"q": query})
    context = {
        "search_query": query,
        "people": [(row, _url(area, row)) for row in found],
        "more": len(found) == MOST,
    }
    return page(request, "staff/search.html", context)


def _url(area: str, row: lists.Person) -> str:
    """The page to act on when the request lies on a desk, else the person's."""
    checkin = row.checkin
    if checkin is not None and checkin.state in checkin.AT_DESK:
        return reverse(f"{area}:checkin", args=[checkin.pk])
    return reverse(f"{area}:person", args=[row.retiree.pk])
