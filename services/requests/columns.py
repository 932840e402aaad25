"""Requests in the monthly statistics: 受理需求, 办结, 满意, at the place where they came in."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.http import urlencode

from checkin.statistics import registry
from checkin.statistics.months import Month

from . import figures

# key, title, sentence, and the kind of figures.KINDS
COLUMNS = (
    ("requests_received", "受理需求", "本月收到的需求、来电、来信来访、建议和服务单。", "received"),
    ("requests_answered", "需求办结", "本月答复了的需求，一件只算一次，含以前收到的。", "answered"),
    ("requests_good", "需求满意", "本月评价为“满意”的需求。", "good"),
)


def register() -> None:
    """Add the columns to the statement."""
    for key, title, sentence, kind in COLUMNS:
        registry.add(
            registry.Column(key, title, sentence, _count(kind), _address(kind), group="需求与服务", unit="件")
        )


def _count(kind: str) -> Callable[[Month], dict[str, int]]:
    return lambda month: figures.by_place(kind, month.start, month.end)


def _address(kind: str) -> Callable[[Month, str], str]:
    def address(month: Month, area: str) -> str:
        asked = urlencode({"kind": kind, "month": str(month), "place": area})
        return f"{reverse('bureau-requests:counted')}?{asked}"

    return address
