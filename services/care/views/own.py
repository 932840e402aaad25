"""谁在关心我: who is around me with their phones, when somebody comes, who came."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from members.people.acting import for_person, page
from members.people.models import Retiree

from ..models import CareTeam, Obligation, Visit

MOST = 10


@require_GET
@for_person
def care(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Days only: why somebody comes, and what was written down, stands on no page of the person."""
    teams = CareTeam.objects.filter(retiree=person, ended_on=None).select_related("preset")
    due = (
        Obligation.objects.open()
        .filter(retiree=person)
        .select_related("organisation")
        .order_by("due_on", "pk")
    )
    visits = Visit.objects.filter(retiree=person, undone_at=None).select_related("organisation")
    context = {
        "teams": [(team, [seat for seat in team.seats.all() if seat.name]) for team in teams.prefetch_related("seats")],
        "next": due.first(),
        "visits": visits.order_by("-visited_on", "-pk")[:MOST],
    }  # fmt: skip
    return page(request, "retiree/care.html", context)
