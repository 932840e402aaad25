"""People for tests: fictional, with valid ID numbers; members of units, people with accounts, code lists."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import factory
from django.db import connection, transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes import actions as codes
from huifeng.codes import labels
from huifeng.codes.models import CodeValue
from members.party.models import PartyOrganisation
from members.people import id_numbers, pinyin
from members.people.models import Helper, Retiree
from members.units.models import UnitMembership
from tests.communities.factories import UserFactory

CODES = Path(__file__).resolve().parents[2] / "members" / "people" / "data" / "codes.csv"


def load_codes() -> None:
    """Every code list, as `load_codes` brings them.

    Most tests begin with it, so what it wrote the first time is written again as it is, in one statement.
    """
    if CodeValue.objects.exists():
        _load_codes()
        return
    if _codes_as_json:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {_CODES} ({_COLUMNS})"
                f" SELECT {_COLUMNS} FROM json_populate_recordset(NULL::{_CODES}, %s)",
                _codes_as_json,
            )
        labels.forget()
        transaction.on_commit(labels.tell_everybody)
        return
    _load_codes()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT json_agg(c ORDER BY id)::text FROM {_CODES} c")
        _codes_as_json.append(cursor.fetchone()[0])


def _load_codes() -> None:
    with CODES.open(encoding="utf-8", newline="") as file:
        codes.load(csv.DictReader(file))


_CODES = CodeValue._meta.db_table
_COLUMNS = ", ".join(
    f'"{field.column}"' for field in CodeValue._meta.concrete_fields if not field.primary_key
)
_codes_as_json: list[str] = []  # of this process, empty before the first time


def make_id_number(serial: int, *, born: date = date(1950, 3, 8), sex: str = "M") -> str:
    """A valid fictional ID number; another one for each `serial` (0 to 499,999)."""
    place = 370100 + serial // 500 % 1000
    first_17 = f"{place}{born:%Y%m%d}{serial % 500 * 2 + (sex == 'M'):03d}"
    return first_17 + id_numbers.check_character(first_17)


def make_phone(serial: int) -> str:
    """A fictional mobile phone number; another one for each `serial`."""
    return f"139{serial % 100_000_000:08d}"


class RetireeFactory(factory.django.DjangoModelFactory):
    """A person of the roster without a unit. `id_number` and `phone` may be given, or "" for none."""

    class Meta:
        model = Retiree

    class Params:
        serial = factory.Sequence(lambda n: n + 1)

    name = "王建国"
    name_pinyin = factory.LazyAttribute(lambda person: pinyin.spell(person.name))
    sex = Retiree.Sex.MALE
    birth_date = date(1950, 3, 8)
    ethnicity = "01"
    kind = Retiree.Kind.TUIXIU
    retired_on = "2010-04"
    original_unit = "青岛市第一研究所"
    rank = "county_1"
    political_status = "cpc"
    id_number = factory.LazyAttribute(
        lambda person: make_id_number(person.serial, born=person.birth_date, sex=person.sex)
    )
    phone = factory.LazyAttribute(lambda person: make_phone(person.serial))

    @classmethod
    def _build(cls, model: type[Retiree], *args: Any, **kwargs: Any) -> Retiree:
        id_number, phone = kwargs.pop("id_number"), kwargs.pop("phone")
        retiree = model(*args, **kwargs)
        retiree.set_id_number(id_number)
        retiree.set_phone(phone)
        return retiree

    @classmethod
    def _create(cls, model: type[Retiree], *args: Any, **kwargs: Any) -> Retiree:
        retiree = cls._build(model, *args, **kwargs)
        retiree.save()
        return retiree


def make_member(unit: Organisation, *, since: date = date(2010, 4, 1), **fields: Any) -> Retiree:
    """A person of the roster whom `unit` manages since a day."""
    retiree = RetireeFactory(**fields)
    UnitMembership.objects.create(retiree=retiree, unit=unit, valid_from=since)
    return retiree


def make_account(phone: str, **fields: Any) -> User:
    """An account that logs in by phone."""
    user = UserFactory.build(**fields)
    user.set_phone(phone)
    user.save()
    return user


def make_linked_member(unit: Organisation, **fields: Any) -> Retiree:
    """A member who has logged in: `retiree.user` is the account, with the same phone."""
    retiree = make_member(unit, **fields)
    retiree.user = make_account(retiree.phone, username=f"retiree{retiree.pk}", display_name=retiree.name)
    retiree.save(update_fields=["user"])
    return retiree


def make_branch(host: Organisation, name: str = "离退休干部党支部", **fields: Any) -> PartyOrganisation:
    return PartyOrganisation.objects.create(
        host=host, name=name, kind=PartyOrganisation.Kind.BRANCH, **fields
    )


def make_helper(retiree: Retiree, **fields: Any) -> Helper:
    """Somebody who may act for `retiree`, with an account of their own."""
    user = fields.pop("user", None) or UserFactory()
    defaults = {
        "name": "王小明",
        "relation": "son",
        "consent": Helper.Consent.CODE,
        "consent_text": "test",
        "consented_at": timezone.now(),
    }
    return Helper.objects.create(retiree=retiree, user=user, **(defaults | fields))
