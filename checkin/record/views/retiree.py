"""The retiree's home, receipt and progress, and the ends of a check-in."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from checkin.record import actions, story
from checkin.record.models import CheckIn, CheckInEvent, EndReason, SeasonalStay, State
from checkin.record.papers import links
from huifeng.codes import labels
from members.people.acting import address_of, for_person, go, helped_by, page
from members.people.models import Retiree

from .steps import next_page, step_number

ALIVE = (*CheckIn.OPEN, State.CONFIRMED)
AMENDED_AT = {
    "address_unclear": "my:address",
    "not_living_here": "my:address",
    "identity_mismatch": "my:information",
    "phone_unreachable": "people:contact",
}


def standing_of(person: Retiree) -> tuple[CheckIn | None, CheckIn | None]:
    """The request under way and the check-in in force, either of which may be missing. One query."""
    rows = (
        CheckIn.objects.filter(retiree=person, state__in=ALIVE)
        .select_related(
            "community__division__parent", "unit", "desk", "area", "helper", "previous__community"
        )
        .order_by("pk")
    )
    confirmed = request = None
    for row in rows:
        row.retiree = person
        if row.state == State.CONFIRMED:
            confirmed = row
        else:
            request = row
    return request, confirmed


def told_about(person: Retiree) -> CheckIn | None:
    """What a person asks about: what is under way once submitted, else in force, else the last."""
    request, confirmed = standing_of(person)
    if request is not None and request.state != State.DRAFT:
        return request
    if confirmed is not None:
        return confirmed
    return (
        CheckIn.objects.filter(retiree=person, submitted_at__isnull=False)
        .select_related("community", "unit", "desk")
        .order_by("-pk")
        .first()
    )


@require_GET
@for_person
def home(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Where the check-in stands in one sentence, one button that goes on, and the ways to all else."""
    under_way, confirmed = standing_of(person)
    current = under_way or confirmed
    community = (confirmed or under_way).community if current else None
    context = {
        "checkin": current,
        "confirmed": confirmed,
        "community": community,
        "answer": story.answer(current) if current else "您还没有报到。",
        "step": step_number(under_way) if under_way and under_way.state == State.DRAFT else 0,
        "go_on": address_of(request, next_page(under_way))
        if under_way and under_way.state == State.DRAFT
        else "",
        "late": current is not None and story.is_late(current),
        "helped": [] if request.acting_id else helped_by(request.user),
    }
    return page(request, "retiree/home.html", context, community=community)


@require_GET
@for_person
def receipt(request: HttpRequest, person: Retiree) -> HttpResponse:
    """The receipt of what was submitted."""
    checkin = told_about(person)
    if checkin is None or checkin.state in (State.WITHDRAWN, State.ENDED):
        return go(request, "my:progress")
    context = {
        "checkin": checkin,
        "answer": story.answer(checkin),
        "late": story.is_late(checkin),
        "share": f"我到社区报到了，编号 {checkin.number}。看办到哪一步了：{links.progress_url(checkin)}",
        "helped_by": labels.label("relation", checkin.helper.relation) + checkin.helper.name
        if checkin.helper
        else "",
        "qr": links.qr_svg(checkin).decode(),
        "waiting": checkin.state in (State.SUBMITTED, State.VERIFIED, State.RETURNED),
    }
    return page(request, "retiree/receipt.html", context, community=checkin.community)


@require_GET
@for_person
def progress(request: HttpRequest, person: Retiree) -> HttpResponse:
    """办到哪一步了: the answer first, then every step."""
    checkin = told_about(person)
    if checkin is None:
        return page(request, "retiree/progress_none.html")
    events = list(checkin.events.select_related("organisation").order_by("pk"))
    reasons = dict(labels.choices("return_reason"))
    context = {
        "checkin": checkin,
        "answer": story.answer(checkin),
        "steps": story.tell(checkin, events),
        "late": story.is_late(checkin),
        "returned": checkin.state == State.RETURNED,
        "amendment": story.amendment(checkin, reasons),
        "amend_url": _amend_url(request, checkin),
        "desk": story.desk_of(checkin),
        "waiting": checkin.state in (State.SUBMITTED, State.VERIFIED, State.RETURNED),
    }
    return page(request, "retiree/progress.html", context, community=checkin.community)


