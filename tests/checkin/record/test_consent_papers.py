"""The photograph of the consent paper: taken at the counter, filed with the check-in, seen by its staff."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core import signing
from django.test import Client

from checkin.record import actions, photos
from checkin.record.models import Channel, CheckIn, ConsentPaper
from checkin.record.views.counter import SALT
from huifeng.audit.actions import entries_about
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from tests.checkin.record.photographs import picture, upload
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FILES = tmp_path
    return tmp_path / "consent"


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def address_for(retiree: Retiree) -> str:
    return f"/community/register/{signing.dumps(retiree.pk, salt=SALT)}/"


def form(world: World, **changes: object) -> dict[str, object]:
    told = {
        "channel": "counter",
        "address": "云霄路 12 号",
        "community_id": world.here.pk,
        "consented": "on",
        "remarks": "左耳听不清",
    }
    return told | changes


@pytest.fixture
def paper(world: World, desk: Client) -> ConsentPaper:
    desk.post(address_for(world.member()), form(world, paper=upload()))
    return ConsentPaper.objects.get()


def test_the_photograph_is_filed_with_the_check_in(world: World, paper: ConsentPaper, folder: Path) -> None:
    assert paper.checkin == CheckIn.objects.get()
    assert paper.uploaded_by == world.clerk
    assert (folder / paper.file_name).stat().st_size == paper.size


def test_the_photograph_may_be_left_out(world: World, desk: Client) -> None:
    desk.post(address_for(world.member()), form(world))

    assert CheckIn.objects.exists()
    assert not ConsentPaper.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"GIF89a", "不是能打开的 jpg 或 png"), (picture() + b"\0" * photos.MOST_BYTES, "超过 5 MB")],
    ids=["no picture", "too large"],
)
def test_a_wrong_file_is_said_at_its_field_and_the_rest_is_kept(
    world: World, desk: Client, content: bytes, words: str
) -> None:
    answer = desk.post(address_for(world.member()), form(world, paper=upload(content)))

    assert answer.status_code == 422
    assert words in answer.context["form"].errors["paper"][0]
    assert "左耳听不清" in text_of(answer)
    assert not CheckIn.objects.exists()


def test_after_another_mistake_the_page_says_that_the_photograph_must_be_chosen_again(
    world: World, desk: Client
) -> None:
    answer = desk.post(address_for(world.member()), form(world, consented="", paper=upload()))

    assert "请再选一次" in text_of(answer)


def test_when_the_registration_fails_no_row_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(content: bytes) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(photos, "store", full)
    with pytest.raises(OSError, match="No space"):
        actions.register(
            world.member().pk, by=world.clerk, channel=Channel.COUNTER, community_id=world.here.pk,
            address="云霄路 12 号", paper=picture(),
        )  # fmt: skip

    assert not CheckIn.objects.exists()


def test_a_refused_registration_writes_no_file(world: World, folder: Path) -> None:
    waiting = world.submitted()

    with pytest.raises(RuleBroken):
        actions.register(
            waiting.retiree_id, by=world.clerk, channel=Channel.COUNTER, community_id=world.here.pk,
            address="云霄路 12 号", paper=picture(),
        )  # fmt: skip

    assert not folder.exists()


def test_staff_see_the_photograph_and_no_machine_keeps_it(paper: ConsentPaper, desk: Client) -> None:
    answer = desk.get(f"/papers/consent/{paper.pk}.jpg")

    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"].startswith("inline; filename")
    assert "no-store" in answer["Cache-Control"]
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert len(answer.content) == paper.size


def test_every_look_at_the_photograph_is_recorded(world: World, paper: ConsentPaper, desk: Client) -> None:
    desk.get(f"/papers/consent/{paper.pk}.jpg")

    entry = entries_about(paper.checkin).get(action="checkin.seen_paper")
    assert (entry.actor_id, entry.organisation_id) == (world.clerk.pk, world.here.pk)


def test_the_unit_of_the_person_sees_it_too(world: World, paper: ConsentPaper) -> None:
    assert browser_of(world.unit_clerk).get(f"/papers/consent/{paper.pk}.jpg").status_code == 200


def test_another_community_does_not(world: World, paper: ConsentPaper) -> None:
    assert browser_of(world.clerk_there).get(f"/papers/consent/{paper.pk}.jpg").status_code == 404


def test_the_photograph_is_for_staff(paper: ConsentPaper) -> None:
    user = paper.checkin.retiree.user
    assert user is not None

    assert browser_of(user).get(f"/papers/consent/{paper.pk}.jpg").status_code == 403


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_file_that_is_not_the_one_filed_is_not_shown(
    paper: ConsentPaper, desk: Client, folder: Path, harm: str
) -> None:
    file = folder / paper.file_name
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(picture(size=(10, 10)))

    answer = desk.get(f"/papers/consent/{paper.pk}.jpg")

    assert answer.status_code == 409
    assert "已经损坏" in text_of(answer)


def test_the_page_of_the_check_in_leads_to_it(paper: ConsentPaper, desk: Client) -> None:
    page = text_of(desk.get(f"/community/checkins/{paper.checkin_id}/"))

    assert "看同意书照片" in page
    assert f"/papers/consent/{paper.pk}.jpg" in page


def test_without_a_photograph_there_is_no_link(world: World, desk: Client) -> None:
    assert "看同意书照片" not in text_of(desk.get(f"/community/checkins/{world.confirmed().pk}/"))


def test_the_folder_is_not_below_what_is_served() -> None:
    assert not photos.folder().is_relative_to(project.STATIC_ROOT)
    assert not any(photos.folder().is_relative_to(folder) for folder in project.STATICFILES_DIRS)
