"""Whoever changes, removes, swaps or adds rows around the program, even as the owner of the tables, is found."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, ProgrammingError, connection, transaction
from django.utils import timezone

from huifeng.audit import registry
from huifeng.audit.anchoring import anchor
from huifeng.audit.models import AuditAnchor, AuditCheck, AuditEntry, AuditSeal
from huifeng.audit.sealing import seal
from tests.huifeng.audit.entries import as_intruder, verify, whats, write

pytestmark = pytest.mark.django_db(transaction=True)
ENTRY, SEAL = AuditEntry._meta.db_table, AuditSeal._meta.db_table


@pytest.fixture
def keys() -> list[int]:
    """2,500 sealed entries in three seals."""
    made = write(2500)
    seal()
    return made


def test_an_untouched_chain_holds(keys: list[int]):
    write(2)

    figures, code = verify()

    assert code == 0
    assert figures.pop("seconds") >= 0
    assert figures == {"entries": 2502, "sealed": 2500, "unsealed": 2, "seals": 3, "broken": []}


CHANGES = (
    "at = at + interval '1 microsecond'", "actor_id = actor_id + 1", "actor = '别人'", "organisation_id = 7",
    "action = 'test.other'", "target_type = 'x.y'", "target_id = '9'", "before = 'null'", "after = '{\"a\": 1}'",
    "note = ''", "request_id = 'x'",
)  # fmt: skip


def test_a_changed_row_is_found_whichever_column_it_is(keys: list[int]):
    changed = keys[1700 : 1700 + len(CHANGES)]
    for key, change in zip(changed, CHANGES, strict=True):
        as_intruder(f"UPDATE {ENTRY} SET {change} WHERE id = %s", key)

    figures, code = verify()

    assert code == 1
    assert figures["broken"] == [{"seal": 2, "entry": key, "what": "changed"} for key in changed]


def test_a_removed_row_is_found(keys: list[int]):
    as_intruder(f"DELETE FROM {ENTRY} WHERE id = %s", keys[3])

    figures, code = verify()

    assert code == 1
    assert figures["broken"] == [{"seal": 1, "entry": keys[3], "what": "removed"}]
    assert (figures["entries"], figures["sealed"]) == (2499, 2499)


def test_two_swapped_rows_are_found(keys: list[int]):
    one, other = keys[1], keys[2]
    as_intruder(f"UPDATE {ENTRY} SET note = id::text WHERE id IN (%s, %s)", one, other)
    as_intruder(f"UPDATE {ENTRY} SET id = -id WHERE id IN (%s, %s)", one, other)
    as_intruder(f"UPDATE {ENTRY} SET id = %s WHERE id = %s", other, -one)
    as_intruder(f"UPDATE {ENTRY} SET id = %s WHERE id = %s", one, -other)

    figures, code = verify()

    assert code == 1
    assert whats(figures) == {(one, "changed"), (other, "changed")}


def test_a_row_put_in_afterwards_is_found_also_when_sealing_goes_on(keys: list[int]):
    as_intruder(f"DELETE FROM {ENTRY} WHERE id = %s", keys[9])
    as_intruder(f"DELETE FROM {SEAL}")
    seal()  # as if the sequence had left a gap
    as_intruder(
        f"INSERT INTO {ENTRY} SELECT %s, at - interval '2 days', actor_id, actor, organisation_id, action, target_type,"
        f" target_id, before, after, note, request_id FROM {ENTRY} WHERE id = %s",
        keys[9], keys[10],
    )  # fmt: skip
    seal()

    figures, code = verify()

    assert code == 1
    assert whats(figures) == {(keys[9], "unsealed")}


def test_entries_left_unsealed_for_too_long_are_found():
    keys = write(2)
    as_intruder(f"UPDATE {ENTRY} SET at = %s WHERE id = %s", timezone.now() - timedelta(hours=2), keys[0])

    figures, code = verify()

    assert code == 1
    assert whats(figures) == {(keys[0], "unsealed")}
    assert figures["unsealed"] == 2


def test_entries_in_another_order_are_found(keys: list[int]):
    as_intruder(
        f"UPDATE {SEAL} SET entries = entries[2:2] || entries[1:1] || entries[3:],"
        " marks = substring(marks, 9, 8) || substring(marks, 1, 8) || substring(marks, 17) WHERE number = 1"
    )
    swapped, _ = verify()
    as_intruder(f"UPDATE {SEAL} SET entries = entries[2:2] || entries[1:1] || entries[3:] WHERE number = 1")
    as_intruder(f"UPDATE {SEAL} SET entries = entries[2:2] || entries[1:1] || entries[3:] WHERE number = 1")
    marks_only, code = verify()

    assert [row["what"] for row in swapped["broken"]] == ["seal_changed"]
    assert code == 1
    assert {row["what"] for row in marks_only["broken"]} & {"seal_changed", "reordered"}


def test_an_entry_sealed_twice_is_found(keys: list[int]):
    as_intruder(f"UPDATE {SEAL} SET entries = entries || %s WHERE number = 3", keys[0])

    figures, code = verify()

    assert code == 1
    assert (keys[0], "sealed_twice") in whats(figures)


def test_a_removed_seal_is_found(keys: list[int]):
    as_intruder(f"DELETE FROM {SEAL} WHERE number = 2")

    figures, _ = verify()

    assert {(row["seal"], row["what"]) for row in figures["broken"]} == {
        (2, "seal_missing"),
        (3, "chain_broken"),
    }


def rewrite_everything(entry: int) -> None:
    """Change an entry, forget the chain, our anchors and checks, and seal anew: inside, all of it agrees."""
    as_intruder(f"UPDATE {ENTRY} SET actor = '别人' WHERE id = %s", entry)
    for table in (SEAL, AuditAnchor._meta.db_table, AuditCheck._meta.db_table):
        as_intruder(f"DELETE FROM {table}")
    seal()


def test_a_whole_chain_written_anew_is_found_by_an_anchor(keys: list[int]):
    told = anchor()
    assert told is not None
    before = verify("--anchor", told.words)
    rewrite_everything(keys[5])

    alone, with_anchor = verify(), verify("--anchor", told.words)

    assert before[1] == 0
    assert alone[1] == 0
    assert with_anchor[1] == 1
    assert with_anchor[0]["broken"] == [{"seal": 3, "entry": None, "what": "anchor_differs"}]


def test_the_newest_seals_taken_away_with_their_entries_are_found_by_an_anchor(keys: list[int]):
    told = anchor()
    assert told is not None
    as_intruder(f"DELETE FROM {ENTRY} WHERE id > %s", keys[1999])
    as_intruder(f"DELETE FROM {SEAL} WHERE number = 3")

    figures, code = verify()  # our own copy of the anchor is still there

    assert code == 1
    assert figures["broken"] == [{"seal": 3, "entry": None, "what": "anchor_differs"}]


def test_an_anchor_is_sent_once_a_day(keys: list[int]):
    sent: list[AuditAnchor] = []
    registry.on_anchor.append(sent.append)
    try:
        first = anchor()
        write(1)
        seal()
        second = anchor()
    finally:
        registry.on_anchor.remove(sent.append)

    assert first == second
    assert sent == [first]
    assert first is not None
    assert first.words.startswith("3:")


def test_without_a_seal_there_is_no_anchor():
    assert anchor() is None


def test_an_anchor_that_is_none_is_refused():
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", "--anchor", "3:abc")

    assert refused.value.returncode == 2


def test_a_broken_chain_is_told_and_written_down(keys: list[int]):
    told: list[AuditCheck] = []
    registry.on_broken.append(told.append)
    try:
        verify()
        as_intruder(f"DELETE FROM {ENTRY} WHERE id = %s", keys[3])
        verify()
    finally:
        registry.on_broken.remove(told.append)

    good, bad = AuditCheck.objects.order_by("at")
    assert (good.broken, len(bad.broken)) == ([], 1)
    assert told == [bad]


def test_the_running_role_can_change_none_of_it():
    tables = [model._meta.db_table for model in (AuditEntry, AuditSeal, AuditAnchor, AuditCheck)]
    for statement in [
        *(f"UPDATE {name} SET at = now()" for name in tables),
        *(f"DELETE FROM {name}" for name in tables),
    ]:
        with (
            pytest.raises((ProgrammingError, InternalError), match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_what_was_found_is_not_lost_when_telling_fails(keys: list[int]):
    def cannot(check: AuditCheck) -> None:
        raise RuntimeError("somebody saw to it")

    registry.on_broken.append(cannot)
    try:
        as_intruder(f"DELETE FROM {ENTRY} WHERE id = %s", keys[3])
        figures, code = verify()
    finally:
        registry.on_broken.remove(cannot)

    assert code == 1
    assert whats(figures) == {(keys[3], "removed")}
    assert len(AuditCheck.objects.get().broken) == 1
