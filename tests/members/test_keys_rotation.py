"""Changing keys: every value and index of every table goes over to the newest, and is the same value."""

import json
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.accounts.second_factor import SecondFactorAdapter
from huifeng.audit.models import AuditEntry
from huifeng.jobs import files, running
from huifeng.jobs.models import Job, StoredFile
from huifeng.keys import actions, columns
from huifeng.sealed import SealedBytesField, blind_index, blind_indexes, seal, unseal_bytes
from huifeng.texts.models import Text
from members.duplicates import actions as duplicates
from members.exports.models import ExportOrder
from members.people.actions import accept_by_code, ask_to_help
from members.people.models import HelperRequest, Retiree
from members.roster.models import ImportBatch, ImportRow
from tests.communities.factories import UserFactory
from tests.huifeng.keys import AES_NEW, INDEX_NEW, SM3, SM4, both, only_new, only_old
from tests.members.factories import make_account, make_linked_member, make_member

pytestmark = pytest.mark.django_db

FILE = b"a roster of people " * 1000


@pytest.fixture
def world(settings, unit, unit_clerk) -> list[Retiree]:
    """Something under the old keys in tables of every sort."""
    only_old(settings)
    people = [
        make_linked_member(unit),
        make_member(unit, emergency_phone="13700000001"),
        make_member(unit, phone=""),
    ]
    Text.objects.create(key="a", phone="13812345678", phone_tail="5678", words="您的登录数字是 123456")
    file = files.store("名册.xlsx", FILE, files.XLSX, by=unit_clerk)
    batch = ImportBatch.objects.create(
        organisation=unit, by=unit_clerk, file=file, file_name="名册.xlsx", sha256=""
    )
    ImportRow.objects.create(
        batch=batch,
        sheet="1",
        row=2,
        verdict="changed",
        name="王建国",
        id_number=people[0].id_number,
        phone="13900000009",
        old_phone=seal("13900000008", "people.phone"),
        old_phone_index=blind_index("13900000008", "phone"),
        old_emergency_phone=seal("13900000007", "people.emergency_phone"),
    )
    job = Job.objects.create(kind="x", title="x", by=unit_clerk)
    ExportOrder.objects.create(
        key=uuid4(), job=job, by=unit_clerk, organisation=unit, filters='{"q": "王建国"}', columns=["name"]
    )
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, finished_at=timezone.now())
    return people


def plain() -> dict[str, list[tuple[Any, ...]]]:
    """Every sealed value in the open, by table; rows without one are left out."""
    found = {}
    for table in columns.tables():
        rows = table.model._base_manager.order_by("pk").values_list(*(field.name for field in table.sealed))
        opened = [tuple(map(in_the_open, table.sealed, row)) for row in rows]
        found[table.label] = [row for row in opened if any(row)]
    return found


def in_the_open(field: Any, value: Any) -> Any:
    return unseal_bytes(value, field.context) if value and isinstance(field, SealedBytesField) else value


def raw() -> dict[str, list[Any]]:
    """Every row of those tables as it lies in the database."""
    found = {}
    with connection.cursor() as cursor:
        for table in columns.tables():
            names = ", ".join(f'"{field.column}"' for field in (*table.sealed, *table.indexes))
            cursor.execute(f'SELECT {names} FROM "{table.model._meta.db_table}" ORDER BY id')
            found[table.label] = cursor.fetchall()
    return found


def rotate(by: User | None = None) -> dict[str, Any]:
    job = running.run(actions.start(by=by or User.objects.system()).pk)
    assert job is not None
    assert job.state == Job.State.DONE, job.error
    return job.result


def test_everything_opens_when_the_old_keys_are_gone(settings, world):
    before = plain()
    both(settings)

    result = rotate()

    only_new(settings)
    assert (result["left"], result["left_because"]) == (0, {})
    assert plain() == before
    row = ImportRow.objects.get()
    assert files.content_of(StoredFile.objects.get()) == FILE
    assert [bytes(i) for i in (row.phone_index, row.old_phone_index)] == [
        blind_index("13900000009", "phone"),
        blind_index("13900000008", "phone"),
    ]
    assert [Retiree.objects.with_id_number(p.id_number).get() for p in world] == world
    assert [Retiree.objects.with_phone(p.phone).first() for p in world] == [*world[:2], None]
    assert User.objects.with_phone(world[0].phone) == world[0].user


