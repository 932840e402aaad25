"""The handbook, page by page, and whole for the printer."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from checkin.record import periods
from communities.calendar.models import Period
from communities.calendar.periods import declared

from .pages import PAGES, PARTS, UPDATED

NAMED = {
    "verify": periods.UNIT_VERIFY,
    "confirm": periods.COMMUNITY_CONFIRM,
    "amend": periods.PERSON_AMEND,
    "street": periods.ESCALATE_STREET,
    "bureau": periods.ESCALATE_BUREAU,
    "undo": periods.UNDO,
    "letter": periods.LETTER,
}


def _terms() -> dict[str, str]:
    """The deadlines that the words promise, as the bureau has set them: 「5 个工作日」. One query."""
    rows = {row.key: (row.length, row.unit) for row in Period.objects.filter(pk__in=NAMED.values())}
    lengths = {name: rows.get(key, declared[key].default) for name, key in NAMED.items()}
    units = dict(Period.Unit.choices)
    return {name: f"{length} {str(units[unit]).strip()}" for name, (length, unit) in lengths.items()}


def _context(**more: Any) -> dict[str, Any]:
    return {"updated": UPDATED, "parts": PARTS, "term": _terms(), **more}


@login_not_required
@require_GET
def contents(request: HttpRequest) -> HttpResponse:
    """Everything there is to read, by reader."""
    return render(request, "public/handbook/contents.html", {"updated": UPDATED, "parts": PARTS})


@login_not_required
@require_GET
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """One page, with the way to the next."""
    here = next((n for n, page in enumerate(PAGES) if page.slug == slug), None)
    if here is None:
        raise Http404
    following = PAGES[here + 1] if here + 1 < len(PAGES) else None
    before = PAGES[here - 1] if here else None
    context = _context(page=PAGES[here], following=following, before=before)
    return render(request, "public/handbook/page.html", context)


@login_not_required
@require_GET
def whole(request: HttpRequest) -> HttpResponse:
    """All pages one after the other, for the printer."""
    return render(request, "public/handbook/whole.html", _context())
