"""/a/<token>/: what the code on the poster opens. One button: 我到了."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from communities.organisations.acting import area_of
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.people.acting import helped_by
from members.people.models import Retiree
from services.activities import actions
from services.activities.models import Activity, Participation
from services.activities.permissions import may_run

State = Participation.State


@dataclass(frozen=True)
class Comer:
    """Somebody the reader may sign in: oneself, or whom one helps."""

    person: Retiree
    is_self: bool
    is_here: bool


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """What is on here and now, and 我到了 for each person the reader acts for. Strangers log in and come back."""
    activity = get_object_or_404(Activity.objects.select_related("organiser"), token=token)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return _sign_in(request, activity, request.user)
    now = timezone.now()
    user = request.user if isinstance(request.user, User) else None
    context = {
        "activity": activity,
        "comers": _comers(activity, user) if user else [],
        "too_early": now < activity.starts_at and not activity.is_open_for_sign_in(now),
        "is_open": activity.is_open_for_sign_in(now),
        "staff_url": _staff_url(activity, user) if user else "",
        "help_phone": activity.contact,
    }
    return render(
        request, "public/arrive.html", {name: value for name, value in context.items() if value != ""}
    )


def _comers(activity: Activity, user: User) -> list[Comer]:
    own = Retiree.objects.alive().filter(user=user).first()
    people = [(own, True)] if own else []
    people += [(helper.retiree, False) for helper in helped_by(user)]
    rows = Participation.objects.filter(
        activity=activity, retiree__in=[person for person, _ in people], state=State.ARRIVED
    )
    here = set(rows.values_list("retiree_id", flat=True))
    return [Comer(person, is_self, person.pk in here) for person, is_self in people]


def _sign_in(request: HttpRequest, activity: Activity, user: User) -> HttpResponse:
    comer = next(
        (comer for comer in _comers(activity, user) if str(comer.person.pk) == request.POST.get("id")), None
    )
    if comer is None:
        raise RuleBroken("请登录本人的账号再签到，或告诉工作人员您的姓名。", code="nobody")
    actions.sign_in(activity.pk, comer.person.pk, by=user, arrival=Participation.Arrival.POSTER)
    messages.success(request, "签到好了。" if comer.is_self else f"{comer.person.name}签到好了。")
    return redirect("arrivals:arrive", token=activity.token)


def _staff_url(activity: Activity, user: User) -> str:
    """The list to tick, for staff who scan their own poster."""
    area = area_of(activity.organiser)
    return f"/{area}/activities/{activity.pk}/" if area and may_run(user, activity) else ""
