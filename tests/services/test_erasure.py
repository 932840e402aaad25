"""What the engines hold of a person in words goes with an erasure; figures stay."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from checkin.rights import actions as rights
from huifeng.accounts.actions import account_for
from members.people import actions as people
from members.people.models import Retiree
from services.activities.models import ActivityPreset, Participation
from services.care import actions as care
from services.funds.models import Application
from services.requests import actions as requests
from services.requests.models import Request
from tests.checkin.rights.scanning import found
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff
from tests.services.activities import afternoon
from tests.services.care import presets as care_presets
from tests.services.funds import money
from tests.services.requests import asked

pytestmark = pytest.mark.django_db
NAME, WORDS, CARER = "欧阳擎宇", "擎宇自述", "司空望舒"


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES = tmp_path


def test_no_word_about_who_is_erased_is_left_in_the_engines() -> None:
    world = make_world()
    care_presets.load_presets()
    account = account_for("13777001234")
    person = world.confirmed(world.member(name=NAME, user=account, residence=world.here.division)).retiree
    _said(world, person.pk)
    before = found(NAME, WORDS, CARER, person.phone)
    assert {line.split(".")[0].split(":")[0] for line in before} > {
        "services_requests_requestwords", "services_funds_application", "services_care_carenote",
        "services_care_careseat", "services_activities_participation",
    }, before  # fmt: skip
    phone = person.phone
    death = people.report_death(person.pk, timezone.localdate(), by=world.unit_clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)
    wanted = rights.ask(person.pk, by=world.bureau_clerk, words="家属来办")

    rights.erase(wanted.pk, reason="近亲属申请，同意", by=make_staff(world.city.city))

    assert found(NAME, WORDS, CARER, phone) == []
    assert Request.objects.filter(retiree=person).count() == 1
    assert Application.objects.filter(retiree=person).count() == 1


def _said(world: World, pk: int) -> None:
    person = Retiree.objects.select_related("user").get(pk=pk)
    assert person.user is not None
    person.user.display_name = NAME
    person.user.save()
    asked.of_person(person, words=f"{WORDS}：请送饭")
    requests.receive(
        asked.preset("hotline").pk, None, words=f"{WORDS}来电", by=world.clerk, organisation_id=world.here.pk,
        channel="phone", wanted_desk="", caller=NAME, caller_phone=person.phone,
    )  # fmt: skip
    money.applied(world, person)
    Application.objects.filter(retiree=person).update(reason=WORDS)
    due = care.note_occasion(pk, "hospital", by=world.clerk, on=timezone.localdate(), office=world.here.pk)
    care.record_visit(due.pk, by=world.clerk, visited_on=timezone.localdate(), condition="good", words=WORDS)
    care.seat_team(pk, "card", [care.Seat(CARER)], by=world.clerk)
    afternoon.load_presets()
    tomorrow = timezone.localtime() + timedelta(days=1)
    presets = {preset.key: preset for preset in ActivityPreset.objects.all()}
    held = afternoon.Afternoon(world, world.here, world.clerk, tomorrow, presets)
    came = held.signed(held.activity(), person)
    Participation.objects.filter(pk=came.pk).update(rating_words=WORDS)
