"""爱好与需求: the table, the people behind each of its figures, and who can do what."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from checkin.record import lists
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.codes import labels
from huifeng.display import slices
from huifeng.display.frames import frame_of
from members.people import looks

from . import counting
from .cuts import CUTS, cuts_of
from .forms import TableForm

LONGEST = 40  # characters of a skill asked for
FEW = 5  # from so many people on something of their own is worth while


@staff_page
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """How many like or need what; every figure leads to its people."""
    own, today = request.acting.organisation, timezone.localdate()
    form = TableForm(request.GET, own)
    subject = counting.SUBJECTS[form.wanted["subject"]]
    table = counting.table(subject, CUTS[form.wanted["cut"]], own, today)
    context = {
        "form": form,
        "subject": subject,
        "cut": CUTS[form.wanted["cut"]],
        "table": table,
        "most": [row for row in table.rows if row.people >= FEW][:3],
    }
    return _page(request, "home.html", context)


@staff_page
@require_safe
def people(request: StaffRequest) -> HttpResponse:
    """The people behind a figure. Raises Http404 for a word that is in no code list."""
    own, today = request.acting.organisation, timezone.localdate()
    subject = counting.SUBJECTS.get(request.GET.get("subject", ""))
    code = request.GET.get("code", "")
    if subject is None or labels.label(subject.codes, code) == code:
        raise Http404("no such word")
    cut = cuts_of(own).get(request.GET.get("cut", ""))
    value = request.GET.get("value", "")
    columns = dict(cut.columns(own)) if cut else {}
    if cut and value not in columns:
        raise Http404("no such column")
    rows = counting.behind(subject, code, cut, value, own, today)
    words = [subject.title, labels.label(subject.codes, code), *([columns[value]] if cut else [])]
    return _list(request, rows, "：".join([words[0], "，".join(words[1:])]), {"code": code, "value": value})


@staff_page
@require_safe
def skills(request: StaffRequest) -> HttpResponse:
    """Who can do something: the words people, units and communities wrote under 专业特长."""
    asked = request.GET.get("q", "").strip()[:LONGEST]
    if not asked:
        return _page(request, "skills.html", {"asked": ""})
    rows = counting.skilled(asked, request.acting.organisation)
    return _list(request, rows, f"专业特长里有“{asked}”的", {"q": asked}, asked=asked)


def _list(
    request: StaffRequest, rows: Any, title: str, wanted: dict[str, str], **context: Any
) -> HttpResponse:
    part = slices.cut(rows, ("pk",), request.GET)
    found = lists.with_checkins(part.rows, timezone.localdate())
    looks.listed(request, len(found), wanted)
    number = rows.count()
    return _page(
        request, "people.html", {"title": title, "slice": part, "people": found, "number": number, **context}
    )


def _page(request: StaffRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"interests/{name}", {**frame_of(request), **context})
