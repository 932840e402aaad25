"""The pages: inbox, report and supervision; who comes in, what they show, how many queries they need."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin.feedback import actions
from checkin.feedback.models import FeedbackReport, State
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.statistics.conftest import on
from tests.communities.factories import make_staff, make_unit

from .conftest import Fed, answer_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(fed: Fed):
    fed.make()
    with on("2026-11-10"):
        yield


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_the_inbox_of_a_unit(fed: Fed) -> None:
    words = body(client_of(fed.world.unit_clerk), "/unit/feedback/")

    assert fed.of_unit().number in words
    assert "未读" in words


def test_an_empty_inbox_says_when_something_comes(fed: Fed) -> None:
    words = body(client_of(make_staff(make_unit("没有人的单位"))), "/unit/feedback/")

    assert "还没有收到反馈单" in words


def test_the_community_sees_whom_it_may_answer_for_on_paper(fed: Fed) -> None:
    words = body(client_of(fed.world.clerk), "/community/feedback/")

    assert fed.of_community().number in words
    assert fed.of_outside().number in words


def test_opening_the_report_is_reading_it(fed: Fed) -> None:
    words = body(client_of(fed.world.unit_clerk), f"/unit/feedback/{fed.of_unit().pk}/")

    report = fed.of_unit()
    assert (report.state, report.received_by) == (State.RECEIVED, "张伟")
    for part in ("一、人员变动", "二、人员情况", "三、需要答复的事项", "四、签字", "五、答复", report.sha256):
        assert part in words
    assert "保密人" not in words


def test_a_bureau_that_looks_does_not_read_for_the_unit(fed: Fed) -> None:
    body(client_of(fed.boss), f"/bureau/feedback/{fed.of_unit().pk}/")

    assert fed.of_unit().state == State.SENT


def test_who_became_restricted_is_no_longer_shown(fed: Fed) -> None:
    Retiree.objects.filter(pk__in=[fed.old.pk, fed.new.pk]).update(is_restricted=True)

    words = body(client_of(fed.world.unit_clerk), f"/unit/feedback/{fed.of_unit().pk}/")

    assert "李老先" not in words
    assert "新来人" not in words


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("clerk", "/community/feedback/{unit}/"),
        ("clerk_there", "/community/feedback/{community}/"),
        ("unit_clerk", "/unit/feedback/{community}/"),
        ("unit_clerk", "/unit/feedback/{unit}/letter/"),
        ("clerk_there", "/community/feedback/{outside}/file/pdf/"),
        ("street_clerk", "/bureau/feedback/{unit}/"),
    ],
)
def test_strangers_are_not_let_in(fed: Fed, who: str, path: str) -> None:
    keys = {"unit": fed.of_unit().pk, "community": fed.of_community().pk, "outside": fed.of_outside().pk}

    answer = client_of(getattr(fed.world, who)).get(path.format(**keys))

    assert answer.status_code in (403, 404)


def test_a_unit_has_no_supervision(fed: Fed) -> None:
    client = client_of(fed.world.unit_clerk)

    assert client.get("/unit/feedback/list/").status_code == 403
    assert client.post("/unit/feedback/make/", {"month": "2026-10"}).status_code == 403
    assert client.post("/unit/feedback/remind/", {"id": "1"}).status_code == 403
    assert client.post("/unit/feedback/close/").status_code == 403


def test_answering_on_the_page_matter_by_matter_then_the_whole(fed: Fed) -> None:
    report, client = fed.of_unit(), client_of(fed.world.unit_clerk)
    matter = report.matters.get()
    place = f"/unit/feedback/{report.pk}/"

    wrong = client.post(f"{place}matters/{matter.pk}/", {f"m{matter.pk}-words": ""})
    assert wrong.status_code == 422
    assert "请填写答复" in wrong.content.decode()
    client.post(f"{place}matters/{matter.pk}/", {f"m{matter.pk}-words": "下周走访"})
    unsaid = client.post(f"{place}answer/", {"reply": "disputed"})
    assert unsaid.status_code == 422
    client.post(f"{place}answer/", {"reply": "agreed"})

    words = body(client, place)
    assert fed.of_unit().state == State.ANSWERED
    assert "下周走访" in words
    assert "无意见" in words


def test_a_bureau_corrects_on_the_page_and_the_old_one_says_so(fed: Fed) -> None:
    old, client = fed.of_unit(), client_of(fed.boss)

    answer = client.post(f"/bureau/feedback/{old.pk}/correct/", {"reason": "姓名写错"})

    new = fed.of_unit()
    assert answer["Location"] == f"/bureau/feedback/{new.pk}/"
    assert "这份已经更正" in body(client, f"/bureau/feedback/{old.pk}/")
    assert f'代替 <a class="link" href="/bureau/feedback/{old.pk}/">' in body(client, answer["Location"])


def test_a_bureau_gives_a_link_prints_the_letter_and_takes_it_back(fed: Fed) -> None:
    place, client = f"/bureau/feedback/{fed.of_outside().pk}/", client_of(fed.boss)

    assert client.get(f"{place}letter/").status_code == 409
    client.post(f"{place}link/")
    assert "/letters/" in body(client, place)
    assert client.get(f"{place}letter/")["Content-Type"] == "application/pdf"
    client.post(f"{place}unlink/")
    assert "/letters/" not in body(client, place)


@pytest.mark.parametrize(("suffix", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_files_are_fetched(fed: Fed, suffix: str, start: bytes) -> None:
    answer = client_of(fed.world.unit_clerk).get(f"/unit/feedback/{fed.of_unit().pk}/file/{suffix}/")

    assert answer.content.startswith(start)
    assert "no-store" in answer["Cache-Control"]


def test_supervision_counts_and_each_figure_is_its_list(fed: Fed) -> None:
    report = fed.of_unit()
    answer_all(report, fed.world.unit_clerk)
    actions.answer(report.pk, reply=FeedbackReport.Reply.AGREED, by=fed.world.unit_clerk)
    client = client_of(fed.boss)
    answer = client.get("/bureau/feedback/?month=2026-10")

    figures = {title: figure for title, figure, _ in answer.context["total"]}
    assert figures == {"应发": 3, "已发": 3, "按时": 1, "已复": 1, "逾期": 0, "有意见": 0}
    for _, figure, url in answer.context["total"]:
        assert client.get(url).context["count"] == figure
    for line, cells, down in answer.context["lines"]:
        for _, figure, url in cells:
            assert client.get(url).context["count"] == figure, line
        if down:
            assert client.get(down).status_code == 200


def test_a_street_supervises_its_communities_only(fed: Fed) -> None:
    answer = client_of(fed.world.street_clerk).get("/bureau/feedback/?month=2026-10&place=3702")

    assert {title: figure for title, figure, _ in answer.context["total"]}["应发"] == 1


def test_late_ones_are_listed_and_reminded(fed: Fed) -> None:
    with on("2026-11-23"):
        client = client_of(fed.boss)
        words = body(client, "/bureau/feedback/?month=2026-10")
        answer = client.post(
            "/bureau/feedback/remind/", {"month": "2026-10", "id": [fed.of_unit().pk]}, follow=True
        )

    assert fed.of_unit().number in words
    assert "已提醒 1 份" in answer.content.decode()


def test_an_empty_month_offers_to_make_it(fed: Fed) -> None:
    words = body(client_of(fed.boss), "/bureau/feedback/?month=2026-09")

    assert "这个月还没有反馈单" in words
    assert "生成并发送2026年9月反馈单" in words


def test_only_the_city_is_offered_to_make(fed: Fed) -> None:
    assert "生成并发送" not in body(client_of(fed.world.bureau_clerk), "/bureau/feedback/?month=2026-09")


@pytest.mark.parametrize("path", ["/bureau/feedback/?month=2026-13", "/bureau/feedback/?month=2999-01"])
def test_a_month_that_cannot_be_is_not_found(fed: Fed, path: str) -> None:
    assert client_of(fed.boss).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/unit/feedback/", "/unit/feedback/{pk}/"])
def test_more_people_need_no_more_queries(fed: Fed, path: str) -> None:
    client = client_of(fed.world.unit_clerk)
    path = path.format(pk=fed.of_unit().pk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    queries()
    few = queries()
    report = fed.of_unit()
    line = report.lines.first()
    for number in range(10, 18):
        person = fed.world.member(name=f"某{number}")
        row = report.lines.create(
            retiree=person, position=number, cells=line.cells, counterpart=line.counterpart
        )
        report.matters.create(line=row, kind="needs", title="需求", words="要送餐")
    assert queries() == few


@pytest.mark.parametrize("key", ["²", "9" * 30, "x", "-1"])
def test_what_is_no_number_is_not_reminded_and_breaks_nothing(fed: Fed, key: str) -> None:
    answer = client_of(fed.boss).post(
        "/bureau/feedback/remind/", {"month": "2026-10", "id": [key]}, follow=True
    )

    assert answer.status_code == 200
    assert "请先勾选要提醒的反馈单" in answer.content.decode()
