"""Every page and form, as every role, with hostile input: no 5xx, nothing unescaped, nothing that leads elsewhere.

It takes minutes and runs with TEST_ALL=1: every role, every page, every value. That what is stored is shown escaped is
looked at in every run. The choice is the same in every run.
"""

import os
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.utils import Error
from django.utils.csp import build_policy

from huifeng.codes import labels
from tests.communities.factories import UserFactory
from tests.matrix.addresses import classified
from tests.matrix.asking import session_of
from tests.matrix.conftest import Matrix
from tests.matrix.crawling import Crawl
from tests.matrix.hostile import TEXTS, WRITTEN
from tests.matrix.roles import Role

ALL = bool(os.environ.get("TEST_ALL"))
PAGES = [address for address in classified()[0] if not address.is_api]
FLOORS = ("communities", "members", "checkin", "services")
WHO = (
    "nobody", "retiree", "helper", "community clerk", "community lead", "unit clerk", "unit lead", "street",
    "district bureau lead", "city bureau",
)  # fmt: skip


@pytest.fixture
def crawl(matrix: Matrix) -> Crawl:
    policy = build_policy(settings.SECURE_CSP)
    return Crawl(matrix.caller, policy, payloads=len(TEXTS) if ALL else 1, thorough=ALL)


@pytest.mark.skipif(not ALL, reason="minutes: TEST_ALL=1")
@pytest.mark.timeout(7200)
def test_whatever_is_sent_is_answered(
    matrix: Matrix, crawl: Crawl, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = UserFactory(is_staff=True, is_superuser=True)
    for role in (*(matrix.roles[name] for name in WHO), Role("administrator", admin, session_of(admin))):
        crawl.walk(role, PAGES, matrix.town.sides["own"])

    with capsys.disabled():
        print(
            f"\nthe crawl: {crawl.statuses.total()} requests, {crawl.pages} pages, {crawl.forms} forms with "
            f"{crawl.boxes} boxes, taken {crawl.accepted} times; {dict(sorted(crawl.statuses.items()))}"
        )
    assert crawl.findings == []


def test_whatever_is_stored_is_shown_escaped(matrix: Matrix, crawl: Crawl) -> None:
    """Every text of every row ends in a script, as if it had come around our forms."""
    with transaction.atomic():
        planted = [f"{table}.{column}" for table, column, length in texts() if plant(table, column, length)]
        labels.forget()
        for name in ("retiree", "community lead", "unit lead", "city bureau"):
            role, own = matrix.roles[name], matrix.town.sides["own"]
            for path in (address.path(own) for address in PAGES if address.may_see(role, own)):
                crawl.ask(role, "GET", path)
        transaction.set_rollback(True)
    labels.forget()

    assert crawl.findings == []
    assert {"members_people_retiree.name", "communities_organisations_organisation.name"} <= set(planted)
    assert crawl.statuses[200] > 100


def texts() -> Iterator[tuple[str, str, int]]:
    """Columns that hold words, with the length that fits."""
    for config in apps.get_app_configs():
        if config.name.startswith(FLOORS):
            for model in config.get_models():
                for each in model._meta.concrete_fields:
                    if isinstance(each, models.CharField | models.TextField) and not (
                        each.choices or each.unique
                    ):
                        yield model._meta.db_table, each.column, each.max_length or 10_000


def plant(table: str, column: str, length: int) -> bool:
    """Whether the rows took it; codes, keys and what is append-only do not."""
    changed = f'left("{column}" || %s, %s)'
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = {changed} WHERE "{column}" <> \'\'', [WRITTEN, length]
            )
            return cursor.rowcount > 0
    except Error:
        return False
