"""The unit's own pages: its members and where their check-ins stand; one person's data."""

from django.http import HttpResponse
from django.utils import timezone

from checkin.record import lists
from checkin.record.actions.reminders import last_reminders
from checkin.record.forms.staff import MemberFilters
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from members.people import looks

from .frame import newest_notices, page


@staff_page
def home(request: StaffRequest) -> HttpResponse:
    """成员情况: four figures, each a link to the list behind it, and the list."""
    filters = MemberFilters(request.GET)
    unit, today = request.acting.organisation, timezone.localdate()
    part = slices.cut(lists.members_of(unit, filters.wanted), ("retiree_id",), request.GET)
    people = lists.with_checkins([row.retiree for row in part.rows], today)
    reminded = last_reminders([row.retiree.pk for row in people if row.checkin is None])
    looks.listed(request, len(people), filters.wanted)
    context = {
        "filters": filters,
        "slice": part,
        "people": [(row, reminded.get(row.retiree.pk)) for row in people],
        "found": f"本页 {len(people)} 人",
    }
    if request.htmx:
        return page(request, "unit/home.html#list", context)
    context |= {
        "counts": lists.member_counts(unit),
        "duplicates": lists.duplicates_of(unit),
        "notices": newest_notices(request.acting),
    }
    return page(request, "home.html", context)
