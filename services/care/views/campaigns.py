"""集中走访 (春节慰问): the lists, starting one, ticking it off."""

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from huifeng.errors import RuleBroken
from members.people import looks

from .. import actions
from ..forms import CampaignForm
from ..models import Campaign, Obligation
from .frame import go, page

PAGE = 50


def _campaigns(organisation: Organisation) -> QuerySet[Campaign]:
    """Those the organisation runs, and those in which it has people to visit."""
    ours = Obligation.objects.filter(campaign=OuterRef("pk"), organisation=organisation)
    return Campaign.objects.filter(Q(organisation=organisation) | Exists(ours)).select_related("organisation")


def _lines(campaign: Campaign, organisation: Organisation) -> QuerySet[Obligation]:
    """All of a campaign for who runs it, else one's own part."""
    rows = campaign.obligations.exclude(state=Obligation.State.ENDED)
    return rows if campaign.organisation_id == organisation.pk else rows.filter(organisation=organisation)


@staff_page
def campaigns(request: StaffRequest) -> HttpResponse:
    """The campaigns of this organisation, the newest first, and a form for another."""
    organisation = request.acting.organisation
    form = CampaignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.start_campaign(organisation.pk, by=request.user, **form.cleaned_data)
        except RuleBroken as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"名单已建好，共 {made.people} 人，预算 {made.budget:,.2f} 元。")
            return go(request, "campaign", made.pk)
    context = {"campaigns": _campaigns(organisation).order_by("-due_on", "-pk")[:20], "form": form}
    return page(request, "campaigns", context, status=422 if form.errors else 200)


@require_safe
@staff_page
def campaign(request: StaffRequest, pk: int) -> HttpResponse:
    """One campaign: figures, and its lines with ticks."""
    organisation = request.acting.organisation
    found = get_object_or_404(_campaigns(organisation), pk=pk)
    rows = _lines(found, organisation)
    show = request.GET.get("show", "due")
    show = show if show in ("due", "done") else "due"
    counts = rows.aggregate(all=Count("pk"), done=Count("pk", filter=Q(state=Obligation.State.DONE)))
    part = slices.cut(
        rows.filter(state=show).select_related("retiree", "organisation", "visit"),
        ("pk",),
        request.GET,
        size=PAGE,
    )
    looks.listed(request, len(part.rows), {"show": show})
    context = {
        "campaign": found,
        "counts": counts,
        "budget": counts["all"] * found.standard,
        "spent": counts["done"] * found.standard,
        "slice": part,
        "show": show,
        "mine": organisation.pk,
    }
    return page(request, "campaign", context)


@require_POST
@staff_page
def tick(request: StaffRequest, pk: int) -> HttpResponse:
    """送到了: the ticked lines."""
    organisation = request.acting.organisation
    found = get_object_or_404(_campaigns(organisation), pk=pk)
    wanted = [int(key) for key in request.POST.getlist("id") if key.isdecimal()]
    ours = found.obligations.filter(organisation=organisation, pk__in=wanted).values_list("pk", flat=True)
    done = actions.tick_delivered(list(ours), by=request.user, on=timezone.localdate())
    if done:
        messages.success(request, f"已记下送到 {done} 户。")
    else:
        messages.info(request, "没有新勾上的。请勾上送到的老同志再按。")
    return go(request, "campaign", found.pk)
