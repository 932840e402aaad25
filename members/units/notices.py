"""What organisations are told of a reorganisation of units: one notice each, whatever the number of people."""

from collections.abc import Iterable, Mapping

from django.db.models import Count

from communities.notices.actions import post
from communities.organisations.models import Organisation

from .models import UnitReorganisation

KIND = "units.reorganised"


def tell_done(
    reorganisation: UnitReorganisation, receivers: Iterable[Organisation], figures: Mapping[str, int]
) -> None:
    """Who receives people is told how many and from when; the old side what was done."""
    arrived = dict(reorganisation.moved().values_list("target").annotate(n=Count("pk")).order_by())
    desks = dict(figures)
    for receiver in receivers:
        words = f"{told(reorganisation)}，共 {sum(arrived.values())} 人。"
        if receiver.pk in arrived:
            words = f"{told(reorganisation)}，其中 {arrived[receiver.pk]} 人由你们管理。"
            if desks.get("desk"):
                words += "未办完的报到也转了过来，请看待核实。"
        _post(reorganisation, receiver, "done", words)


def tell_undone(reorganisation: UnitReorganisation, receivers: Iterable[Organisation]) -> None:
    for receiver in receivers:
        _post(reorganisation, receiver, "undone", f"{told(reorganisation)}，已经撤回，人员仍归原单位。")


def told(reorganisation: UnitReorganisation) -> str:
    """The fact in one sentence without a stop."""
    sources = "、".join(unit.name for unit in reorganisation.sources.all())
    names = [unit.name for unit in reorganisation.targets.all()] or [reorganisation.rest_to.name]
    day = f"{reorganisation.first_day:%Y年%-m月%-d日}"
    act = {"merge": "并入", "split": "分出", "move": "把人员划转到", "close": "撤销，人员转到"}[
        reorganisation.kind
    ]
    paper = f"（{reorganisation.document}）" if reorganisation.document else ""
    return f"{sources[:80]}{act}{'、'.join(names)[:80]}{paper}，自{day}起"


def _post(reorganisation: UnitReorganisation, receiver: Organisation, what: str, words: str) -> None:
    post(
        receiver,
        key=f"reorganisation:{reorganisation.pk}:{what}",
        kind=KIND,
        words=words,
        link=f"reorganisation:{reorganisation.pk}",
    )
