"""What a retiree meets on the way to a check-in, page by page."""

import pytest
from django.test import Client
from django.urls import reverse

from checkin.record.models import CheckIn, State
from communities.divisions.models import NamedPlace
from communities.divisions.names import sound_of
from communities.organisations.models import Organisation
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, again
from tests.communities.factories import UserFactory
from tests.members.factories import load_codes


@pytest.fixture(autouse=True)
def codes(db):
    load_codes()


@pytest.fixture
def person(world: World):
    return world.member()


@pytest.fixture
def own(person) -> Client:
    """A browser in which the person is logged in."""
    return browser_of(person.user)


# home ------------------------------------------------------------------------------------------------------


def test_front_page_is_for_everybody(client, db):
    response = client.get("/")

    assert response.status_code == 200
    assert "开始报到" in text_of(response)


def test_who_is_not_logged_in_is_sent_to_login_and_back(client, db):
    response = client.get("/my/progress/")

    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/my/progress/"


def test_somebody_of_no_roster_is_asked_who_they_are(world):
    response = browser_of(UserFactory()).get("/my/")

    assert response["Location"] == reverse("people:who")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        ("member", "开始报到"),
        ("draft", "接着办（第 4 步）"),
        ("submitted", "看看办到哪一步了"),
        ("returned", "去补充"),
        ("confirmed", "查看报到回执"),
    ],
)
def test_home_offers_one_button_that_fits_the_state(world, build, words):
    made = getattr(world, build)()
    user = made.user if build == "member" else made.retiree.user

    page = text_of(browser_of(user).get("/my/"))

    assert words in page
    assert page.count("btn-primary") == 1


def test_home_shows_the_community_and_who_looks_after_one(world):
    checkin = world.confirmed()

    page = text_of(browser_of(checkin.retiree.user).get("/my/"))

    assert world.here.name in page
    assert "联系人：李敏" in page
    assert world.unit.name in page


# the four steps --------------------------------------------------------------------------------------------


def test_start_leads_to_the_first_step(own, person):
    response = own.post("/my/start/")

    assert response["Location"] == reverse("my:information")
    assert CheckIn.objects.get(retiree=person).state == State.DRAFT


def test_starting_needs_a_press_not_only_a_look(own, person):
    assert own.get("/my/start/").status_code == 405
    assert not CheckIn.objects.exists()


def test_step_without_a_draft_leads_home(own):
    assert own.get("/my/checkin/2/")["Location"] == reverse("my:home")


def test_whole_way_to_the_receipt_without_script(own, person, world):
    NamedPlace.objects.create(
        community=world.here.division, kind=NamedPlace.Kind.ROAD, name="云霄路", sound=sound_of("云霄路")
    )
    own.post("/my/start/")

    assert own.post("/my/checkin/1/", {"correct": "yes"})["Location"] == reverse("my:family")
    assert own.post("/my/checkin/1/family/", {})["Location"] == reverse("my:address")
    told = {"district": "370202000000", "address": "云霄路 12 号 3 单元 502"}
    assert own.post("/my/checkin/2/", told)["Location"] == reverse("my:community")
    assert "云霄路 12 号在这个社区" in text_of(own.get("/my/checkin/3/"))
    assert own.post("/my/checkin/3/", {"community": world.here.pk})["Location"] == reverse("my:check")
    assert own.post("/my/checkin/4/", {"consent": "on"})["Location"] == reverse("my:receipt")
    checkin = CheckIn.objects.get(retiree=person)
    assert (checkin.state, checkin.community, checkin.address) == (
        State.VERIFIED,
        world.here,
        told["address"],
    )
    assert checkin.number in text_of(own.get("/my/receipt/"))


def test_each_step_is_saved_at_once(own, person):
    own.post("/my/start/")

    own.post("/my/checkin/2/", {"district": "370202000000", "address": "云霄路 12 号"})

    checkin = CheckIn.objects.get(retiree=person)
    assert (checkin.address, checkin.area_id) == ("云霄路 12 号", "370202000000")


def test_store_for_later_keeps_the_half_that_is_right(own, person):
    own.post("/my/start/")

    response = own.post("/my/checkin/2/", {"address": "云霄路 12 号", "later": "1"})

    assert response["Location"] == reverse("my:home")
    assert CheckIn.objects.get(retiree=person).address == "云霄路 12 号"


def test_something_wrong_must_be_said_in_words(own):
    own.post("/my/start/")

    response = own.post("/my/checkin/1/", {"correct": "no", "remarks": " "})

    assert response.status_code == 422
    assert "<title>错误：" in text_of(response)
    assert "请写下哪里不对" in text_of(response)


def test_wrong_form_keeps_what_was_typed(own):
    own.post("/my/start/")

    response = own.post("/my/checkin/2/", {"district": "", "address": "云霄路 12 号"})

    assert response.status_code == 422
    assert "云霄路 12 号</textarea>" in text_of(response)


