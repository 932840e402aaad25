"""季度通报: who stands where, by 报到率 and 确认及时率."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils.http import urlencode

from checkin.statistics import catalogue, ranking, wording
from checkin.statistics.counting.tables import LENGTHS
from checkin.statistics.facts import statement_of
from checkin.statistics.months import Month
from checkin.statistics.ranking import Line, Quarter
from communities.organisations.acting import StaffRequest
from huifeng.errors import RuleBroken

from . import asked

PAGE = 100
SHOWN_QUARTERS = 8
BY_WORDS = {"district": "区市", "street": "街道", "unit": "现管单位"}


@asked.statistics_page
def quarter(request: StaffRequest) -> HttpResponse:
    """One quarter, the best first, each with its rank and how it changed since the quarter before."""
    chosen, area = _quarter_of(request), asked.area_of(request)
    way = asked.existing_way(request, area)
    choices = [by for by in ranking.BY if by == "unit" or LENGTHS[by] > len(area)]
    by, sort = request.GET.get("by") or choices[0], request.GET.get("sort") or ranking.RANKED[0]
    lines = ranking.ranking(chosen, area, by, sort)
    part = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    last = chosen.months[-1]
    open_months = [
        month for month in chosen.months if not wording.state_of(statement_of(month), month).is_closed
    ]
    context = {
        "quarter": chosen,
        "quarters": _quarters(chosen),
        "area": area,
        "place_name": way[-1][1],
        "by": by,
        "by_words": BY_WORDS[by],
        "choices": [(key, BY_WORDS[key]) for key in choices],
        "sort": sort,
        "part": part,
        "lines": [_shown(line, by, area, last) for line in part],
        "heads": [(key, catalogue.title(key), _sorted_url(request, key)) for key in ranking.RANKED],
        "sentences": [(catalogue.title(key), catalogue.sentence(key)) for key in ranking.RANKED],
        "last": last,
        "open_months": "、".join(month.words for month in open_months),
        "crumbs": [("月度统计", asked.address("overview", last, area)), ("季度通报", "")],
    }
    return asked.page(request, "ranking", context)


def _quarter_of(request: StaffRequest) -> Quarter:
    """The quarter of the address, else that of its month; 404 for what is no quarter."""
    text = request.GET.get("quarter")
    if not text:
        return Quarter.of(asked.month_of(request))
    try:
        return Quarter.parse(text)
    except RuleBroken as refused:
        raise Http404(refused.message) from None


def _quarters(chosen: Quarter) -> list[tuple[str, str]]:
    latest = [Quarter.of(Month.current())]
    while len(latest) < SHOWN_QUARTERS:
        latest.append(latest[-1].previous)
    return [(str(each), each.words) for each in sorted({*latest, chosen}, reverse=True)]


def _sorted_url(request: StaffRequest, key: str) -> str:
    kept = {name: value for name, value in request.GET.items() if name != "page"}
    return f"?{urlencode(kept | {'sort': key})}"


def _shown(line: Line, by: str, area: str, last: Month) -> dict[str, Any]:
    """The words of a line. Its rate leads to those who have not checked in, its name to its table."""
    where, narrowed = (area, {"unit": line.code}) if by == "unit" else (line.code, {})
    places = []
    for key in ranking.RANKED:
        place = line.places[key]
        words = "未参加排名" if place.rank is None else f"第 {place.rank} 名"
        missing = place.by - place.of
        url = asked.people_url(last, where, "not_checked_in", narrowed) if key == "rate" and missing else ""
        places.append(
            {
                "title": catalogue.title(key),
                "rank": words + ("（并列）" if place.shared else ""),
                "value": wording.figure(key, place.value),
                "parts": f"{place.of:,} / {place.by:,} 人" if place.by else "没有基数",
                "change": wording.change(key, place.change),
                "missing": missing,
                "url": url,
            }
        )
    return {
        "name": line.name,
        "url": asked.address("table", last, where, narrowed),
        "places": places,
    }