def test_an_authenticator_and_recovery_codes_go_over_and_once(settings, world, unit_clerk):
    adapter = SecondFactorAdapter()
    for kind, name in ((Authenticator.Type.TOTP, "secret"), (Authenticator.Type.RECOVERY_CODES, "seed")):
        Authenticator.objects.create(user=unit_clerk, type=kind, data={name: adapter.encrypt("JBSWY3DP")})
    both(settings)

    rotate()
    after = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    rotate()

    only_new(settings)
    assert [adapter.decrypt(secret) for data in after for secret in data.values()] == ["JBSWY3DP"] * 2
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == after


def test_every_table_is_done_with_the_newest_key_and_algorithm(settings, world):
    both(settings)

    result = rotate()

    values = [value for rows in raw().values() for row in rows for value in row if value is not None]
    sealed = [bytes(value) for value in values if len(value) > 32]
    assert {value[:6] for value in sealed} == {SM4.header}
    assert (result["resealed"], result["reindexed"]) == (len(sealed), len(values) - len(sealed))
    assert result["field_key"] == SM4.name
    assert len({label for label, rows in raw().items() if rows}) >= 6


def test_values_of_the_first_layout_go_over(settings, world):
    person = world[0]
    cipher = AESGCM(settings.FIELD_KEYS[0].secret)
    old = b"\x01" + b"n" * 12 + cipher.encrypt(b"n" * 12, person.id_number.encode(), b"people.id_number")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_people_retiree SET id_number = %s WHERE id = %s", [old, person.pk])
    both(settings)

    rotate()

    only_new(settings)
    assert Retiree.objects.get(pk=person.pk).id_number == person.id_number


def test_neither_version_nor_time_of_change_moves(settings, world):
    before = list(Retiree.objects.order_by("pk").values_list("version", "updated_at"))
    both(settings)

    rotate()

    assert list(Retiree.objects.order_by("pk").values_list("version", "updated_at")) == before


def test_a_second_run_changes_nothing(settings, world):
    both(settings)
    rotate()
    before = raw()

    result = rotate()

    assert (result["resealed"], result["reindexed"], result["left"]) == (0, 0, 0)
    assert raw() == before


def test_a_change_of_the_index_key_alone_seals_nothing_again(settings, world):
    settings.INDEX_KEYS = (INDEX_NEW, *settings.INDEX_KEYS)

    result = rotate()

    assert (result["resealed"], result["reindexed"]) == (0, 9)
    settings.INDEX_KEYS = (INDEX_NEW,)
    assert Retiree.objects.with_id_number(world[1].id_number).get() == world[1]


def test_the_key_of_the_field_alone_leaves_the_indexes(settings, world):
    settings.FIELD_KEYS = (AES_NEW, *settings.FIELD_KEYS)

    result = rotate()

    assert (result["resealed"] > 0, result["reindexed"]) == (True, 0)


def test_a_run_is_audited_once_and_names_no_secret(settings, world):
    both(settings)

    rotate()

    entry = AuditEntry.objects.get(action="keys.rotated")
    assert (entry.actor_id, entry.after["left"]) == (User.objects.system().pk, 0)
    assert entry.after["field_key"] == f"sm4-gcm:{SM4.id.hex()}"


def test_a_run_that_is_repeated_because_its_worker_died_at_the_end_is_audited_once(settings, world):
    both(settings)
    job = actions.start(by=User.objects.system())
    running.run(job.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, finished_at=None)

    running.run(job.pk)

    assert AuditEntry.objects.filter(action="keys.rotated").count() == 1


def test_a_value_that_does_not_open_is_left_and_said(settings, world):
    settings.FIELD_KEYS = (AES_NEW,)
    lost = seal("13800000000", "texts.phone")
    only_old(settings)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE texts_text SET phone = %s", [lost])
    both(settings)

    result = rotate()

    assert result["left"] == 1
    (why,) = result["left_because"]
    assert why.startswith("texts.Text does not open")
    assert AES_NEW.id.hex() in why
    assert "13800000000" not in why


