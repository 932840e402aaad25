"""Pages about one person, and what waits about people rather than check-ins: identity, helpers, deaths."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from checkin.record import areas, comparison, lists
from checkin.record.actions.reminders import last_reminders, remind_to_check_in
from checkin.record.actions.revealing import reveal as reveal_person
from checkin.record.forms import staff as forms
from checkin.record.forms.members import ContactEditForm, UnitFieldsForm
from checkin.record.models import CheckIn, SeasonalStay, State
from checkin.record.permissions import visible_to
from communities.organisations.acting import Acting, StaffRequest, staff_page
from huifeng.codes import labels
from huifeng.display import slices, words
from huifeng.errors import RuleBroken
from members.people import actions as people
from members.people import fields, looks
from members.people.models import Death, Helper, HelperRequest, IdentityClaim, Retiree
from members.units.models import UnitMembership

from .frame import page

MOST_WAITING = 50


def found(request: StaffRequest, pk: int) -> Retiree:
    """The person, if the user may see them; else 404. The number of a merged row leads to the one that stayed."""
    rows = Retiree.objects.visible_to(request.user).select_related("residence", "claimed_unit")
    person = rows.filter(pk=pk).first()
    if person is not None:
        return person
    stayed = Retiree.objects.filter(pk=pk).values_list("merged_into", flat=True).first()
    person = rows.filter(pk=stayed).first() if stayed else None
    if person is None:
        looks.refused(request, Retiree(pk=pk))
        raise Http404
    return person


@staff_page
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """One person as this side may see them: where the check-in stands, whom to call, what has happened."""
    retiree = found(request, pk)
    looks.viewed(request, retiree)
    return show(request, retiree)


def show(request: StaffRequest, retiree: Retiree, *, status: int = 200, **in_use: Any) -> HttpResponse:
    area = request.acting.area
    rows = lists.with_people(visible_to(request.user)).filter(retiree=retiree).exclude(state=State.DRAFT)
    history = list(rows.select_related("community__division").order_by("-pk")[:10])
    current = _counts_now(history)
    membership = UnitMembership.objects.open().filter(retiree=retiree).select_related("unit").first()
    context = {
        "retiree": retiree,
        "checkin": current,
        "due": lists.due_words(current.due_on, timezone.localdate()) if current else None,
        "history": history,
        "unit": membership.unit if membership else None,
        "items": comparison.timeline(current) if current else [],
        "personal": _personal(retiree),
        "proposed": comparison.proposed(retiree, request.user),
        "of_unit": _of_unit(retiree) if area != "community" else [],
        "of_community": _of_community(retiree),
        "helpers": list(Helper.objects.filter(retiree=retiree, ended_at=None)),
        "stays": list(
            SeasonalStay.objects.filter(retiree=retiree, ended_at=None).select_related("community")
        ),
        "death": Death.objects.filter(
            retiree=retiree, state__in=[Death.State.REPORTED, Death.State.CONFIRMED]
        ).first(),
        "reminded": last_reminders([retiree.pk]).get(retiree.pk)
        if area == "unit" and current is None
        else None,
        "edit_url": reverse("community:edit", args=[retiree.pk]) if area == "community" else "",
        "unit_edit_url": reverse("unit:edit", args=[retiree.pk]) if area == "unit" else "",
        "reveal_form": forms.RevealForm(auto_id="reveal_%s"),
        "death_form": in_use.get("death_form") or forms.DeathForm(auto_id="death_%s"),
        "has_errors": bool(in_use),
    }
    return page(request, "person.html", context, status=status)


def _counts_now(history: list[CheckIn]) -> CheckIn | None:
    """Under way first, then in force, then the last that ended."""
    for states in (CheckIn.AT_DESK, (State.CONFIRMED,), (State.ENDED,)):
        row = next((row for row in history if row.state in states), None)
        if row is not None:
            return row
    return None


def _personal(retiree: Retiree) -> list[tuple[str, str]]:
    born = words.day(retiree.birth_date)
    age = retiree.age(timezone.localdate())
    return [
        ("姓名", retiree.name),
        ("性别", retiree.get_sex_display()),
        ("出生日期", f"{born}（{age} 岁）" if age is not None else born),
        ("类别", retiree.get_kind_display()),
        ("原工作单位", retiree.original_unit),
        ("政治面貌", labels.label("political_status", retiree.political_status)),
        ("身份证号", words.mask_id(retiree.id_number)),
        ("手机", words.mask_phone(retiree.phone)),
    ]


def _of_unit(retiree: Retiree) -> list[tuple[str, str]]:
    return [
        ("职级", labels.label("rank", retiree.rank)),
        ("原职务", retiree.original_post),
        ("人员类别", labels.label("person_category", retiree.category)),
        ("离退休时间", words.day(retiree.retired_on)),
        ("参加工作时间", words.day(retiree.joined_work_on)),
        ("现享受待遇", labels.label("treatment", retiree.treatment)),
        ("入党时间", words.day(retiree.party_joined_on)),
    ]


def _of_community(retiree: Retiree) -> list[tuple[str, str]]:
    emergency = "，".join(
        part
        for part in (
            retiree.emergency_name,
            labels.label("relation", retiree.emergency_relation),
            words.mask_phone(retiree.emergency_phone),
        )
        if part
    )
    return [
        ("居住地", str(retiree.residence or (retiree.get_elsewhere_display() if retiree.elsewhere else ""))),
        ("现居地址", retiree.residence_address),
        ("居住状态", labels.label("living_situation", retiree.living_situation)),
        ("紧急联系人", emergency),
        ("兴趣爱好", "、".join(labels.label("interest", code) for code in retiree.interests)),
        ("专业特长", retiree.skills),
    ]


@staff_page
def edit_contact(request: StaffRequest, pk: int) -> HttpResponse:
    """The community corrects how the person lives and is reached."""
    retiree = found(request, pk)
    form = ContactEditForm(request.POST or None, retiree=retiree, may=fields.COMMUNITY_OWNS)
    if request.method == "POST" and form.is_valid():
        people.correct_contact(pk, form.values, by=request.user, version=form.cleaned_data["version"])
        messages.success(request, f"已改好 {retiree.name} 的居住和联系信息")
        return redirect("community:person", pk)
    looks.viewed(request, retiree)
    context = {"form": form, "retiree": retiree, "heading": f"修改 {retiree.name} 的居住和联系信息"}
    return page(request, "staff/edit.html", context, status=422 if form.errors else 200)


@staff_page
def edit_unit_fields(request: StaffRequest, pk: int) -> HttpResponse:
    """The unit corrects what it owns; the community is told."""
    retiree = found(request, pk)
    form = UnitFieldsForm(request.POST or None, retiree=retiree)
    if request.method == "POST" and form.is_valid():
        people.update_unit_fields(pk, form.values, by=request.user, version=form.cleaned_data["version"])
        messages.success(request, f"已改好 {retiree.name} 的信息")
        return redirect("unit:person", pk)
    looks.viewed(request, retiree)
    context = {"form": form, "retiree": retiree, "heading": f"修改 {retiree.name} 的信息"}
    return page(request, "staff/edit.html", context, status=422 if form.errors else 200)


@staff_page
def enrol(request: StaffRequest) -> HttpResponse:
    """The unit enters one person into its roster."""
    form = UnitFieldsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = people.enrol(form.values, request.acting.organisation.pk, by=request.user)
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"{made.name} 已在本单位名册里")
            return redirect("unit:person", made.pk)
    context = {"form": form, "heading": "加一位老同志"}
    return page(request, "staff/edit.html", context, status=422 if form.errors else 200)


@staff_page
@require_POST
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Show ID number and phones in full, once, for a reason; the look is recorded."""
    retiree = found(request, pk)
    form = forms.RevealForm(request.POST, auto_id="reveal_%s")
    context: dict[str, Any] = {"retiree": retiree, "reveal_form": form, "back": _back(request, retiree)}
    if not form.is_valid():
        return page(request, "staff/reveal.html", {**context, "has_errors": True}, status=422)
    why = dict(form.REASONS)[form.cleaned_data["why"]]
    shown = reveal_person(pk, by=request.user, why=why, organisation_id=request.acting.organisation.pk)
    return page(request, "staff/reveal.html", {**context, "shown": shown, "why": why})


