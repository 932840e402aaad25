"""A lost second factor is reset by whoever appoints somebody; and a form comes back after the session ended."""

import base64
import json
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from communities.organisations import actions
from communities.organisations.models import Assignment
from communities.organisations.permissions import colleagues_of, works_for_bureau
from huifeng.accounts.kept import CONTEXT
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.sealed import unseal
from huifeng.texts.models import Text
from tests.communities.factories import PASSWORD, make_city, make_staff, make_unit
from tests.communities.threads import at_the_same_time
from tests.huifeng.factors import log_in

WHY = "旧手机掉进海里，本人来过"


@pytest.fixture
def city(db):
    return make_city()


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def with_factor(user: User) -> User:
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    return user


def entered(user: User) -> Client:
    client = Client()
    assert log_in(client, user.username, PASSWORD).status_code == 302
    return client


def test_resetting_takes_everything_away_tells_the_person_and_ends_sessions(city):
    boss, clerk = make_staff(city.city), make_staff(city.districts[0])
    clerk.set_phone("13812345678")
    clerk.save()
    client = entered(clerk)
    with_factor(clerk)

    assert actions.reset_second_factor(clerk.pk, by=boss, reason=WHY) == 2
    assert not Authenticator.objects.filter(user=clerk).exists()
    assert client.get("/bureau/").status_code == 302
    assert boss.display_name in Text.objects.get(phone_tail="5678").words
    entry = AuditEntry.objects.get(action="second_factor.reset")
    assert (entry.actor_id, entry.target_id, entry.note) == (boss.pk, str(clerk.pk), WHY)
    assert entry.before == {"factors": ["recovery_codes", "totp"]}


def test_resetting_twice_is_once(city):
    boss, clerk = make_staff(city.city), with_factor(make_staff(city.districts[0]))
    actions.reset_second_factor(clerk.pk, by=boss, reason=WHY)

    assert actions.reset_second_factor(clerk.pk, by=boss, reason=WHY) == 0
    assert AuditEntry.objects.filter(action="second_factor.reset").count() == 1


@pytest.mark.django_db(transaction=True)
def test_resetting_by_two_at_once_is_once():
    city = make_city()
    one, two, clerk = make_staff(city.city), make_staff(city.city), with_factor(make_staff(city.districts[0]))
    done = at_the_same_time(
        *(lambda by=by: actions.reset_second_factor(clerk.pk, by=by, reason=WHY) for by in (one, two))
    )

    assert sorted(done) == [0, 2]
    assert AuditEntry.objects.filter(action="second_factor.reset").count() == 1


def test_without_a_reason_nothing_is_reset(city):
    clerk = with_factor(make_staff(city.districts[0]))

    with pytest.raises(RuleBroken):
        actions.reset_second_factor(clerk.pk, by=make_staff(city.city), reason=" ")
    assert Authenticator.objects.filter(user=clerk).count() == 2


@pytest.mark.parametrize(
    ("of", "role", "target", "allowed"),
    [
        ("city", "clerk", "district", True),
        ("city", "clerk", "city", False),
        ("city", "lead", "city", True),
        ("district", "clerk", "city", False),
        ("district", "clerk", "neighbour", False),
        ("district", "clerk", "community", True),
        ("street", "clerk", "community", True),
        ("street", "clerk", "unit", False),
        ("community", "clerk", "community", False),
        ("community", "lead", "community", True),
        ("unit", "lead", "unit", True),
        ("unit", "lead", "community", False),
    ],
)
def test_the_own_lead_or_from_above(city, of, role, target, allowed):
    places = {
        "city": city.city,
        "district": city.districts[0],
        "neighbour": city.districts[1],
        "street": city.streets[0],
        "community": city.communities[0],
        "unit": make_unit(),
    }
    by, clerk = make_staff(places[of], role), with_factor(make_staff(places[target]))

    assert (clerk in colleagues_of(by)) is allowed
    if allowed:
        assert actions.reset_second_factor(clerk.pk, by=by, reason=WHY) == 2
    else:
        with pytest.raises(PermissionDenied):
            actions.reset_second_factor(clerk.pk, by=by, reason=WHY)


def test_the_account_of_a_system_is_nobodys_colleague(city):
    lead, system = make_staff(city.communities[0], "lead"), make_staff(city.communities[0])
    assert system in colleagues_of(lead)

    system.set_unusable_password()
    system.save()

    assert system not in colleagues_of(lead)


def test_nobody_resets_their_own(city):
    lead = with_factor(make_staff(city.city, Assignment.Role.LEAD))

    with pytest.raises(PermissionDenied):
        actions.reset_second_factor(lead.pk, by=lead, reason=WHY)


def test_who_also_works_elsewhere_is_not_one_leads_to_decide(city):
    """Else a community could open the door of a bureau."""
    lead = make_staff(city.communities[0], Assignment.Role.LEAD)
    clerk = with_factor(make_staff(city.communities[0]))
    actions.assign(clerk.pk, city.city.pk, role="clerk", by=User.objects.system())

    with pytest.raises(PermissionDenied):
        actions.reset_second_factor(clerk.pk, by=lead, reason=WHY)


def test_an_administrators_is_reset_from_the_command_line_only(city):
    clerk = with_factor(make_staff(city.districts[0], is_staff=True))
    with pytest.raises(PermissionDenied):
        actions.reset_second_factor(clerk.pk, by=make_staff(city.city), reason=WHY)
    out = StringIO()

    call_command("reset_second_factor", clerk.username, reason=WHY, stdout=out)

    assert "2 taken away" in out.getvalue()
    assert AuditEntry.objects.get(action="second_factor.reset").actor == "系统"


