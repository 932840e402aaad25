"""The pictures of README.md. TEST_PICTURES=docs/pictures writes them anew; otherwise they are only made."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from huifeng.accounts.models import User
from tests.checkin.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FOLDER = os.environ.get("TEST_PICTURES")
NAMES = ["刘玉兰", "赵德胜", "孙秀英", "周兆祥", "吴素珍"]


@pytest.fixture
def busy(world: World) -> World:
    for name in NAMES[:3]:
        world.submitted(world.member(name=name))
    world.returned(world.member(name=NAMES[3]))
    world.confirmed(world.member(name=NAMES[4]))
    return world


def retiree(world: World) -> tuple[User, str, int]:
    person = world.member(name="王建国")
    assert person.user is not None
    return person.user, "/my/", 360


def progress(world: World) -> tuple[User, str, int]:
    checkin = world.submitted(world.member(name="王建国"))
    assert checkin.retiree.user is not None
    return checkin.retiree.user, "/my/progress/", 360


def today(world: World) -> tuple[User, str, int]:
    return world.clerk, "/community/", 1366


def area(world: World) -> tuple[User, str, int]:
    return world.bureau_clerk, "/bureau/", 1366


SHOTS = {
    "retiree-home": retiree,
    "retiree-progress": progress,
    "community-today": today,
    "bureau-overview": area,
}


@pytest.mark.parametrize("name", list(SHOTS))
def test_a_picture_for_the_readme(busy: World, logged_in: Callable[..., Page], name: str) -> None:
    user, path, width = SHOTS[name](busy)
    page = logged_in(user, path, width=width)

    shot = page.screenshot()

    picture = Image.open(io.BytesIO(shot))
    assert picture.width == width
    assert len(picture.convert("L").getcolors() or []) > 8
    if FOLDER:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        (Path(FOLDER) / f"{name}.png").write_bytes(shot)