def _back(request: StaffRequest, retiree: Retiree) -> str:
    given = request.POST.get("checkin", "")
    return (
        f"/{request.acting.area}/checkins/{given}/"
        if given.isdecimal()
        else f"/{request.acting.area}/people/{retiree.pk}/"
    )


@staff_page
@require_POST
def report_death(request: StaffRequest, pk: int) -> HttpResponse:
    """登记去世: anybody concerned reports it, the unit confirms."""
    retiree = found(request, pk)
    form = forms.DeathForm(request.POST, auto_id="death_%s")
    if not form.is_valid():
        return show(request, retiree, status=422, death_form=form)
    people.report_death(pk, form.cleaned_data["died_on"], by=request.user, cause=form.cleaned_data["cause"])
    messages.success(request, f"已登记 {retiree.name} 去世，请原单位确认。确认前报到不变。")
    return redirect(f"{request.acting.area}:person", pk)


@staff_page
@require_POST
def decide_death(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm, dismiss or undo a death."""
    death = get_object_or_404(Death, pk=pk, retiree__in=Retiree.objects.visible_to(request.user))
    name = death.retiree.name
    match request.POST.get("act"):
        case "confirm":
            people.confirm_death(pk, by=request.user)
            messages.success(request, f"已确认 {name} 去世，报到随之终止。")
        case "undo":
            people.undo_death(pk, words=request.POST.get("words", ""), by=request.user)
            messages.success(request, f"{name} 已恢复在世，报到照旧。")
        case _:
            people.dismiss_death(pk, words=request.POST.get("words", ""), by=request.user)
            messages.success(request, f"{name} 的去世登记已记为不属实。")
    return redirect(f"{request.acting.area}:person", death.retiree_id)


@staff_page
@require_POST
def remind(request: StaffRequest, pk: int) -> HttpResponse:
    """提醒报到: one text in seven days."""
    retiree = found(request, pk)
    remind_to_check_in(pk, by=request.user)
    messages.success(request, f"已给 {retiree.name} 发短信提醒")
    return redirect(
        request.POST["next"] if request.POST.get("next", "").startswith("/unit/") else "unit:home"
    )


# What waits about people ------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """Identity claims on our desk, helpers who ask for a call, deaths to be confirmed."""

    claims: list[IdentityClaim]
    helpers: list[HelperRequest]
    deaths: list[Death]

    @property
    def calls(self) -> list[tuple[HelperRequest, str]]:
        """Each helper with the relation in words."""
        return [(asked, labels.label("relation", asked.relation)) for asked in self.helpers]

    @property
    def count(self) -> int:
        return len(self.claims) + len(self.helpers) + len(self.deaths)


def waiting(acting: Acting) -> Waiting:
    """What this organisation has to find out about people. Three small queries."""
    org, now = acting.organisation, timezone.now()
    ours = areas.reach(org)
    claims = IdentityClaim.objects.filter(desk=org, state=IdentityClaim.State.OPEN)
    calls = HelperRequest.objects.filter(state=HelperRequest.State.OPEN, by_call=True, expires_at__gt=now)
    deaths = Death.objects.filter(state=Death.State.REPORTED)
    return Waiting(
        claims=list(claims.select_related("retiree", "user").order_by("pk")[:MOST_WAITING]),
        helpers=list(calls.filter(retiree__in=ours).select_related("retiree").order_by("pk")[:MOST_WAITING]),
        deaths=[]
        if acting.area == "community"
        else list(
            deaths.filter(retiree__in=ours)
            .select_related("retiree", "reported_by")
            .order_by("pk")[:MOST_WAITING]
        ),
    )


@staff_page
@require_POST
def decide_claim(request: StaffRequest, pk: int) -> HttpResponse:
    """是本人, or 不是 with a reason."""
    claim = get_object_or_404(IdentityClaim, pk=pk, desk__in=request.acting.choices)
    if request.POST.get("act") == "accept":
        people.accept_claim(pk, by=request.user)
        messages.success(request, f"已核实，{claim.name} 可以用新手机号登录")
    else:
        people.refuse_claim(pk, reason=request.POST.get("words", ""), by=request.user)
        messages.success(request, f"{claim.name} 的身份没有通过核实")
    return redirect(f"{request.acting.area}:verify")


@staff_page
@require_POST
def decide_helper(request: StaffRequest, pk: int) -> HttpResponse:
    """The elder was called: agrees, or does not."""
    asked = get_object_or_404(HelperRequest, pk=pk, retiree__in=Retiree.objects.visible_to(request.user))
    if request.POST.get("act") == "accept":
        people.accept_by_staff(pk, by=request.user)
        messages.success(request, f"已同意 {asked.name} 帮 {asked.elder_name} 办理")
    else:
        people.refuse_by_staff(pk, by=request.user)
        messages.success(request, f"已记下 {asked.elder_name} 没有同意")
    return redirect(f"{request.acting.area}:verify")


@staff_page
def verify(request: StaffRequest) -> HttpResponse:
    """待核实: requests on our desk that are not a community's own to confirm, and what waits about people."""
    acting = request.acting
    rows = lists.with_people(CheckIn.objects.at_desk(acting.organisation))
    if acting.area == "bureau":
        rows = rows.exclude(lists.WAITS_FOR_PLACE)
    part = slices.cut(rows if acting.area != "community" else rows.none(), ("due_on", "pk"), request.GET)
    today = timezone.localdate()
    about_people = waiting(acting)
    looks.listed(request, len(part.rows) + about_people.count)
    context = {
        "slice": part,
        "items": [lists.item(row, today) for row in part.rows],
        "people_waiting": about_people,
    }
    return page(request, "staff/verify.html", context)
