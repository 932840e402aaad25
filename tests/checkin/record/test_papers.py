"""The three papers, as files somebody prints."""

import io

import pypdf
import pytest
from django.test import Client
from PIL import Image

from checkin.record import actions
from checkin.record.papers import links
from checkin.record.papers.sheets import SHEETS, make
from huifeng.audit.actions import entries_about
from tests.checkin.world import World


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("key", list(SHEETS))
def test_each_paper_is_one_page_with_the_number_and_the_name(world: World, key: str) -> None:
    checkin = world.confirmed()

    pdf = make(SHEETS[key], [checkin])

    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    assert checkin.number in text_of(pdf)
    assert checkin.retiree.name in text_of(pdf)


@pytest.mark.parametrize("key", list(SHEETS))
def test_no_paper_shows_the_id_number_or_the_phone_of_the_person(world: World, key: str) -> None:
    checkin = world.confirmed()

    text = text_of(make(SHEETS[key], [checkin]))

    assert checkin.retiree.id_number not in text
    assert checkin.retiree.phone not in text


def test_the_longest_names_still_fit_on_one_page(world: World) -> None:
    checkin = world.confirmed(address="云霄路一百二十三号甲" * 8)
    checkin.unit.name = "青岛市" + "海洋与渔业" * 8 + "研究所"
    checkin.community.address = "市南区云霄路" * 6

    pages = {
        key: len(pypdf.PdfReader(io.BytesIO(make(sheet, [checkin]))).pages) for key, sheet in SHEETS.items()
    }

    assert pages == {"letter": 1, "receipt": 1, "card": 1}


def test_the_receipt_can_be_kept_on_a_phone(world: World) -> None:
    picture = Image.open(io.BytesIO(make(SHEETS["receipt"], [world.confirmed()], format="png")))

    assert picture.width >= 1600


def test_the_link_says_nothing_and_leads_back(world: World) -> None:
    checkin = world.submitted()

    signed = links.signed_token(checkin)

    assert links.find(signed) == checkin
    assert links.find(signed[:-1]) is None
    assert str(checkin.pk) not in signed.split(".")
    assert checkin.number not in signed


def test_the_person_gets_the_receipt(world: World, client: Client) -> None:
    checkin = world.submitted()
    client.force_login(checkin.retiree.user)

    answer = client.get(f"/papers/{checkin.pk}/receipt.pdf")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]


def test_a_stranger_does_not_find_the_receipt(world: World, client: Client) -> None:
    checkin = world.submitted()
    client.force_login(world.clerk_there)

    assert client.get(f"/papers/{checkin.pk}/receipt.pdf").status_code == 404


def test_printing_by_staff_is_logged(world: World, client: Client) -> None:
    checkin = world.submitted()
    client.force_login(world.clerk)

    client.get(f"/papers/{checkin.pk}/letter.pdf")

    assert entries_about(checkin).filter(action="checkin.printed").count() == 1


def test_there_is_no_card_before_the_confirmation(world: World, client: Client) -> None:
    checkin = world.submitted()
    client.force_login(world.clerk)

    assert client.get(f"/papers/{checkin.pk}/card.pdf").status_code == 409


def test_a_ceremony_prints_everyone(world: World, client: Client) -> None:
    people = [world.member(user=None) for _ in range(3)]
    ceremony = actions.hold_ceremony(
        world.unit.pk,
        by=world.unit_clerk,
        held_on=people[0].created_at.date(),
        people=[(person.pk, world.here.pk, "云霄路 1 号") for person in people],
    )
    client.force_login(world.unit_clerk)

    answer = client.get(f"/papers/ceremony/{ceremony.pk}/letter.pdf")

    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 3
