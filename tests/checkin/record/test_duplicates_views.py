"""疑似重复: the list, two rows side by side, what a merge will do, and its undo, as unit and bureau see them."""

from typing import Any

import pytest
from django.test import Client

from checkin.record import actions
from huifeng.audit.models import AuditEntry
from members.duplicates.finding import search
from members.duplicates.models import DuplicatePair, PersonMerge
from members.people.models import Retiree
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.members.factories import make_helper


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.unit_clerk)


@pytest.fixture
def bureau(world: World) -> Client:
    """The city's: the unit has its seat at the city."""
    return browser_of(make_staff(world.city.city))


def suspected(world: World, **second: Any) -> DuplicatePair:
    first = world.member(name="孙德胜", original_post="处长")
    other = world.member(name="孙德胜", **second)
    search()
    return DuplicatePair.objects.get(first=first, second=other)


def chosen(pair: DuplicatePair, keep: str = "first", **values: str) -> dict[str, Any]:
    """What the review page sends."""
    return {
        "first_version": pair.first.version,
        "second_version": pair.second.version,
        "keep": keep,
        "value_id_number": keep,
        **values,
    }


def test_an_empty_list_says_so(world: World, desk: Client) -> None:
    assert "没有疑似重复的档案" in text_of(desk.get("/unit/duplicates/"))


@pytest.mark.parametrize("area", ["unit", "bureau"])
def test_the_list_shows_pairs_masked_and_leads_to_them(
    world: World, desk: Client, bureau: Client, area: str
) -> None:
    pair = suspected(world)
    page = text_of((desk if area == "unit" else bureau).get(f"/{area}/duplicates/"))

    assert f"/{area}/duplicates/{pair.pk}/" in page
    assert pair.first.id_number not in page
    assert pair.first.phone not in page


def test_the_homes_name_them_only_when_there_are_some(world: World, desk: Client, bureau: Client) -> None:
    assert not any("疑似重复 " in text_of(b.get(a)) for b, a in ((desk, "/unit/"), (bureau, "/bureau/")))

    suspected(world)

    assert "疑似重复 1 组" in text_of(desk.get("/unit/"))
    assert "疑似重复 1 组" in text_of(bureau.get("/bureau/"))


def test_a_street_has_no_such_page(world: World) -> None:
    street = browser_of(world.street_clerk)

    assert street.get("/bureau/duplicates/").status_code == 403
    assert "/bureau/duplicates/" not in text_of(street.get("/bureau/"))


def test_somebody_elses_pair_is_not_there(world: World) -> None:
    pair = suspected(world)
    other = browser_of(make_staff(world.city.districts[1]))

    for path in ("", "merge/", "dismiss/", "take-back/"):
        answer = (other.post if path else other.get)(f"/bureau/duplicates/{pair.pk}/{path}")
        assert answer.status_code == 404, path


def test_the_review_marks_what_differs(world: World, desk: Client) -> None:
    pair = suspected(world, original_post="科长", landline="0532-85880011")

    answer = desk.get(f"/unit/duplicates/{pair.pk}/")

    verdicts = {line.title: line.verdict for line in answer.context["compared"].data}
    assert (verdicts["姓名"], verdicts["原职务"], verdicts["固定电话"]) == ("same", "differs", "one")
    page = text_of(answer)
    assert "不一致：号码不同" in page
    assert pair.first.id_number not in page
    assert pair.first.phone not in page


def test_the_row_that_is_checked_in_is_suggested(world: World, desk: Client) -> None:
    pair = suspected(world)
    world.confirmed(pair.second)

    answer = desk.get(f"/unit/duplicates/{pair.pk}/")

    assert answer.context["compared"].suggested == pair.second
    assert answer.context["form"]["keep"].initial == "second"


def test_else_the_row_with_an_account_else_the_older(world: World, desk: Client) -> None:
    pair = suspected(world)
    Retiree.objects.filter(pk=pair.first_id).update(user=None)
    first = desk.get(f"/unit/duplicates/{pair.pk}/").context["compared"].suggested
    Retiree.objects.filter(pk=pair.second_id).update(user=None)
    second = desk.get(f"/unit/duplicates/{pair.pk}/").context["compared"].suggested

    assert (first, second) == (pair.second, pair.first)


def test_the_preview_says_it_in_words_and_changes_nothing(world: World, desk: Client) -> None:
    pair = suspected(world, original_post="科长", skills="书法")

    answer = desk.post(f"/unit/duplicates/{pair.pk}/", chosen(pair, value_original_post="second"))

    words = "".join(answer.context["todo"].words)
    assert "原职务、专业特长：取自并入的一份" in words
    assert "两份都有登录账号" in words
    assert not PersonMerge.objects.exists()


def test_merging_from_the_page_and_undoing_it(world: World, desk: Client) -> None:
    pair = suspected(world, original_post="科长")

    done = desk.post(
        f"/unit/duplicates/{pair.pk}/merge/", chosen(pair, value_original_post="second"), follow=True
    )

    assert "两份档案已合并" in text_of(done)
    merge = PersonMerge.objects.get()
    assert (merge.kept, merge.kept.original_post) == (pair.first, "科长")
    assert desk.get(f"/unit/duplicates/{pair.pk}/").status_code == 404

    back = desk.post(f"/unit/duplicates/merges/{merge.pk}/undo/", follow=True)

    assert "合并已撤销" in text_of(back)
    assert desk.get(f"/unit/duplicates/{pair.pk}/").status_code == 200


