"""The pages of all four sides: what they hold, and what they keep back."""

from datetime import date

import pytest
import time_machine

from checkin.statistics.months import Month
from services.care import actions, columns, figures
from services.care.actions import Seat
from services.care.models import CareNote, Obligation, Visit, VisitDraft
from tests.checkin.record.staff import browser_of, text_of
from tests.members.factories import make_helper, make_member

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
NOVEMBER = Month(2026, 11)
FORM = {
    "visited_on_0": "2026", "visited_on_1": "11", "visited_on_2": "25", "condition": "weak",
    "words": "血压高，想装扶手", "opinions": "2", "solved": "1", "worth": "", "next_on_0": "", "next_on_1": "",
    "next_on_2": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel("2026-11-25 10:00+08:00", tick=False):
        yield


@pytest.fixture
def line(world, person) -> Obligation:
    return actions.note_occasion(
        person.pk, "hospital", by=world.clerk, on=TODAY, words="三病区", office=world.here.pk
    )


def late(line) -> Obligation:
    Obligation.objects.filter(pk=line.pk).update(opened_on=date(2026, 11, 2), due_on=date(2026, 11, 20))
    return line


def test_the_plan_counts_homes_and_puts_those_in_need_first(world, line) -> None:
    young = world.confirmed(world.member(name="刘青")).retiree
    for key in ("festival", "birthday"):
        late(actions.note_occasion(young.pk, key, by=world.clerk, on=TODAY, office=world.here.pk))
    late(line)
    page = text_of(browser_of(world.clerk).get("/community/visits/"))

    assert "今天要走访 2 户" in page
    assert page.index("王建国") < page.index("刘青")
    assert "逾期 5 天" in page


def test_a_visit_is_recorded_from_the_phone(world, line) -> None:
    browser = browser_of(world.clerk)
    assert "三病区" in text_of(browser.get(f"/community/visits/{line.pk}/"))

    assert browser.post(f"/community/visits/{line.pk}/", FORM).status_code == 302

    visit = Visit.objects.get()
    assert (visit.opinions, visit.solved, visit.note.words) == (2, 1, "血压高，想装扶手")
    shown = text_of(browser.get(f"/community/visits/{line.pk}/"))
    assert "血压高" in shown
    assert browser.post(f"/community/visits/{line.pk}/undo/").status_code == 302
    line.refresh_from_db()
    assert line.state == "due"


def test_what_is_typed_is_kept_field_by_field_and_found_again(world, line) -> None:
    browser = browser_of(world.clerk)

    saved = browser.post(f"/community/visits/{line.pk}/save/", {"words": "头痛", "visited_on_0": "2026"})

    assert "已保存 10:00" in text_of(saved)
    assert "头痛" in text_of(browser.get(f"/community/visits/{line.pk}/"))


def test_without_javascript_a_button_keeps_it(world, line) -> None:
    browser = browser_of(world.clerk)

    browser.post(f"/community/visits/{line.pk}/", {**FORM, "keep": "1"})

    assert VisitDraft.objects.count() == 1
    assert not Visit.objects.exists()
    assert "血压高" in text_of(browser.get(f"/community/visits/{line.pk}/"))


def test_a_wrong_answer_keeps_what_was_typed(world, line) -> None:
    answer = browser_of(world.clerk).post(f"/community/visits/{line.pk}/", {**FORM, "solved": "9"})

    assert answer.status_code == 422
    assert "已解决的不能比提出的多" in text_of(answer)
    assert "血压高" in text_of(answer)


@pytest.mark.parametrize("side", ["unit", "bureau", "street", "self"])
def test_other_sides_see_that_there_was_a_visit_and_no_words(world, person, line, side) -> None:
    actions.record_visit(
        line.pk, by=world.clerk, visited_on=TODAY, condition="weak", words="血压高，想装扶手", opinions=2
    )
    user, path = {
        "unit": (world.unit_clerk, f"/unit/visits/person/{person.pk}/"),
        "bureau": (world.bureau_clerk, f"/bureau/visits/person/{person.pk}/"),
        "street": (world.street_clerk, f"/bureau/visits/{line.pk}/"),
        "self": (person.user, "/my/care/"),
    }[side]

    page = text_of(browser_of(user).get(path))

    assert "2026年11月25日" in page
    for words in ("血压高", "身体不大好", "三病区"):
        assert words not in page


def test_the_database_keeps_words_from_the_other_side(world, line) -> None:
    from huifeng.rowscope import scope

    actions.record_visit(line.pk, by=world.clerk, visited_on=TODAY, condition="weak", words="血压高")

    for user, count in ((world.clerk, 2), (world.unit_clerk, 0), (world.bureau_clerk, 0)):
        with scope.as_viewer(scope.of(user)):
            assert CareNote.objects.count() == count


def test_a_neighbour_finds_nothing(world, person, line) -> None:
    browser = browser_of(world.clerk_there)

    for path in (f"{line.pk}/", f"person/{person.pk}/"):
        assert browser.get(f"/community/visits/{path}").status_code == 404
    assert browser.post(f"/community/visits/{line.pk}/save/", {"words": "x"}).status_code == 404
    assert "王建国" not in text_of(browser.get("/community/visits/"))


def test_an_occasion_and_a_class_are_written_on_the_persons_page(world, person) -> None:
    browser, page = browser_of(world.clerk), f"/community/visits/person/{person.pk}/"
    day = {"on_0": "2026", "on_1": "11", "on_2": "25"}

    browser.post(f"{page}occasion/", {"key": "hospital", "words": "三病区", **day})
    browser.post(f"{page}class/", {"attention": "focus", "why": "独居"})

    shown = text_of(browser.get(page))
    for words in ("住院必访", "重点关注", "独居", "12月2日"):
        assert words in shown
    assert browser.post(f"{page}occasion/", {"key": "hospital"}).status_code == 422


def test_a_team_is_seated_and_its_empty_seats_are_listed(world) -> None:
    person = make_member(world.unit, kind="lixiu")
    browser = browser_of(world.unit_clerk)
    given = {f"name{n}": name for n, name in enumerate(("甲一", "乙一", "丙一", "", ""), start=1)}

    browser.post(f"/unit/visits/person/{person.pk}/team/lixiu_team/", given)

    page = text_of(browser.get("/unit/visits/seats/"))
    assert "医保局" in page
    assert "县医院" in page
    assert "卫健局" not in page
    browser.post(f"/unit/visits/person/{person.pk}/team/lixiu_team/end/")
    assert "医保局" not in text_of(browser.get("/unit/visits/seats/"))


def test_a_campaign_is_listed_and_ticked(world, person) -> None:
    browser = browser_of(world.street_clerk)
    day = {"due_on_0": "2027", "due_on_1": "2", "due_on_2": "5"}
    made = browser.post("/bureau/visits/campaigns/", {"key": "spring", "title": "春节慰问", **day})
    page = text_of(browser.get(made.url))
    assert "王建国" in page
    assert 'name="id"' not in page  # its communities tick

    key = made.url.rstrip("/").split("/")[-1]
    ours, row = browser_of(world.clerk), Obligation.objects.get()
    ours.post(f"/community/visits/campaigns/{key}/tick/", {"id": row.pk})

    assert "都送到了" in text_of(ours.get(f"/community/visits/campaigns/{key}/"))
    assert browser_of(world.clerk_there).get(f"/community/visits/campaigns/{key}/").status_code == 404


def test_a_figure_and_its_list_agree(world, person, line) -> None:
    other = actions.note_occasion(person.pk, "family", by=world.clerk, on=TODAY, office=world.here.pk)
    late(line)
    actions.record_visit(other.pk, by=world.clerk, visited_on=TODAY, condition="good")
    browser = browser_of(world.bureau_clerk)

    _, total = figures.coverage(NOVEMBER, world.city.districts[0].area)

    assert total == {"owed": 2, "done": 1, "missed": 1, "visits": 1}
    assert "应访 2 件，已访 1 件" in text_of(browser.get("/bureau/visits/coverage/"))
    for measure, count in total.items():
        place = world.here.division_id
        answer = browser.get(f"/bureau/visits/rows/?month=2026-11&place={place}&show={measure}")
        assert len(answer.context["slice"].rows) == answer.context["total"] == count


def test_the_statistics_count_by_place(world, person, line) -> None:
    late(line)
    assert figures.count(NOVEMBER, "missed") == {world.here.division_id: 1}
    actions.record_visit(line.pk, by=world.clerk, visited_on=TODAY, condition="good")
    assert figures.count(NOVEMBER, "missed") == {}
    assert figures.count(NOVEMBER, "visits") == {world.here.division_id: 1}


def test_a_report_says_how_often_and_asks_the_community_about_the_late(world, person) -> None:
    with time_machine.travel("2026-11-02 10:00+08:00"):
        actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=world.here.pk)

    assert [pk for pk, _ in columns._late(NOVEMBER)] == [person.pk]
    actions.record_visit(Obligation.objects.get().pk, by=world.clerk, visited_on=TODAY, condition="good")
    assert list(columns._late(NOVEMBER)) == []
    assert columns._collect(NOVEMBER) == {person.pk: {"care_visits": 1, "care_last": "11月25日"}}