def test_two_rows_of_one_number_are_left_and_said(settings, world):
    """Written by a process that knew only the old key, beside one that wrote with the new."""
    both(settings)
    twin = make_member(world[0].memberships.get().unit)
    number = world[0].id_number
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_people_retiree SET id_number = %s, id_index = %s WHERE id = %s",
            [seal(number, "people.id_number"), blind_index(number, "id_number"), twin.pk],
        )

    result = rotate()

    assert result["left_because"] == {"members_people.Retiree clash": 1}
    assert set(Retiree.objects.filter(id_index__in=blind_indexes(number, "id_number"))) == {world[0], twin}
    only_new(settings, index=SM3)
    assert (
        Retiree.objects.with_id_number(world[1].id_number).get() == world[1]
    )  # the rest of the batch is done


def test_a_worker_with_other_keys_does_not_touch_it(settings, world):
    both(settings)
    job = actions.start(by=User.objects.system())
    only_old(settings)
    before = raw()

    job = running.run(job.pk)

    assert (job.state, raw()) == (Job.State.FAILED, before)
    assert "重新启动所有进程" in job.error


def test_starting_it_again_goes_on_with_the_one_under_way(settings, world):
    both(settings)

    first, second = (actions.start(by=User.objects.system()) for _ in range(2))

    assert first == second


def test_one_that_was_killed_too_often_makes_room_for_a_new_one(settings, world):
    both(settings)
    dead = actions.start(by=User.objects.system())
    Job.objects.filter(pk=dead.pk).update(state=Job.State.RUNNING, attempts=running.MOST_ATTEMPTS)

    new = actions.start(by=User.objects.system())

    dead.refresh_from_db()
    assert (dead.state, new.pk != dead.pk) == (Job.State.FAILED, True)


def test_the_command_says_it_in_one_line(settings, world, capsys):
    both(settings)

    call_command("rotate_keys", "--json")

    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["left"], said["field_key"], said["index_key"]) == (0, SM4.name, SM3.name)
    assert said["resealed"] > 10
    assert set(said["old_index_keys_needed_until"]) == set(columns.fading())


def test_the_command_ends_with_1_when_something_is_left(settings, world, capsys):
    settings.FIELD_KEYS = (AES_NEW,)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE texts_text SET phone = %s", [seal("13800000000", "texts.phone")])
    both(settings)

    with pytest.raises(SystemExit) as ended:
        call_command("rotate_keys")

    assert ended.value.code == 1
    assert "旧密钥下还有 1 个" in capsys.readouterr().out


def test_a_merge_can_be_undone_after_the_old_keys_are_gone(settings, world, unit, bureau_clerk):
    kept, other = make_member(unit), make_member(unit, interests=["chess"])
    merge = duplicates.merge(kept.pk, other.pk, by=bureau_clerk)
    both(settings)

    result = rotate()

    only_new(settings)
    assert result["rehashed"] > 0
    duplicates.undo_merge(merge.pk, by=bureau_clerk)
    other.refresh_from_db()
    assert other.merged_into is None


def test_a_helper_s_code_is_right_while_the_old_key_is_there(settings, member):
    only_old(settings)
    asker = UserFactory()
    person = make_account("13800000099")
    member.set_phone("13800000099")
    member.user = person
    member.save()
    ask_to_help(
        name="王小明",
        relation="son",
        elder_name=member.name,
        birth_month="1950-03",
        phone="13800000099",
        by=asker,
    )
    code = Text.objects.latest("pk").words
    both(settings)

    request = HelperRequest.objects.get()
    digits = next(part for part in code.replace("，", " ").split() if part.strip("。").isdigit()).strip("。")
    helper = accept_by_code(request.pk, digits, by=asker)

    assert (helper.user, helper.consented_at <= timezone.now()) == (asker, True)


def test_rotating_takes_a_system_that_has_nothing(settings, db):
    both(settings)

    result = rotate()

    assert (result["resealed"], result["left"]) == (0, 0)
