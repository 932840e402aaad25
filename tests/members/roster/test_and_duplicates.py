"""Rosters and rows that are one person: the old ID number, and an import that is taken back."""

import pytest

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.duplicates.actions import merge
from members.duplicates.finding import search
from members.duplicates.models import DuplicatePair
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportRow
from tests.members.factories import make_id_number, make_member

from .importing import bring, rows_of
from .workbooks import roster, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(unit: Organisation) -> Retiree:
    """Entered before with another ID number."""
    return make_member(unit, name="陈国强", id_number=make_id_number(400), phone="")


def test_an_old_id_number_in_a_roster_is_the_kept_person(
    unit: Organisation, member: Retiree, unit_clerk: User
) -> None:
    old = make_member(unit, name="陈国强", id_number=make_id_number(1), phone="")
    merge(member.pk, old.pk, by=unit_clerk)

    batch = bring(roster([somebody(1, 职级="")]), unit)

    row = rows_of(batch)[0]
    assert row.verdict != ImportRow.Verdict.NEW
    assert row.person in (None, member.pk)
    assert Retiree.objects.people().count() == 1


def test_an_import_is_taken_back_with_what_was_suspected(
    unit: Organisation, member: Retiree, unit_clerk: User
) -> None:
    batch = bring(roster([somebody(1)]), unit, by=unit_clerk)
    search()
    assert DuplicatePair.objects.count() == 1

    actions.undo_now(batch.pk, by=unit_clerk)

    assert list(Retiree.objects.all()) == [member]
    assert not DuplicatePair.objects.exists()


@pytest.mark.parametrize("kept", ["member", "entered"])
def test_who_was_merged_since_stays_when_the_import_is_taken_back(
    unit: Organisation, member: Retiree, unit_clerk: User, kept: str
) -> None:
    batch = bring(roster([somebody(1)]), unit, by=unit_clerk)
    entered = Retiree.objects.exclude(pk=member.pk).get()
    pair = (member.pk, entered.pk) if kept == "member" else (entered.pk, member.pk)
    merge(*pair, by=unit_clerk)

    with pytest.raises(RuleBroken, match="都有变动"):
        actions.undo_now(batch.pk, by=unit_clerk)

    assert Retiree.objects.count() == 2
    assert Retiree.objects.people().count() == 1
