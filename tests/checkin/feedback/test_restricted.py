"""Who may not be seen by everybody (限制查看) is named nowhere, also later and by a merge, and stops nobody."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from checkin.feedback import actions, files, letters
from checkin.feedback.models import FeedbackReport, Reply, State
from checkin.statistics import actions as statistics
from huifeng.rowscope import scope
from members.duplicates.actions import merge
from members.people.models import Retiree
from members.units.actions import transfer
from tests.checkin.statistics.conftest import on
from tests.communities.factories import make_unit

from .conftest import MADE_ON, OCTOBER, Fed
from .test_files import text_of, texts

pytestmark = pytest.mark.django_db
type Hide = Callable[[Fed, Retiree], None]


def restrict(fed: Fed, person: Retiree) -> None:
    Retiree.objects.filter(pk=person.pk).update(is_restricted=True)


def merge_into_somebody_restricted(fed: Fed, person: Retiree) -> None:
    kept = fed.world.member(name=person.name)
    merge(kept.pk, person.pk, by=fed.world.unit_clerk)
    restrict(fed, kept)


def merge_twice(fed: Fed, person: Retiree) -> None:
    """Into a row that was then merged into one whom nobody may see."""
    between = fed.world.member(name=person.name)
    merge(between.pk, person.pk, by=fed.world.unit_clerk)
    merge_into_somebody_restricted(fed, between)


@pytest.fixture(
    params=[restrict, merge_into_somebody_restricted, merge_twice], ids=["restricted", "merged", "twice"]
)
def hide(request: pytest.FixtureRequest) -> Hide:
    found: Hide = request.param
    return found


def page(fed: Fed, report: FeedbackReport) -> str:
    client = Client()
    client.force_login(fed.world.unit_clerk)
    return client.get(f"/unit/feedback/{report.pk}/").content.decode()


def test_nobody_reads_the_name_on_the_page_or_in_a_file(fed: Fed, hide: Hide) -> None:
    fed.make()
    with on("2026-11-10"):
        files.make([fed.of_unit().pk], by=fed.boss)
        hide(fed, fed.new)
        words = page(fed, fed.of_unit())
        xlsx = texts(files.content_of(fed.of_unit(), "xlsx", by=fed.boss)[1])
        printed = text_of(files.content_of(fed.of_unit(), "pdf", by=fed.boss)[1])

    for said in (words, printed, *xlsx):
        assert "新来人" not in said
    assert "李老先" in words


def test_the_link_shows_nothing_of_them_either(fed: Fed, hide: Hide) -> None:
    fed.make()
    with on("2026-11-10"):
        token = letters.token_of(actions.give_link(fed.of_outside().pk, by=fed.boss))
        Retiree.objects.filter(pk=fed.outer.pk).update(is_restricted=True)
        words = Client().get(reverse("letters:letter", args=[token])).content.decode()

    assert "外*人" not in words


def test_a_matter_nobody_sees_any_more_keeps_nobody_from_answering(fed: Fed, hide: Hide) -> None:
    """The receiver cannot answer what is not shown; the whole report can be answered without it."""
    fed.make()
    with on("2026-11-10"):
        assert fed.of_unit().matters.get().line.retiree == fed.new
        hide(fed, fed.new)
        client = Client()
        client.force_login(fed.world.unit_clerk)
        (row,) = client.get("/unit/feedback/").context["slice"].rows
        assert row.open_matters == 0
        assert "请先逐件答复" not in page(fed, fed.of_unit())

        done = actions.answer(fed.of_unit().pk, reply=Reply.AGREED, by=fed.world.unit_clerk)

    assert done.state == State.ANSWERED


def test_who_became_restricted_after_the_month_was_closed_is_counted_and_not_named(
    fed: Fed, hide: Hide
) -> None:
    with on("2026-11-02"):
        statistics.close(OCTOBER, by=fed.boss, explanation="测试")
    with on("2026-11-04"):
        hide(fed, fed.new)
    fed.make()

    for report in (fed.of_unit(), fed.of_community()):
        assert not report.lines.filter(retiree=fed.new).exists()
        assert report.content["restricted"] == 2
        assert report.content["movement"]["new"] >= 1


def test_a_correction_leaves_them_out(fed: Fed, hide: Hide) -> None:
    fed.make()
    with on(MADE_ON):
        hide(fed, fed.new)
        new = actions.correct(fed.of_unit().pk, reason="核对", by=fed.boss)

    assert [line.cells["name"] for line in new.lines.all()] == ["李老先"]


def test_who_went_to_another_unit_still_stands_in_the_report_and_can_be_answered_for(fed: Fed) -> None:
    """The unit does not see the person any more; what it was told of them stays told."""
    fed.make()
    clerk = fed.world.unit_clerk
    with on("2026-11-10"):
        other = make_unit("另一个单位")
        transfer(fed.new.pk, other.pk, on=date(2026, 11, 9), by=fed.boss)
        fed.new.checkins.update(unit=other)  # as a reorganisation carries it along
        with scope.as_viewer(scope.of(clerk)):
            assert not Retiree.objects.filter(pk=fed.new.pk).exists()
        client = Client()
        client.force_login(clerk)
        words = page(fed, fed.of_unit())
        (row,) = client.get("/unit/feedback/").context["slice"].rows
        matter = fed.of_unit().matters.get()
        client.post(
            f"/unit/feedback/{fed.of_unit().pk}/matters/{matter.pk}/", {f"m{matter.pk}-words": "已联系"}
        )

    assert "新来人" in words
    assert f"/unit/people/{fed.new.pk}/" not in words
    assert row.open_matters == 1
    assert fed.of_unit().matters.get().answer == "已联系"
