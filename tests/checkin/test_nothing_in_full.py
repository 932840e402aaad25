"""No ID number and no phone of a person stands in full on any page or in any file, except on a person's own pages
and where somebody asked for it with a reason (which is a POST, and audited). Logs: tests/whole_log.py.

Each role goes from its home wherever a link leads. The numbers looked for are those of everybody in the city.
"""

import io
import re
import zipfile
from collections import deque
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.http import HttpResponseBase
from django.test import Client
from pypdf import PdfReader

from checkin.proposals.actions import propose
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.duplicates.finding import search
from members.people.models import IdentityClaim, Retiree
from members.roster.models import ImportBatch
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.test_every_page import Stage
from tests.members.factories import make_account, make_id_number, make_member, make_phone
from tests.members.roster.rosters import planned, row, row_of

pytestmark = pytest.mark.django_db

MOST_OF_A_KIND = 1  # pages of one kind that are opened: they look alike
AUDITED = re.compile(
    r"^(?:unit|bureau)/roster/<int:pk>/upload/$"
)  # the file staff sent; each look is written down
LEFT_OUT = re.compile(r"^/(?:static|admin|logout|demo)/")
NUMBER = re.compile(rb"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")


@pytest.fixture
def stage(world: World) -> Stage:
    """A world with something on every page, and what people may ask of staff on the way."""
    call_command("load_calendar", verbosity=0)
    stage = Stage(world)
    waiting, double = stage.waiting.retiree, make_member(world.unit, name="赵德胜")
    for serial, person in enumerate(Retiree.objects.order_by("pk")):
        person.emergency_name, person.emergency_phone = "王小明", make_phone(90_000 + serial)
        person.save(update_fields=["emergency_name", "emergency_phone"])
    IdentityClaim.objects.create(
        user=make_account(make_phone(80_000)), retiree=double, desk=world.unit, name="赵德胜", birth_month="1950-03",
        phone=make_phone(80_000),
    )  # fmt: skip
    new = {"id_number": make_id_number(70_000)}
    propose(waiting.pk, new, why="看过身份证", by=world.clerk, organisation_id=world.here.pk)
    roster = row_of(waiting, 手机号码=make_phone(60_000))
    planned(world.unit, world.unit_clerk, roster, row(1, 手机号码=make_phone(60_001)))
    search()
    return stage


def numbers_of_everybody() -> dict[bytes, set[int]]:
    """Every number there is, with the people whose it is."""
    found: dict[bytes, set[int]] = {}
    for person in Retiree.objects.all():
        for number in (person.id_number, person.phone, person.emergency_phone):
            if number:
                found.setdefault(number.encode(), set()).add(person.pk)
    others = [make_phone(serial) for serial in (80_000, 60_000, 60_001)]
    others += [make_id_number(70_000), str(row(1)["身份证号"])]
    return found | {number.encode(): {0} for number in others}


@dataclass
class Walk:
    """What one account came across."""

    pages: dict[str, int] = field(default_factory=dict)  # by route
    seen: list[str] = field(default_factory=list)  # where a number stood that is not the reader's own
    kinds: set[str] = field(default_factory=set)


def walk(user: User, numbers: dict[bytes, set[int]], own: set[int], *starts: str) -> Walk:
    client, done = Client(raise_request_exception=True), Walk()
    client.force_login(user)
    waiting, known = deque(starts), set(starts)
    while waiting:
        address = waiting.popleft()
        answer = client.get(address, follow=False)
        route = answer.resolver_match.route if getattr(answer, "resolver_match", None) else address
        done.pages[route] = done.pages.get(route, 0) + 1
        done.kinds.add(answer.get("Content-Type", "").partition(";")[0])
        content = content_of(answer)
        done.seen += [
            f"{route}: {'ID number' if len(found) == 18 else 'phone'} of person {sorted(numbers[found])}"
            for found in {found.upper() for found in NUMBER.findall(plain(content))}
            if found in numbers and not numbers[found] & own and not AUDITED.match(route)
        ]
        for link in [*links(content), answer.get("Location", "")]:
            target = urlsplit(link)._replace(fragment="").geturl()
            if not target.startswith("/") or LEFT_OUT.match(target) or target in known:
                continue
            known.add(target)
            if done.pages.get(kind_of(target), 0) < MOST_OF_A_KIND:
                done.pages[kind_of(target)] = done.pages.get(kind_of(target), 0) + 1
                waiting.append(target)
    return done


def kind_of(address: str) -> str:
    """An address without what tells one row from another: pages of one kind look alike."""
    parts = urlsplit(address)
    names = "&".join(sorted(part.partition("=")[0] for part in parts.query.split("&")))
    return re.sub(r"\d+", "0", parts.path) + "?" + names


def content_of(answer: HttpResponseBase) -> bytes:
    content = b"".join(answer) if answer.streaming else answer.content
    if content[:4] == b"PK\x03\x04":  # a workbook
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    if content[:5] == b"%PDF-":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    return content


def plain(content: bytes) -> bytes:
    """Without the spaces that part the digits of a phone: 138 1234 5678."""
    text = re.sub("(?<=[0-9])[ \u00a0\u202f\u2009-](?=[0-9])".encode(), b"", content)
    return re.sub(rb"(?<=[0-9])(?:&nbsp;|\xc2\xa0|\xe2\x80\xaf)(?=[0-9])", b"", text)


def links(content: bytes) -> list[str]:
    text = content.decode("utf-8", "replace")
    return [unescape(link) for link in re.findall(r'(?:href|hx-get)="(/[^"]*)"', text)]


@pytest.mark.parametrize("role", ["clerk", "unit_clerk", "street_clerk", "bureau_clerk", "city"])
def test_staff_come_across_no_full_number(stage: Stage, role: str) -> None:
    world = stage.world
    user = make_staff(world.city.city) if role == "city" else getattr(world, role)
    home = {"clerk": "/community/", "unit_clerk": "/unit/"}.get(role, "/bureau/")

    done = walk(user, numbers_of_everybody(), set(), home, "/search/?q=赵")

    assert not done.seen, "\n".join(done.seen)
    assert len(done.pages) > 15, done.pages


def test_the_file_that_was_sent_is_the_only_one_with_numbers_and_is_written_down(stage: Stage) -> None:
    batch = ImportBatch.objects.get()
    client = Client()
    client.force_login(stage.world.unit_clerk)

    content = content_of(client.get(f"/unit/roster/{batch.pk}/upload/"))

    assert str(row(1)["身份证号"]).encode() in content
    assert AuditEntry.objects.filter(action="roster.upload_downloaded", target_id=str(batch.pk)).count() == 1


@pytest.mark.parametrize("role", ["fresh", "draft", "waiting", "confirmed", "helper"])
def test_people_come_across_nobody_s_number_but_their_own(stage: Stage, role: str) -> None:
    row = stage.confirmed if role == "helper" else getattr(stage, role)
    person = getattr(row, "retiree", row)
    user = stage.helper if role == "helper" else person.user

    done = walk(user, numbers_of_everybody(), {person.pk}, "/my/")

    assert not done.seen, "\n".join(done.seen)
    assert len(done.pages) > 5, done.pages
