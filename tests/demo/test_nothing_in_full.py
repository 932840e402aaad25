"""No ID number and no phone of a person stands in full on any page or in any file, except on a person's own pages
and where somebody asked for it with a reason (which is a POST, and audited). Logs: tests/conftest.py.

Each role goes from its home wherever a link leads. The numbers looked for are those of everybody in the city.
"""

import io
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from pypdf import PdfReader

from demo import filling
from demo.models import DemoCity
from huifeng.accounts.models import User
from members.people.models import Helper, Retiree

pytestmark = pytest.mark.timeout(900)

MEMBERS, TODAY = 150, date(2026, 11, 20)
STAFF = ("community", "unit", "street", "district", "bureau")
MOST_OF_A_KIND = 2  # pages of one route that are opened: a hundred people look alike
LEFT_OUT = re.compile(r"^/(?:static|admin|logout|demo)/")
NUMBER = re.compile(rb"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker) -> Iterator[DemoCity]:
    with django_db_blocker.unblock(), transaction.atomic():
        row = filling.fill(MEMBERS, seed=1, today=TODAY, say=lambda words: None)
        __import__("django.db").db.connection.cursor().execute("SET LOCAL statement_timeout = 15000")
        filling.live_on(row)
        yield row
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def numbers(city: DemoCity) -> dict[bytes, set[int]]:
    """Every number of the city, with the people whose it is."""
    found: dict[bytes, set[int]] = {}
    for person in Retiree.objects.all():
        for number in (person.id_number, person.phone, person.emergency_phone):
            if number:
                found.setdefault(number.encode(), set()).add(person.pk)
    assert len(found) > 2 * MEMBERS
    return found


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
            if found in numbers and not numbers[found] & own
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


@pytest.mark.parametrize("role", STAFF)
def test_staff_come_across_no_full_number(city: DemoCity, numbers, role: str, db) -> None:
    account = next(known for known in city.accounts if known["role"] == role)

    done = walk(User.objects.get(username=account["login"]), numbers, set(), account["home"], "/search/?q=王")

    assert not done.seen, "\n".join(done.seen)
    assert len(done.pages) > 15, done.pages


@pytest.mark.parametrize("role", ["retiree_confirmed", "retiree_waiting", "retiree_draft", "helper"])
def test_people_come_across_nobody_s_number_but_their_own(city: DemoCity, numbers, role: str, db) -> None:
    account = next(known for known in city.accounts if known["role"] == role)
    user = User.objects.with_phone(account["login"])
    helped = Helper.objects.filter(user=user, ended_at=None).values_list("retiree_id", flat=True)
    own = {*Retiree.objects.filter(user=user).values_list("pk", flat=True), *helped}

    done = walk(user, numbers, own, account["home"])

    assert not done.seen, "\n".join(done.seen)
    assert len(done.pages) > 5, done.pages
