"""While keys are changed an ID number and a phone stand once, whoever writes at the same moment."""

import threading
from typing import Any

import pytest

from huifeng.accounts.actions import account_for
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.keys import rotation
from huifeng.sealed import blind_index
from members.people.actions import enrol, register_at_counter, update_unit_fields
from members.people.models import Retiree
from members.roster import actions as roster
from tests.communities.threads import at_the_same_time
from tests.huifeng.keys import both, only_new
from tests.members.factories import make_account, make_id_number, make_member
from tests.members.racing import meanwhile, race
from tests.members.roster.rosters import planned
from tests.members.turning import old_keys, people_table, rotate, small_batches

__all__ = ["old_keys", "small_batches"]

pytestmark = pytest.mark.django_db(transaction=True)


# An ID number stands once ------------------------------------------------------------------------------------

NUMBER = make_id_number(7000)
ROW = {"姓名": "王建国", "身份证号": NUMBER, "离退休类别": "退休"}


def test_a_number_under_the_old_key_is_not_entered_again(settings, unit, other, unit_clerk):
    person = make_member(other, id_number=NUMBER)
    both(settings)

    with pytest.raises(RuleBroken, match="已在"):
        enrol({"name": "王建国", "id_number": NUMBER}, unit.pk, by=unit_clerk)

    assert Retiree.objects.with_id_number(NUMBER).get() == person


def test_a_number_under_the_old_key_cannot_be_given_to_another_person(settings, unit, unit_clerk):
    make_member(unit, id_number=NUMBER)
    person = make_member(unit)
    both(settings)

    with pytest.raises(RuleBroken) as refused:
        update_unit_fields(person.pk, {"id_number": NUMBER}, by=unit_clerk)

    assert refused.value.code == "duplicate"


def test_saving_somebody_under_the_old_key_meets_nobody_but_oneself(settings, unit, unit_clerk):
    person = make_member(unit, id_number=NUMBER)
    both(settings)

    person.save()

    assert bytes(Retiree.objects.get().id_index) == blind_index(NUMBER, "id_number")


def test_people_who_enter_one_number_at_once_enter_one_person(
    settings, unit, other, unit_clerk, community_clerk
):
    """Half of them under each key, as processes do of which some were started before the others (docs/decisions/0009).

    Seen to fail without hold_index: two see nobody and write the number under two keys.
    """
    both(settings)
    new_first = settings.INDEX_KEYS
    for turn in range(6):
        number = make_id_number(7100 + turn)

        def enter(place: int, number: str = number) -> Any:
            # each thread writes with its own newest key and knows both
            with own_index_keys(new_first if place % 2 else tuple(reversed(new_first))):
                return register_at_counter(
                    name="王建国",
                    id_number=number,
                    kind_of_person="tuixiu",
                    by=community_clerk,
                    unit_id=unit.pk,
                ).pk

        answers = race(6, enter)

        assert len(set(answers)) == 1, answers
        assert Retiree.objects.with_id_number(number).count() == 1


_own = threading.local()


class own_index_keys:  # noqa: N801 -- reads like a function
    """Within it this thread has other index keys than the settings: a process that was started earlier."""

    def __init__(self, keys: Any):
        self.keys = keys

    def __enter__(self) -> None:
        _own.keys = self.keys

    def __exit__(self, *error: object) -> None:
        del _own.keys


@pytest.fixture(autouse=True)
def keys_of_a_thread(monkeypatch) -> None:
    from django.conf import settings as real

    from huifeng import sealed

    class Settings:
        def __getattr__(self, name: str) -> Any:
            return getattr(_own, "keys", real.INDEX_KEYS) if name == "INDEX_KEYS" else getattr(real, name)

    monkeypatch.setattr(sealed, "settings", Settings())


def test_a_number_is_entered_while_its_row_goes_over(settings, unit, other, unit_clerk, small_batches):
    """The rotation and people who enter what is there already, at the same time."""
    people = [make_member(other) for _ in range(12)]
    both(settings)

    def enter(place: int) -> Any:
        answers = []
        for person in people[place::3]:
            try:
                answers.append(
                    enrol({"name": "王建国", "id_number": person.id_number}, unit.pk, by=unit_clerk).pk
                )
            except RuleBroken as refused:
                answers.append(refused.code)
        return answers

    *answers, done = at_the_same_time(
        *(lambda place=place: enter(place) for place in range(3)),
        lambda: rotation.rotate_table(people_table()),
    )

    assert [code for answer in answers for code in answer] == ["duplicate"] * 12
    assert (done.reindexed, Retiree.objects.count()) == (24, 12)


def test_an_account_is_one_under_both_keys(settings):
    account = make_account("13900001111", username="old")
    both(settings)

    assert account_for("13900001111") == account
    with own_index_keys(tuple(reversed(settings.INDEX_KEYS))):
        made = account_for("13900002222")
    assert account_for("13900002222") == made
    assert User.objects.exclude(phone=None).count() == 2


def test_accounts_asked_for_at_once_under_two_keys_are_one(settings):
    both(settings)
    keys = settings.INDEX_KEYS

    def ask(place: int) -> int:
        with own_index_keys(keys if place % 2 else tuple(reversed(keys))):
            return account_for("13900003333").pk

    assert len(set(race(6, ask))) == 1


# Rosters -----------------------------------------------------------------------------------------------------


def test_a_plan_of_before_meets_who_was_entered_since_under_the_new_key(
    settings, unit, unit_clerk, community_clerk
):
    """The plan holds indexes of the old key; the number came in under the new one."""
    batch = planned(unit, unit_clerk, ROW)
    both(settings)
    register_at_counter(
        name="王建国", id_number=NUMBER, kind_of_person="tuixiu", by=community_clerk, unit_id=unit.pk
    )

    with pytest.raises(RuleBroken) as refused:
        roster.write_now(batch.pk, by=unit_clerk)

    assert (refused.value.code, Retiree.objects.count()) == ("stale", 1)


def test_a_plan_made_during_the_change_knows_who_stands_under_the_old_key(settings, unit, unit_clerk):
    person = make_member(unit, id_number=NUMBER, name="王建国")
    both(settings)

    batch = planned(unit, unit_clerk, {**ROW, "手机号码": person.phone})

    row = batch.rows.get()
    assert (row.person, "phone" in row.fields) == (person.pk, False)  # the same phone under another key


def test_an_import_and_a_counter_at_once_enter_one_person(settings, unit, unit_clerk, community_clerk):
    batch = planned(unit, unit_clerk, ROW)
    both(settings)

    answer = meanwhile(
        lambda: roster.write_now(batch.pk, by=unit_clerk),
        lambda: register_at_counter(
            name="王建国", id_number=NUMBER, kind_of_person="tuixiu", by=community_clerk, unit_id=unit.pk
        ),
    )

    assert Retiree.objects.with_id_number(NUMBER).get() == answer
    rotate()
    only_new(settings)
    assert Retiree.objects.with_id_number(NUMBER).count() == Retiree.objects.count() == 1