def test_320_opinions_and_260_solved_are_81_percent(world, person, line) -> None:
    from django.db.models import Sum

    visit = actions.record_visit(line.pk, by=world.clerk, visited_on=TODAY, condition="good")
    Visit.objects.filter(pk=visit.pk).update(opinions=320, solved=260)
    sums = Visit.objects.aggregate(opinions=Sum("opinions"), solved=Sum("solved"))
    assert sums["solved"] / sums["opinions"] == 0.8125


def test_the_unit_sees_who_visits_its_people(world, person, line) -> None:
    page = text_of(browser_of(world.unit_clerk).get("/unit/visits/?show=ours"))
    assert "湛山" in page or world.here.name in page
    assert text_of(browser_of(world.unit_clerk).get("/unit/visits/coverage/")).count("应访") > 0


def test_the_walk_is_on_paper(world, line) -> None:
    late(line)
    assert "住院必访" in text_of(browser_of(world.clerk).get("/community/visits/walk/"))


def test_the_person_reads_who_is_around_and_when_somebody_comes(world, person, line) -> None:
    actions.seat_team(person.pk, "pair", [Seat("张主任", "副局长", "85886613")], by=world.unit_clerk)

    for user, path in (
        (person.user, "/my/care/"),
        (make_helper(person).user, f"/my/care/for/{person.pk}/"),
    ):
        page = text_of(browser_of(user).get(path))
        assert "张主任" in page
        assert "2026年11月30日以前" in page
        assert "住院" not in page


def test_somebody_with_nothing_is_told_whom_to_call(world) -> None:
    page = text_of(browser_of(world.member().user).get("/my/care/"))

    assert "还没有安排专门的人" in page