def test_the_second_may_stay(world: World, desk: Client) -> None:
    pair = suspected(world)

    desk.post(f"/unit/duplicates/{pair.pk}/merge/", chosen(pair, "second"))

    assert PersonMerge.objects.get().kept == pair.second


def test_what_must_be_settled_first_is_said_over_the_form(world: World, desk: Client) -> None:
    pair = suspected(world)
    world.confirmed(pair.first)
    world.confirmed(pair.second)

    answer = desk.post(f"/unit/duplicates/{pair.pk}/", chosen(pair))

    assert answer.status_code == 409
    assert "请先问本人以哪一件为准" in text_of(answer)


def test_a_page_older_than_the_rows_is_refused(world: World, desk: Client) -> None:
    pair = suspected(world)
    sent = chosen(pair)
    Retiree.objects.filter(pk=pair.second_id).update(version=7)

    assert desk.post(f"/unit/duplicates/{pair.pk}/merge/", sent).status_code == 409
    assert not PersonMerge.objects.exists()


def test_a_form_that_says_nothing_merges_nothing(world: World, desk: Client) -> None:
    pair = suspected(world)

    assert desk.post(f"/unit/duplicates/{pair.pk}/", {"keep": ""}).status_code == 422
    assert desk.post(f"/unit/duplicates/{pair.pk}/merge/", {}).status_code == 302
    assert not PersonMerge.objects.exists()


def test_dismissing_and_taking_back_from_the_page(world: World, desk: Client) -> None:
    pair = suspected(world)

    after = desk.post(f"/unit/duplicates/{pair.pk}/dismiss/", {"words": "双胞胎"}, follow=True)
    assert (after.context["pairs"], [row.pk for row in after.context["decided"]]) == ([], [pair.pk])

    again_there = desk.post(f"/unit/duplicates/{pair.pk}/take-back/", follow=True)
    assert [row.pk for row in again_there.context["pairs"]] == [pair.pk]
    assert AuditEntry.objects.filter(action__startswith="duplicate.").count() == 2


def test_a_unit_searches_now(world: World, desk: Client) -> None:
    for _ in range(2):
        world.member(name="孙德胜")
    assert not desk.get("/unit/duplicates/").context["pairs"]

    assert len(desk.post("/unit/duplicates/look/", follow=True).context["pairs"]) == 1


def test_a_bureau_does_not_search_from_the_page(world: World) -> None:
    assert browser_of(world.bureau_clerk).post("/bureau/duplicates/look/").status_code == 404


def test_who_helps_one_of_them_is_sent_to_a_colleague(world: World, desk: Client) -> None:
    pair = suspected(world)
    make_helper(pair.second, user=world.unit_clerk)

    assert "请由同事或上级老干部局处理" in text_of(desk.get(f"/unit/duplicates/{pair.pk}/"))
    assert desk.post(f"/unit/duplicates/{pair.pk}/merge/", chosen(pair)).status_code == 403


def test_a_merge_of_others_is_not_there(world: World, desk: Client, bureau: Client) -> None:
    pair = suspected(world)
    desk.post(f"/unit/duplicates/{pair.pk}/merge/", chosen(pair))
    merge = PersonMerge.objects.get()
    stranger = browser_of(make_staff(world.city.districts[1]))

    assert stranger.get(f"/bureau/duplicates/merges/{merge.pk}/").status_code == 404
    assert stranger.post(f"/bureau/duplicates/merges/{merge.pk}/undo/").status_code == 404
    assert bureau.get(f"/bureau/duplicates/merges/{merge.pk}/").status_code == 200


def test_a_merge_that_cannot_be_undone_says_why(world: World, desk: Client) -> None:
    pair = suspected(world)
    request = world.submitted(pair.second)
    desk.post(f"/unit/duplicates/{pair.pk}/merge/", chosen(pair))
    actions.confirm(request.pk, by=world.clerk)

    answer = desk.post(f"/unit/duplicates/merges/{PersonMerge.objects.get().pk}/undo/")

    assert answer.status_code == 409
    assert "报到又有变动" in text_of(answer)


def test_more_pairs_cost_no_more_queries(world: World, desk: Client, django_assert_max_num_queries) -> None:
    costs = []
    desk.get("/unit/duplicates/")  # the session remembers for whom one acts
    for _ in range(2):
        for _ in range(4):
            world.member(name="孙德胜")
        search()
        with django_assert_max_num_queries(10) as found:
            desk.get("/unit/duplicates/")
        costs.append(len(found))

    assert costs[0] == costs[1]


def test_the_review_takes_the_same_queries_whatever_hangs_on_the_rows(
    world: World, desk: Client, django_assert_max_num_queries
) -> None:
    pair = suspected(world)
    costs = []
    desk.get(f"/unit/duplicates/{pair.pk}/")  # the session remembers for whom one acts
    for more in (True, False):
        with django_assert_max_num_queries(12) as found:
            desk.get(f"/unit/duplicates/{pair.pk}/")
        costs.append(len(found))
        if more:
            world.confirmed(pair.first)
            for _ in range(2):
                make_helper(pair.second)

    assert costs[0] == costs[1]
