"""Pages anybody may read: the front page, whom to call, and the progress behind a receipt's QR code."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from checkin.record import story
from checkin.record.papers import links
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.rowscope.scope import as_program


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Start, or ask."""
    return render(request, "public/home.html")


@login_not_required
@require_GET
def help_by_staff(request: HttpRequest) -> HttpResponse:
    """请社区工作人员帮我办: first the district."""
    districts = Division.objects.open().filter(level=Division.Level.DISTRICT).order_by("code")
    return render(request, "public/help.html", {"districts": districts})


@login_not_required
@require_GET
def help_in_area(request: HttpRequest, code: str) -> HttpResponse:
    """Then the street; then its communities with their phones."""
    here = get_object_or_404(
        Division.objects.open().select_related("parent"),
        pk=code,
        level__in=(Division.Level.DISTRICT, Division.Level.STREET),
    )
    if here.level == Division.Level.DISTRICT:
        streets = here.children.open().filter(level=Division.Level.STREET).order_by("code")
        return render(request, "public/help_district.html", {"here": here, "streets": streets})
    places = (
        Organisation.objects.open()
        .filter(code__startswith=here.area, kind__in=(Organisation.Kind.COMMUNITY, Organisation.Kind.STREET))
        .order_by("division_id")
    )
    context = {
        "here": here,
        "office": next((place for place in places if place.kind == Organisation.Kind.STREET), None),
        "places": [place for place in places if place.kind == Organisation.Kind.COMMUNITY],
        "previous": reverse("public:help_area", args=[here.parent_id]),
    }
    return render(request, "public/help_street.html", context)


@as_program("whoever holds the receipt reads where it stands")
@login_not_required
@never_cache
@require_GET
def progress(request: HttpRequest, signed: str) -> HttpResponse:
    """Where a check-in stands, for whoever holds the receipt: words, dates, the community."""
    checkin = links.find(signed)
    if checkin is None:
        raise Http404
    events = list(checkin.events.select_related("organisation").order_by("pk"))
    context = {
        "checkin": checkin,
        "answer": story.answer(checkin),
        "steps": story.tell(checkin, events, in_public=True),
        "late": story.is_late(checkin),
    }
    if checkin.community is not None and checkin.community.phone:
        context |= {"help_phone": checkin.community.phone, "help_hours": checkin.community.hours}
    return render(request, "public/progress.html", context)
