"""Who is erased is found nowhere, and what was counted of them stays whole."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from checkin.feedback import files as feedback_files
from checkin.feedback.making.writing import check_sum
from checkin.feedback.models import FeedbackLine, FeedbackReport
from checkin.rights import actions
from checkin.rights.models import ErasureRequest
from checkin.statistics.models import MonthlyFact, MonthlyTotal
from checkin.statistics.months import Month
from huifeng.audit.sealing import seal
from huifeng.audit.verifying import verify
from members.people import registry
from tests.checkin.rights.lives import ALL, OCTOBER, lived
from tests.checkin.rights.scanning import found
from tests.checkin.statistics.conftest import figures
from tests.checkin.world import World
from tests.communities.factories import make_staff

pytestmark = pytest.mark.django_db
NOVEMBER, AUGUST = Month(2026, 11), Month(2026, 8)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES = tmp_path


def counted() -> object:
    """All figures: of a closed month, of the open one, of one that is only looked back at; the facts themselves."""
    facts = list(MonthlyFact.objects.order_by("pk").values_list())
    totals = list(MonthlyTotal.objects.order_by("pk").values_list())
    return [figures(month) for month in (AUGUST, OCTOBER, NOVEMBER)], facts, totals


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_is_found_nowhere_and_figures_and_audit_stay_whole(world: World) -> None:
    person = lived(world)
    before = found(*ALL)
    assert len({line.partition(":")[0] for line in before}) > 25, before  # the search finds what is there
    seal()
    whole, sent = counted(), list(FeedbackReport.objects.order_by("pk").values_list("sha256", flat=True))
    boss = make_staff(world.city.city)
    asked = actions.ask(person.pk, by=world.bureau_clerk, words=f"{ALL[0]}的家属来办")

    actions.erase(asked.pk, reason="近亲属申请，同意", by=boss)

    left = found(*ALL)
    assert not left, "\n".join(left)
    assert counted() == whole
    seal()
    assert verify().broken == []
    assert list(FeedbackReport.objects.order_by("pk").values_list("sha256", flat=True)) == sent
    line = FeedbackLine.objects.filter(retiree=person).select_related("report").first()
    assert line is not None
    assert line.cells == {"name": "已依法删除"}
    assert check_sum(line.report) == line.report.erased_sha256 != line.report.sha256
    feedback_files.content_of(line.report, "xlsx", by=boss)
    feedback_files.content_of(line.report, "pdf", by=boss)
    assert not found(*ALL)


def test_every_model_says_what_an_erasure_does_to_it() -> None:
    """Who adds a model adds a line to the `erasing.py` of its room, and to `lives.py` what it may hold."""
    said = [label for eraser in registry.erasers for label in eraser.covers]
    own = {model._meta.label for model in apps.get_models() if not model._meta.label.startswith("zeal")}

    assert len(said) == len(set(said))
    assert own - set(said) == set()
    assert set(said) - own == set()


def test_erasing_twice_is_once(world: World) -> None:
    person = lived(world)
    asked = actions.ask(person.pk, by=world.bureau_clerk)
    boss = make_staff(world.city.city)
    actions.erase(asked.pk, reason="同意", by=boss)
    once = list(ErasureRequest.objects.values_list())

    actions.erase(asked.pk, reason="再来一次", by=boss)

    assert list(ErasureRequest.objects.values_list()) == once