@pytest.mark.parametrize(("name", "reason"), [("nobody", WHY), ("known", "")])
def test_the_command_says_what_is_wrong(city, name, reason):
    with_factor(make_staff(city.districts[0], username="known"))

    with pytest.raises(CommandError):
        call_command("reset_second_factor", name, reason=reason)


def test_bureaus_are_those_of_city_and_districts(city):
    assert works_for_bureau(make_staff(city.city))
    assert works_for_bureau(make_staff(city.districts[0]))
    assert not works_for_bureau(make_staff(city.streets[0]))
    assert not works_for_bureau(make_staff(city.communities[0]))


def test_who_works_for_a_street_and_a_bureau_is_asked_as_a_bureau(city, settings):
    settings.SECOND_FACTOR = "bureau"
    clerk = make_staff(city.streets[0])
    Assignment.objects.create(
        user=clerk, organisation=city.districts[0], role="clerk", valid_from="2026-01-01"
    )

    assert entered(clerk).get("/bureau/")["Location"] == "/login/second/"


# The pages


def test_the_page_lists_whom_one_appoints_and_resets(city):
    boss, clerk = make_staff(city.city), with_factor(make_staff(city.districts[0], display_name="李敏"))
    make_staff(city.districts[0], display_name="赵刚")
    make_staff(city.city, display_name="同级")
    client = entered(boss)
    shown = client.get("/bureau/colleagues/").content.decode()
    assert "李敏" in shown
    assert "赵刚" in shown
    assert "同级" not in shown
    assert "赵刚" not in client.get("/bureau/colleagues/?q=李").content.decode()

    assert client.post(f"/bureau/colleagues/{clerk.pk}/reset/", {"reason": ""}).status_code == 422
    answer = client.post(f"/bureau/colleagues/{clerk.pk}/reset/", {"reason": WHY}, follow=True)
    assert "李敏的第二步验证已重设" in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_the_page_of_somebody_else_s_staff_is_not_found(city):
    clerk = with_factor(make_staff(city.districts[1]))

    assert (
        entered(make_staff(city.districts[0])).get(f"/bureau/colleagues/{clerk.pk}/reset/").status_code == 404
    )


# A form that was being filled when the session ended


@pytest.fixture
def written(city, clock):
    """A boss who wrote why, slowly, and sent it after half an hour: the browser, the page, the login it led to."""
    boss, clerk = make_staff(city.city), with_factor(make_staff(city.districts[0]))
    client, page = entered(boss), f"/bureau/colleagues/{clerk.pk}/reset/"
    clock.shift(timedelta(minutes=31))
    sent = client.post(
        page, {"reason": WHY, "csrfmiddlewaretoken": "x"}, headers={"Referer": f"http://testserver{page}"}
    )
    assert sent["Location"].startswith("/login/staff/?idle=1&next=%2Fbureau%2Fcolleagues%2F")
    return client, page, boss


def test_what_was_typed_comes_back_after_the_login_and_was_not_done(written):
    client, page, boss = written
    assert log_in(client, boss.username, PASSWORD, next=page)["Location"] == page
    shown = client.get(page).content.decode()

    assert WHY in shown
    assert "您刚才填的内容还在" in shown
    assert Authenticator.objects.count() == 2
    assert WHY not in client.get(page).content.decode()


def test_what_was_typed_is_sealed_in_the_meantime(written):
    client, _, _ = written

    assert "kept_form" in client.session
    assert WHY not in str(dict(client.session))
    assert "%E6%89%8B" not in str(dict(client.session))


def test_what_was_typed_is_forgotten_after_ten_minutes(written, clock):
    client, page, boss = written
    log_in(client, boss.username, PASSWORD)
    clock.shift(timedelta(minutes=10, seconds=1))

    assert WHY not in client.get(page).content.decode()
    assert "kept_form" not in client.session


def test_what_was_typed_is_not_shown_to_somebody_else(written, city):
    client, page, _ = written
    other = make_staff(city.city)
    log_in(client, other.username, PASSWORD)

    assert WHY not in client.get(page).content.decode()
    assert "kept_form" not in client.session


def test_what_was_typed_is_shown_on_its_own_page_only(written):
    client, page, boss = written
    log_in(client, boss.username, PASSWORD)

    assert WHY not in client.get("/bureau/colleagues/").content.decode()
    assert WHY in client.get(page).content.decode()


def test_a_password_is_never_kept(city, clock):
    client = entered(make_staff(city.city))
    clock.shift(timedelta(minutes=31))
    said = {"old_password": PASSWORD, "new_password1": "a", "new_password2": "a"}
    client.post("/login/password/", said, headers={"Referer": "http://testserver/login/password/"})
    assert "kept_form" not in client.session

    client = entered(make_staff(city.city))
    clock.shift(timedelta(minutes=31))
    client.post(
        "/bureau/colleagues/",
        {"q": "x", "password": "geheim"},
        headers={"Referer": "http://testserver/bureau/"},
    )
    assert "geheim" not in kept_words(client)
    assert "q=x" in kept_words(client)


def kept_words(client: Client) -> str:
    return str(json.loads(unseal(base64.b64decode(client.session["kept_form"]), CONTEXT))["words"])


def test_files_and_large_forms_are_not_kept(city, clock):
    headers = {"Referer": "http://testserver/bureau/"}
    for name, said in (("large", {"q": "x" * 66_000}), ("file", {"q": "x", "photo": BytesIO(b"picture")})):
        client = entered(make_staff(city.city))
        clock.shift(timedelta(minutes=31))
        client.post("/bureau/colleagues/", said, headers=headers)
        assert ("kept_form" in client.session) is (name == "file")
        assert name == "large" or kept_words(client) == "q=x"