def _amend_url(request: HttpRequest, checkin: CheckIn) -> str:
    """Straight to the page that asks for what is missing; from there back to the check page."""
    if checkin.return_reason not in AMENDED_AT:
        return address_of(request, "my:check")
    return address_of(request, AMENDED_AT[checkin.return_reason]) + "?back=check"


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def withdraw(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Take a request back before the community confirms it; asked once more on the page itself."""
    checkin, _ = standing_of(person)
    if checkin is None:
        return go(request, "my:home")
    if request.method == "POST":
        actions.withdraw(checkin.pk, by=request.user, version=_version(request))
        messages.success(request, "已经撤回。您随时可以重新报到。")
        return go(request, "my:home")
    context = {"checkin": checkin, "back_to": address_of(request, "my:progress")}
    return page(request, "retiree/withdraw.html", context, community=checkin.community)


@require_GET
@for_person
def move(request: HttpRequest, person: Retiree) -> HttpResponse:
    """搬家了，换社区: what will happen, then the steps from the address on."""
    under_way, confirmed = standing_of(person)
    context = {"under_way": under_way, "confirmed": confirmed}
    return page(request, "retiree/move.html", context, community=confirmed.community if confirmed else None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def end(request: HttpRequest, person: Retiree) -> HttpResponse:
    """End a confirmed check-in because the person wants it; asked once more on the page itself."""
    _, checkin = standing_of(person)
    if checkin is None:
        return page(request, "retiree/end_none.html")
    if request.method == "POST":
        actions.end(checkin.pk, by=request.user, reason=EndReason.WITHDRAWN, version=_version(request))
        messages.success(request, "报到已经撤销。您随时可以重新报到。")
        return go(request, "my:home")
    return page(request, "retiree/end.html", {"checkin": checkin}, community=checkin.community)


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() else None


@require_GET
@for_person
def download(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Everything kept about the person, as a text that both people and programs read (JSON)."""
    text = json.dumps(_everything(person), ensure_ascii=False, indent=2, default=str)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    day = timezone.localdate()
    response["Content-Disposition"] = f'attachment; filename="my-data-{day:%Y-%m-%d}.json"'
    return response


HIDDEN = {
    "id",
    "user",
    "id_index",
    "phone_index",
    "version",
    "name_pinyin",
    "statistics_flag",
    "is_restricted",
    "audit_secret",
    "erased_at",
}


def _everything(person: Retiree) -> dict[str, Any]:
    return {
        "生成时间": timezone.localtime().isoformat(timespec="minutes"),
        "本人": {
            str(field.verbose_name): _plain(person, field)
            for field in person._meta.concrete_fields
            if field.name not in HIDDEN and getattr(person, field.attname) not in (None, "", [])
        },
        "家人帮办": [
            {
                "姓名": helper.name,
                "关系": helper.relation,
                "同意时间": helper.consented_at,
                "停止时间": helper.ended_at,
            }
            for helper in person.helpers.order_by("pk")
        ],
        "报到": [
            {
                "编号": checkin.number,
                "状态": checkin.get_state_display(),
                "社区": str(checkin.community or ""),
                "住址": checkin.address,
                "本人说明": checkin.remarks,
                "同意书版本": checkin.consent_text,
                "经过": [
                    {
                        "时间": event.at,
                        "动作": event.get_move_display(),
                        "经办": str(event.organisation or event.role),
                    }
                    for event in checkin.events.all()
                ],
            }
            for checkin in CheckIn.objects.filter(retiree=person)
            .select_related("community")
            .prefetch_related(
                Prefetch("events", CheckInEvent.objects.select_related("organisation").order_by("pk"))
            )
            .order_by("pk")
        ],
        "季节性居住": [
            {
                "社区": str(stay.community),
                "自": f"{stay.from_month}月",
                "至": f"{stay.to_month}月",
                "停止": stay.ended_at,
            }
            for stay in SeasonalStay.objects.filter(retiree=person).select_related("community").order_by("pk")
        ],
    }


def _plain(person: Retiree, field: Any) -> Any:
    shown = getattr(person, f"get_{field.name}_display", None)
    return shown() if shown else str(getattr(person, field.name))
