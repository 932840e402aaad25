"""活动 of an organisation: what is on, a new one, one with its list, changes, cancelling."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.errors import RuleBroken, require
from members.people import looks
from members.people.models import Retiree
from services.activities import actions, roll
from services.activities.forms import ActivityForm, CancelForm, ChangeForm, ExportForm, ReportForm, change_of
from services.activities.models import Activity, Participation
from services.activities.permissions import may_organise, may_run

from .frame import found, page, sees_hidden, url

MOST, RECENT = 60, 20
FOUND = 20  # people that a search for a late one offers


@require_safe
@staff_page
def activities(request: StaffRequest) -> HttpResponse:
    """What is on now and to come, the nearest first; what was lately, with what is still to be written down."""
    organisation, now = request.acting.organisation, timezone.now()
    own = Activity.objects.filter(organiser=organisation).select_related("preset", "venue")
    before = own.planned().filter(ends_at__lte=now).order_by("-starts_at")
    context = {
        "coming": own.coming(now)[:MOST],
        "recent": before[:RECENT],
        "oversees": request.acting.area == "bureau",
    }
    return page(request, "list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: StaffRequest) -> HttpResponse:
    """发布活动: one date, or a series."""
    organisation = request.acting.organisation
    require(may_organise(request.user, organisation))
    form = ActivityForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create(organisation.pk, form.plan, by=request.user)
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
        else:
            said = f"一共 {len(made)} 次，" if len(made) > 1 else ""
            messages.success(request, f"已发布“{made[0].title}”，{said}老同志现在就可以报名。")
            return redirect(url(request, "activity", made[0].pk))
    return page(request, "new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@staff_page
def activity(request: StaffRequest, pk: int) -> HttpResponse:
    """One activity: how many are here, its list to tick, what can be done with it. htmx gets the list alone."""
    row = found(request, pk)
    typed = request.GET.get("q", "").strip()
    rows = list(roll.rows_of(row))
    listed = roll.lines(rows, sees_hidden=sees_hidden(request), typed=typed)
    context = {"activity": row, "lines": listed, "typed": typed, "may_run": may_run(request.user, row)}
    if request.htmx:
        return render(request, "activities/activity.html#roll", context | {"area": request.acting.area})
    looks.listed(request, len(listed), {"q": typed})
    return page(request, "activity.html", context | _more(request, row))


def _more(request: StaffRequest, row: Activity) -> dict[str, Any]:
    """What stands beside the list."""
    now = timezone.now()
    said = Participation.objects.filter(activity=row).exclude(rating="")
    ratings = list(said.values_list("rating", "rating_words"))
    return {
        "begun": row.starts_at <= now,
        "over": row.ends_at <= now,
        "signs_in": row.is_open_for_sign_in(now),
        "age": actions.age_words(row),
        "report_form": ReportForm(initial={"served": row.served, "words": row.report}),
        "export_form": ExportForm(),
        "ratings": [
            (str(label), sum(1 for rating, _ in ratings if rating == value))
            for value, label in Participation.Rating.choices
        ],
        "rating_words": [words for _, words in ratings if words],
        "siblings": row.series.activities.planned().order_by("number") if row.series else [],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """修改 one date; who holds a place is told of another time or place."""
    row = found(request, pk)
    require(may_run(request.user, row))
    form = ChangeForm(request.POST or None, initial=change_of(row))
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("title", "place", "places", "contact", "words")}
        try:
            actions.change(
                pk, by=request.user, starts_at=form.moment("start"), ends_at=form.moment("end"),
                despite_clash=form.cleaned_data["despite_clash"], **data,
            )  # fmt: skip
        except RuleBroken as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "已修改。时间、地点变了的，已发短信告诉报了名的老同志。")
            return redirect(url(request, "activity", pk))
    return page(request, "change.html", {"form": form, "activity": row}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """取消活动: everybody signed up is told."""
    row = found(request, pk)
    require(may_run(request.user, row))
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gone = actions.cancel_activity(pk, by=request.user, **form.cleaned_data)
        except RuleBroken as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"已取消 {len(gone)} 次活动，报了名的老同志会收到短信。")
            return redirect(url(request, "activity", pk))
    without = _without_phone(row)
    context = {"form": form, "activity": row, "without_phone": without}
    return page(request, "cancel.html", context, status=422 if form.errors else 200)


def _without_phone(row: Activity) -> list[str]:
    """Who is not reached by text and has to be called on."""
    rows = list(roll.rows_of(row, (Participation.State.SIGNED, Participation.State.QUEUED)))
    return [line.name for line in roll.lines(rows, sees_hidden=False) if not line.row.retiree.phone]


@require_POST
@staff_page
def report(request: StaffRequest, pk: int) -> HttpResponse:
    """小结: how many were served, a few lines."""
    found(request, pk)
    form = ReportForm(request.POST)
    if not form.is_valid():
        raise RuleBroken("人次请填数字，小结最多 300 字。", code="report")
    actions.report(pk, by=request.user, **form.cleaned_data)
    messages.success(request, "小结已保存。")
    return redirect(url(request, "activity", pk))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def add(request: StaffRequest, pk: int) -> HttpResponse:
    """补登: look somebody up and take them in; once it has begun they are here at the same time."""
    row = found(request, pk)
    require(may_run(request.user, row))
    if request.method == "POST":
        return _add(request, row)
    typed = request.GET.get("q", "").strip()
    people = _people(request, typed) if typed else []
    looks.listed(request, len(people), {"q": typed})
    return page(request, "add.html", {"activity": row, "people": people, "typed": typed, "most": FOUND})


def _people(request: StaffRequest, typed: str) -> list[Retiree]:
    people = Retiree.objects.visible_to(request.user).filter(died_on=None).order_by("name", "pk")
    if typed.isdigit() and len(typed) == 4:
        return list(people.filter(phone_tail=typed)[:FOUND])
    by_sound = people.filter(name_pinyin__icontains=typed.lower()) if typed.isascii() else None
    return list((by_sound if by_sound is not None else people.filter(name__contains=typed))[:FOUND])


def _add(request: StaffRequest, row: Activity) -> HttpResponse:
    key = request.POST.get("id", "")
    person = Retiree.objects.visible_to(request.user).filter(pk=int(key) if key.isdecimal() else 0).first()
    if person is None:
        raise RuleBroken("没有找到这位老同志，请重新查找。", code="nobody")
    if request.POST.get("here"):
        actions.tick(row.pk, [person.pk], by=request.user)
        messages.success(request, f"{person.name}已登记到场。")
    else:
        made = actions.sign_up(row.pk, person.pk, by=request.user)
        messages.success(request, f"{person.name}：{made.get_state_display()}。")
    return redirect(url(request, "activity", row.pk))
