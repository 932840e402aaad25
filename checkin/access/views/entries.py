"""查留痕: who did and saw what, by person, actor, organisation, kind and day; each look at it is written down."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from checkin.access import actions, searching, wording
from checkin.access.forms import EntryFilters
from checkin.access.searching import Meant, Wanted
from communities.organisations.acting import StaffRequest
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.display import slices
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .frame import audit_page, page


@require_safe
@audit_page
def entries(request: StaffRequest) -> HttpResponse:
    """Newest first, twenty a page."""
    filters = EntryFilters(request.GET)
    wanted, meant = _asked(request, request.GET, filters)
    bureau = request.acting.organisation
    found = searching.entries(wanted, area=bureau.area, reader=request.user)
    with as_program("a lead of a bureau reads what was done in its area, whoever did it"):
        part = slices.cut(found, ("-pk",), request.GET)
    lines = wording.lines(part.rows, reader=request.user)
    actions.note_reading(bureau, wanted.args, len(lines), by=request.user)
    filters.initial.update(since=wanted.since.isoformat(), until=wanted.until.isoformat())
    context = {
        "filters": filters,
        "wanted": wanted,
        "meant": _meant_words(meant),
        "nobody": _nobody(wanted),
        "lines": lines,
        "slice": part,
        "hidden": [(name, value) for name, value in request.GET.items() if name in NAMES],
    }
    return page(request, "audit_entries", context)


NAMES = ("person", "who", "at", "group", "since", "until", "people", "actor", "office")


@require_POST
@audit_page
def export(request: StaffRequest) -> HttpResponse:
    """The same as a workbook, from the download centre."""
    asked = request.POST
    wanted, _ = _asked(request, asked, EntryFilters(asked))
    job = actions.order_export(request.acting.organisation.pk, wanted.args, by=request.user)
    messages.success(request, "正在导出，办好后在这里下载。")
    return redirect(reverse("jobs:job", args=[job.pk]))


def _asked(request: StaffRequest, asked: QueryDict, filters: EntryFilters) -> tuple[Wanted, Meant]:
    """The conditions by keys, and whom the words meant. Links name a key: people=, actor=, office=."""
    area, given = request.acting.organisation.area, filters.wanted
    meant = Meant(
        people=searching.people_meant(given["person"], request.user) if given["person"] else [],
        actors=searching.actors_meant(given["who"], area) if given["who"] else [],
        offices=searching.offices_meant(given["at"], area) if given["at"] else [],
    )
    one = {name: _key(asked, name) for name in ("people", "actor", "office")}
    if one["people"]:
        rows = Retiree.objects.visible_to(request.user).filter(pk=one["people"])
        meant.people[:] = list(rows.values_list("pk", "name"))
    if one["actor"]:
        meant.actors[:] = list(User.objects.filter(pk=one["actor"]).values_list("pk", "display_name"))
    if one["office"]:
        meant.offices[:] = list(Organisation.objects.filter(pk=one["office"]).values_list("pk", "name"))
    since, until = searching.period(given["since"], given["until"])
    keys: dict[str, Any] = {
        "people": _keys(meant.people) if given["person"] or one["people"] else None,
        "actors": _keys(meant.actors) if given["who"] or one["actor"] else None,
        "offices": _keys(meant.offices) if given["at"] or one["office"] else None,
    }
    return Wanted(since, until, given["group"] or "", **keys), meant


def _key(asked: QueryDict, name: str) -> int:
    given = asked.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _keys(found: list[tuple[int, str]]) -> tuple[int, ...]:
    return tuple(pk for pk, _ in found)


def _meant_words(meant: Meant) -> list[tuple[str, str]]:
    """Whom the conditions mean, by kind; more than one are all looked at."""
    found = (("老同志", meant.people), ("经办人", meant.actors), ("组织", meant.offices))
    return [(title, "、".join(name or "没有姓名的账号" for _, name in rows)) for title, rows in found if rows]


def _nobody(wanted: Wanted) -> str:
    """What was asked for and found nobody."""
    asked = (("老同志", wanted.people), ("经办人", wanted.actors), ("组织", wanted.offices))
    return "、".join(title for title, keys in asked if keys == ())