def test_old_page_is_refused_with_who_and_when(world, person, own):
    checkin = world.draft(person)

    response = own.post("/my/checkin/2/", {"district": "370202000000", "address": "别处", "version": "1"})

    assert response.status_code == 409
    assert again(checkin).address != "别处"


def test_browser_back_and_forward_again_is_not_an_old_page(world, person, own):
    world.draft(person)
    version = own.get("/my/checkin/2/").context["checkin"].version
    own.post("/my/checkin/2/", {"district": "370202000000", "address": "云霄路 1 号", "version": version})

    version = own.get("/my/checkin/2/").context["checkin"].version  # pages are never cached
    response = own.post(
        "/my/checkin/2/", {"district": "370202000000", "address": "云霄路 2 号", "version": version}
    )

    assert response.status_code == 302
    assert "no-store" in own.get("/my/checkin/2/")["Cache-Control"]


def test_change_from_the_check_page_returns_there(world, person, own):
    world.draft(person)

    page = text_of(own.get("/my/checkin/1/?back=check"))
    response = own.post("/my/checkin/1/", {"correct": "yes", "back": "check"})

    assert 'name="back" value="check"' in page
    assert response["Location"] == reverse("my:check")


def test_another_address_asks_for_the_community_again(world, person, own):
    checkin = world.draft(person)

    response = own.post(
        "/my/checkin/2/", {"district": "370203000000", "address": "延安路 1 号", "back": "check"}
    )

    assert response["Location"] == reverse("my:community")
    assert again(checkin).community is None


def test_find_it_for_me_goes_on_without_a_community(world, person, own):
    checkin = world.draft(person, community_id=None, area_id="370202000000")

    response = own.post("/my/checkin/3/", {"find": "1"})

    assert response["Location"] == reverse("my:check")
    assert "请社区帮我找（市南区）" in text_of(own.get("/my/checkin/4/"))
    assert again(checkin).area_id == "370202000000"


def test_find_it_in_my_street_names_the_street(world, person, own):
    checkin = world.draft(person, community_id=None, area_id="370202000000")

    own.post("/my/checkin/3/streets/370202001000/", {"find": "1"})

    assert again(checkin).area_id == "370202001000"


def test_one_press_chooses_a_community_of_the_street(world, person, own):
    checkin = world.draft(person, community_id=None, area_id="370202000000")

    response = own.post("/my/checkin/3/streets/370202001000/", {"community": world.there.pk})

    assert response["Location"] == reverse("my:check")
    assert again(checkin).community == world.there


def test_community_of_another_street_is_not_taken(world, person, own):
    checkin = world.draft(person, community_id=None, area_id="370202000000")

    own.post("/my/checkin/3/streets/370202001000/", {"community": world.city.communities[3].pk})

    assert again(checkin).community is None


def test_living_outside_the_city_makes_a_place_outside(world, person, own):
    checkin = world.draft(person, community_id=None, area_id="370202000000")

    response = own.post(
        "/my/checkin/2/elsewhere/",
        {"region": "山东省烟台市", "name": "大海阳社区", "address": "大海阳路 1 号"},
    )

    assert response["Location"] == reverse("my:check")
    place = again(checkin).community
    assert place is not None
    assert place.kind == Organisation.Kind.EXTERNAL_COMMUNITY
    assert "大海阳社区" in text_of(own.get("/my/checkin/4/"))


def test_submitting_without_consent_is_asked_for_it(world, person, own):
    checkin = world.draft(person)

    response = own.post("/my/checkin/4/", {})

    assert response.status_code == 422
    assert "请在“我同意”前面打勾" in text_of(response)
    assert again(checkin).state == State.DRAFT


def test_submitting_twice_is_submitting_once(world, person, own):
    checkin = world.draft(person)
    sent = {"consent": "on", "version": checkin.version}

    first, second = own.post("/my/checkin/4/", sent), own.post("/my/checkin/4/", sent)

    assert first["Location"] == second["Location"] == reverse("my:receipt")
    assert CheckIn.objects.filter(retiree=person).count() == 1


def test_family_contact_is_all_or_nothing(own, person):
    own.post("/my/start/")

    response = own.post("/my/checkin/1/family/", {"emergency_name": "王芳"})

    assert response.status_code == 422
    assert "请写下这位家人的手机号" in text_of(response)


def test_family_contact_is_kept_with_the_person(own, person):
    own.post("/my/start/")

    own.post(
        "/my/checkin/1/family/",
        {"emergency_name": "王芳", "emergency_relation": "daughter", "emergency_phone": "138 0013 8000"},
    )

    person.refresh_from_db()
    assert (person.emergency_name, person.emergency_phone) == ("王芳", "13800138000")
