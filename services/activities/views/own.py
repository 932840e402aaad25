"""活动 under /my/: what there is near, signing up, one's own list, how it was. For oneself or whom one helps."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from huifeng.display import words
from huifeng.errors import RuleBroken
from members.people.acting import for_person, go, page, user_of
from members.people.models import Retiree
from services.activities import actions
from services.activities.forms import CodeForm, RatingForm
from services.activities.models import Activity, Participation
from services.activities.permissions import meant_for

State = Participation.State
MOST, PAST = 30, 30
RELATED = ("preset", "organiser", "series")


@dataclass(frozen=True)
class Card:
    """One activity for one person. `answer`: how it stands, in words; "" where nothing was done yet."""

    activity: Activity
    row: Participation | None
    answer: str = ""
    kind: str = "info"
    room: str = ""

    @property
    def is_mine(self) -> bool:
        return self.row is not None and self.row.state != State.CANCELLED


def _card(activity: Activity, row: Participation | None) -> Card:
    left = activity.left
    room = "" if left is None else (f"还有 {left} 个名额" if left else "人满了，可以排队")
    if activity.cancelled_at is not None:
        return Card(activity, row, f"取消了：{activity.cancel_reason}", "warn")
    if row is None or row.state == State.CANCELLED:
        return Card(activity, row, "", "info", room)
    if row.state == State.QUEUED:
        return Card(activity, row, f"人满了，排队第 {actions.position(row)} 位", "warn", room)
    if row.state == State.ARRIVED:
        return Card(activity, row, "已签到", "done")
    expected = row.way == Participation.Way.BRANCH
    return Card(activity, row, "支部通知您参加" if expected else "已报名", "done", room)


@require_safe
@for_person
def activities(request: HttpRequest, person: Retiree) -> HttpResponse:
    """What the person is signed up for, then what there is to join, the nearest date first."""
    now, today = timezone.now(), timezone.localdate()
    mine = {
        row.activity_id: row
        for row in Participation.objects.filter(retiree=person, activity__ends_at__gt=now)
    }
    own = [
        pk
        for pk, row in mine.items()
        if row.state != State.CANCELLED or row.why == Participation.Why.ACTIVITY
    ]
    signed = Activity.objects.filter(pk__in=own).select_related(*RELATED).order_by("starts_at", "pk")
    coming = Activity.objects.coming(now).filter(meant_for(person, today), starts_at__gt=now)
    rest = [
        row
        for row in coming.exclude(pk__in=own).select_related(*RELATED)[:MOST]
        if row.fits_age(person.age(row.day))
    ]
    context = {
        "mine": [_card(row, mine[row.pk]) for row in signed],
        "cards": [_card(row, mine.get(row.pk)) for row in rest],
    }
    return page(request, "retiree/activities.html", context)


def _found(person: Retiree, pk: int) -> tuple[Activity, Participation | None]:
    """The activity, if it is for this person or the person is in it; else 404."""
    row = Participation.objects.filter(retiree=person, activity=pk).first()
    rows = Activity.objects.select_related(*RELATED)
    if row is None:
        rows = rows.filter(meant_for(person, timezone.localdate()))
    activity = rows.filter(pk=pk).first()
    if activity is None:
        raise Http404
    return activity, row


@require_safe
@for_person
def activity(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """One activity: when, where, how many places; what the person can do now."""
    row, mine = _found(person, pk)
    now = timezone.now()
    card = _card(row, mine)
    context = {
        "card": card,
        "activity": row,
        "age": actions.age_words(row),
        "begun": row.starts_at <= now,
        "signs_in": card.is_mine and row.is_open_for_sign_in(now) and row.cancelled_at is None,
        "may_rate": mine is not None and mine.state == State.ARRIVED,
    }
    return page(request, "retiree/activity.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def join(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """Check what one signs up for, then 报名: this time, or every date of the series."""
    row, _ = _found(person, pk)
    if request.method == "POST":
        if row.series is not None and request.POST.get("all"):
            made = actions.sign_up_for_series(row.series.pk, person.pk, by=user_of(request))
            messages.success(request, f"已报名 {len(made)} 次。每次的时间在“我的活动”里看。")
            return go(request, "own_activities:list")
        mine = actions.sign_up(pk, person.pk, by=user_of(request))
        if mine.state == State.QUEUED:
            said = f"人满了，排队第 {actions.position(mine)} 位。有名额会发短信告诉您。"
        else:
            said = f"已报名。{words.day_and_weekday(row.starts_at)}{words.spoken_time(row.starts_at)}见。"
        messages.success(request, said)
        return go(request, "own_activities:activity", pk=pk)
    context = {
        "activity": row,
        "age": actions.age_words(row),
        "clashes": actions.clashes(row, person),
        "later": row.series.activities.coming(timezone.now()).count() if row.series else 0,
    }
    return page(request, "retiree/activity_join.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def cancel(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """不去了."""
    row, mine = _found(person, pk)
    if request.method == "POST":
        actions.cancel(pk, person.pk, by=user_of(request))
        messages.success(request, "已经取消，名额让给了别的老同志。")
        return go(request, "own_activities:list")
    return page(request, "retiree/activity_cancel.html", {"activity": row, "card": _card(row, mine)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def rate(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """您觉得怎么样？"""
    row, mine = _found(person, pk)
    if mine is None:
        raise Http404
    form = RatingForm(request.POST or None, initial={"rating": mine.rating, "words": mine.rating_words})
    if request.method == "POST" and form.is_valid():
        actions.rate(pk, person.pk, by=user_of(request), **form.cleaned_data)
        messages.success(request, "谢谢您，已经告诉办活动的人。")
        return go(request, "own_activities:past")
    context = {"activity": row, "form": form}
    return page(request, "retiree/activity_rate.html", context, status=422 if form.errors else 200)


@require_safe
@for_person
def past(request: HttpRequest, person: Retiree) -> HttpResponse:
    """What the person was at, the newest first, and how long they served others."""
    here = Participation.objects.filter(retiree=person, state=State.ARRIVED)
    rows = here.select_related("activity__preset").order_by("-activity__starts_at", "-pk")
    minutes = here.aggregate(sum=Sum("minutes"))["sum"] or 0
    context = {"rows": rows[:PAST], "number": here.count(), "hours": minutes // 60, "most": PAST}
    return page(request, "retiree/activities_past.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def code(request: HttpRequest, person: Retiree) -> HttpResponse:
    """签到 by the six digits that are said at the place."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.sign_in_by_code(form.cleaned_data["code"].strip(), person.pk, by=user_of(request))
        except RuleBroken as refused:
            form.add_error("code", refused.message)
        else:
            messages.success(request, "签到好了。")
            return go(request, "own_activities:activity", pk=row.activity_id)
    return page(request, "retiree/activity_code.html", {"form": form}, status=422 if form.errors else 200)
