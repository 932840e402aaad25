"""The pages of both sides: what can be done from them, what they say."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from huifeng.audit.models import AuditEntry
from huifeng.texts.models import Text
from services.activities import actions
from services.activities.models import Activity, Participation
from tests.communities.factories import make_staff
from tests.members.factories import make_branch, make_helper
from tests.services.activities.afternoon import Afternoon, again, states

State = Participation.State
OFFICES = ("community", "unit", "bureau")


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def staff(here: Afternoon) -> Client:
    return logged_in(here.clerk)


def form_of(here: Afternoon, **fields) -> dict:
    return {
        "preset": here.presets["lecture"].pk, "title": "健康讲座", "audience": f"area:{here.here.division_id}",
        "day": f"{here.tomorrow:%Y-%m-%d}", "start": "09:00", "end": "11:00", "place": "社区会议室", "venue": "",
        "rhythm": "", "times": "", **fields,
    }  # fmt: skip


def test_a_retiree_signs_up_and_cancels_from_the_list(here: Afternoon):
    activity, person = here.activity(places=2), here.neighbour()
    client = logged_in(person.user)

    assert "还有 2 个名额" in text(client.get("/my/activities/"))
    assert "确认报名" in text(client.get(f"/my/activities/{activity.pk}/join/"))
    assert "已报名。" in text(client.post(f"/my/activities/{activity.pk}/join/", follow=True))
    assert "您报了名的" in text(client.get("/my/activities/"))
    client.post(f"/my/activities/{activity.pk}/cancel/")

    assert states(activity) == ["cancelled"]


def test_when_it_is_full_the_page_says_the_place_in_the_queue(here: Afternoon):
    activity, person = here.activity(places=1), here.neighbour()
    here.signed(activity)
    here.signed(activity)
    client = logged_in(person.user)

    assert "人满了，可以排队" in text(client.get("/my/activities/"))
    said = text(client.post(f"/my/activities/{activity.pk}/join/", follow=True))

    assert said.count("人满了，排队第 2 位") == 2


def test_the_check_page_names_what_clashes(here: Afternoon):
    one, other, person = here.activity(), here.activity(title="太极拳"), here.neighbour()
    here.signed(one, person)

    said = text(logged_in(person.user).get(f"/my/activities/{other.pk}/join/"))

    assert "那个时间您已经报了“健康讲座”" in said


def test_a_helper_signs_up_on_the_pages_of_the_person(here: Afternoon):
    activity, person = here.activity(), here.neighbour()
    client = logged_in(make_helper(person).user)

    client.post(f"/my/activities/for/{person.pk}/{activity.pk}/join/")

    assert states(activity) == ["signed"]
    assert client.get(f"/my/activities/for/{here.neighbour().pk}/").status_code == 404


def test_what_is_not_for_somebody_is_not_found(here: Afternoon):
    activity = here.activity()
    elsewhere = here.neighbour(residence=here.world.city.communities[3].division)

    assert logged_in(elsewhere.user).get(f"/my/activities/{activity.pk}/").status_code == 404


def test_the_poster_leads_through_the_login_to_one_button(here: Afternoon, client: Client):
    activity, person = here.activity(), here.neighbour()
    address = f"/a/{activity.token}/"
    with time_machine.travel(activity.starts_at):
        assert f"/login/?next={address}" in text(client.get(address))
        assert client.post(address).url.startswith("/login/")
        client.force_login(person.user)
        assert "我到了" in text(client.get(address))
        for _ in range(2):
            said = text(client.post(address, {"id": person.pk}, follow=True))

    assert "已签到" in said
    assert again(activity).arrived == 1


def test_nobody_is_signed_in_by_somebody_elses_button(here: Afternoon):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)
    with time_machine.travel(activity.starts_at):
        response = logged_in(here.neighbour().user).post(f"/a/{activity.token}/", {"id": person.pk})

    assert response.status_code == 409
    assert states(activity) == ["signed"]


def test_the_poster_says_when_it_is_too_early_or_over(here: Afternoon, client: Client):
    activity = here.activity()

    assert "还没到签到的时候" in text(client.get(f"/a/{activity.token}/"))
    with time_machine.travel(activity.ends_at + timedelta(days=1)):
        assert "活动已经结束" in text(client.get(f"/a/{activity.token}/"))
    assert client.get("/a/nothing/").status_code == 404


def test_staff_announce_a_series_from_the_form(here: Afternoon, staff: Client):
    response = staff.post(
        "/community/activities/new/", form_of(here, rhythm="weekly", times="3"), follow=True
    )

    assert "一共 3 次" in text(response)
    assert Activity.objects.count() == 3
    assert Activity.objects.earliest("pk").contact == here.here.phone


def test_what_is_wrong_is_said_over_the_form(here: Afternoon, staff: Client):
    response = staff.post("/community/activities/new/", form_of(here, end="08:00", place=""))

    assert response.status_code == 422
    assert "结束时间应晚于开始时间" in text(response)
    assert "请选场所，或填地点" in text(response)


def test_staff_tick_untick_and_take_off(here: Afternoon, staff: Client):
    activity = here.activity()
    first, second = (here.signed(activity).retiree for _ in range(2))
    page = f"/community/activities/{activity.pk}/"
    with time_machine.travel(activity.starts_at):
        assert "登记到场 2 人" in text(staff.post(f"{page}tick/", {"id": [first.pk, second.pk]}, follow=True))
        staff.post(f"{page}untick/", {"id": first.pk})
        staff.post(f"{page}off/", {"id": first.pk})

    assert states(activity) == ["cancelled", "arrived"]


def test_the_list_is_searched_by_name_and_the_look_is_written_down(here: Afternoon, staff: Client):
    activity = here.activity()
    here.signed(activity, here.neighbour(name="李秀兰", name_pinyin="lixiulan lxl"))
    here.signed(activity, here.neighbour(name="赵大海", name_pinyin="zhaodahai zdh"))

    said = text(staff.get(f"/community/activities/{activity.pk}/?q=lxl"))

    assert "李秀兰" in said
    assert "赵大海" not in said
    assert AuditEntry.objects.filter(action="people.listed", after__count=1).exists()


def test_who_is_restricted_is_named_to_a_bureau_only(here: Afternoon, staff: Client):
    activity = here.activity()
    person = here.signed(activity, here.neighbour(name="李秀兰", is_restricted=True)).retiree
    bureau = logged_in(here.world.bureau_clerk)

    assert person.name not in text(staff.get(f"/community/activities/{activity.pk}/"))
    assert person.name in text(bureau.get(f"/bureau/activities/{activity.pk}/"))


def test_staff_find_somebody_at_the_door_and_take_them_in(here: Afternoon, staff: Client):
    activity = here.activity()
    person = here.world.confirmed(here.neighbour(name="李秀兰")).retiree
    page = f"/community/activities/{activity.pk}/add/"
    with time_machine.travel(activity.starts_at):
        assert "李秀兰" in text(staff.get(page, {"q": "李秀"}))
        staff.post(page, {"id": person.pk, "here": "1"})

    assert states(activity) == ["arrived"]


def test_cancelling_asks_why_and_tells_who_has_no_phone(here: Afternoon, staff: Client):
    activity = here.activity()
    here.signed(activity, here.neighbour(name="李秀兰", phone=""))
    here.signed(activity)
    page = f"/community/activities/{activity.pk}/cancel/"

    assert "请上门或打电话告诉：李秀兰" in text(staff.get(page))
    assert staff.post(page, {"reason": ""}).status_code == 422
    staff.post(page, {"reason": "场地检修"})

    assert again(activity).cancel_reason == "场地检修"
    assert Text.objects.count() == 1


def test_papers_and_workbook_come_and_are_written_down(here: Afternoon, staff: Client):
    activity = here.activity()
    here.signed(activity)
    page = f"/community/activities/{activity.pk}/"

    assert staff.get(f"{page}poster.pdf").content.startswith(b"%PDF")
    assert staff.get(f"{page}list.pdf").content.startswith(b"%PDF")
    assert staff.post(f"{page}export/", {"words": "签到核对"}).content.startswith(b"PK")
    assert staff.post(f"{page}export/", {}).status_code == 409
    kept = AuditEntry.objects.filter(target_type="services_activities.activity").values_list(
        "action", flat=True
    )
    assert {"activity.printed", "activity.exported"} <= set(kept)


def test_another_communitys_activity_is_not_found_and_its_bureau_only_reads(here: Afternoon):
    activity = here.activity()
    page = f"activities/{activity.pk}/"

    assert logged_in(here.world.clerk_there).get(f"/community/{page}").status_code == 404
    bureau = logged_in(here.world.bureau_clerk)
    assert "登记</button>" not in text(bureau.get(f"/bureau/{page}"))
    assert bureau.get(f"/bureau/{page}poster.pdf").status_code == 403
    assert bureau.post(f"/bureau/{page}tick/", {"id": "1"}).status_code in (403, 404)


@pytest.mark.parametrize("area", OFFICES)
def test_every_side_has_its_list_calendar_year_branches_and_venues(here: Afternoon, area: str):
    user = {"community": here.clerk, "unit": here.world.unit_clerk, "bureau": here.world.bureau_clerk}[area]
    here.activity()
    make_branch(here.here)
    client = logged_in(user)

    for name in ("", "new/", "calendar/", "year/", "branches/", "venues/"):
        response = client.get(f"/{area}/activities/{name}")
        assert response.status_code == 200, name
        assert text(response).count("<h1") == 1


def test_the_calendar_shows_what_is_on_in_a_hall_whoever_holds_it(here: Afternoon, staff: Client):
    hall = actions.add_venue(
        here.here.pk, kind="station", name="红齐驿站", address="云霄路", capacity=None, by=here.clerk
    )
    here.activity(venue_id=hall.pk)

    said = text(
        staff.get("/community/activities/calendar/", {"venue": hall.pk, "month": f"{here.tomorrow:%Y-%m}"})
    )

    assert "红齐驿站" in said
    assert "健康讲座" in said


def test_a_venue_is_entered_and_closed(here: Afternoon, staff: Client):
    staff.post(
        "/community/activities/venues/",
        {"kind": "home", "name": "银领之家", "address": "云霄路", "capacity": "40"},
    )
    venue = here.here.venues.get()

    staff.post(f"/community/activities/venues/{venue.pk}/close/")

    venue.refresh_from_db()
    assert venue.closed_on is not None


def test_a_rating_reaches_the_organiser(here: Afternoon, staff: Client):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)
    client = logged_in(person.user)
    with time_machine.travel(activity.ends_at):
        actions.sign_in(activity.pk, person.pk, by=person.user, arrival="poster")
        client.post(f"/my/activities/{activity.pk}/rate/", {"rating": "good", "words": "讲得好"})

        assert "讲得好" in text(staff.get(f"/community/activities/{activity.pk}/"))
        assert "一共参加 1 次" in text(client.get("/my/activities/past/"))


def test_the_spoken_digits_have_a_page(here: Afternoon):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)
    client = logged_in(person.user)

    assert client.post("/my/activities/code/", {"code": activity.code}).status_code == 422
    with time_machine.travel(activity.starts_at):
        assert client.post("/my/activities/code/", {"code": activity.code}).status_code == 302

    assert states(activity) == ["arrived"]


def test_a_change_is_made_from_the_form(here: Afternoon, staff: Client):
    activity = here.activity()
    here.signed(activity)
    form = {
        "title": "健康讲座", "day": f"{here.tomorrow:%Y-%m-%d}", "start": "10:00", "end": "12:00", "place": "二楼",
        "places": "", "contact": "", "words": "",
    }  # fmt: skip

    staff.post(f"/community/activities/{activity.pk}/change/", form)

    assert (again(activity).place, Text.objects.count()) == ("二楼", 1)


def test_a_lead_of_the_street_reads_the_year_of_its_communities(here: Afternoon):
    here.activity()
    street = logged_in(make_staff(here.world.city.streets[0]))

    assert "讲座" in text(street.get(f"/bureau/activities/year/?year={here.tomorrow.year}"))
