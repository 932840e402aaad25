"""Party organisations: one formal relation, many in which one takes part."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.party import actions
from members.party.models import PartyAffiliation, PartyOrganisation
from members.people.actions import confirm_death, report_death, undo_death
from tests.members.factories import make_branch, make_member
from tests.members.racing import meanwhile, race

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)


@pytest.fixture
def unit_branch(unit) -> PartyOrganisation:
    return make_branch(unit)


@pytest.fixture
def community_branch(city) -> PartyOrganisation:
    return make_branch(city.communities[0], "云霄路社区第二党支部")


def add(unit, by, name="第一党支部"):
    return actions.add_organisation(name=name, kind="branch", host_id=unit.pk, by=by)


def test_staff_add_a_branch_of_their_own(unit, unit_clerk):
    branch = add(unit, unit_clerk)

    assert (branch.host, branch.kind) == (unit, "branch")
    assert AuditEntry.objects.filter(action="party.added").count() == 1


def test_adding_twice_is_once(unit, unit_clerk):
    assert add(unit, unit_clerk) == add(unit, unit_clerk, " 第一党支部 ")
    assert AuditEntry.objects.filter(action="party.added").count() == 1


def test_a_branch_needs_a_name(unit, unit_clerk):
    with pytest.raises(RuleBroken, match="名称"):
        add(unit, unit_clerk, " ")


def test_a_stranger_adds_no_branch(unit, stranger):
    with pytest.raises(PermissionDenied):
        add(unit, stranger)


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_branch_at_once_get_one(unit, unit_clerk):
    answer = meanwhile(lambda: add(unit, unit_clerk), lambda: add(unit, unit_clerk))

    assert answer == PartyOrganisation.objects.get()


def test_the_unit_writes_the_formal_relation(member, unit_branch, unit_clerk):
    actions.affiliate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk)
    actions.affiliate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk)

    assert member.affiliations.get().kind == "formal"
    assert AuditEntry.objects.filter(action="affiliation.begun").count() == 1


def test_a_second_formal_relation_is_refused(member, unit_branch, community_branch, unit_clerk):
    actions.affiliate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk)

    with pytest.raises(RuleBroken, match="先办理转出"):
        actions.affiliate(member.pk, community_branch.pk, on=DAY, by=unit_clerk)


def test_taking_part_elsewhere_leaves_the_formal_relation(
    member, unit_branch, community_branch, unit_clerk, community_clerk
):
    actions.affiliate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk)
    actions.participate(member.pk, community_branch.pk, on=DAY, by=community_clerk)
    actions.participate(member.pk, community_branch.pk, on=DAY, by=community_clerk)

    kinds = set(member.affiliations.filter(valid_until=None).values_list("kind", flat=True))
    assert kinds == {"formal", "participation"}
    assert member.affiliations.count() == 2


def test_nobody_takes_part_where_they_belong(member, unit_branch, unit_clerk):
    actions.affiliate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk)

    with pytest.raises(RuleBroken, match="不用再办"):
        actions.participate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk)


@pytest.mark.parametrize(
    ("person", "branch", "words"),
    [
        ({"political_status": "masses"}, {}, "不是中共党员"),
        ({"died_on": date(2026, 1, 1)}, {}, "去世"),
        ({}, {"closed_on": date(2026, 1, 1)}, "已经撤销"),
    ],
)
def test_who_cannot_belong_is_refused_in_words(unit, unit_clerk, person, branch, words):
    member, organisation = make_member(unit, **person), make_branch(unit, **branch)

    for act in (actions.affiliate, actions.participate):
        with pytest.raises(RuleBroken, match=words):
            act(member.pk, organisation.pk, on=DAY, by=unit_clerk)


def test_each_side_writes_its_own_kind(member, community_branch, unit_branch, community_clerk, unit_clerk):
    with pytest.raises(PermissionDenied):
        actions.affiliate(member.pk, community_branch.pk, on=DAY, by=community_clerk)
    with pytest.raises(PermissionDenied):
        actions.participate(member.pk, community_branch.pk, on=DAY, by=unit_clerk)


@pytest.mark.django_db(transaction=True)
def test_two_formal_relations_at_once_become_one(member, unit_branch, community_branch, unit_clerk):
    answer = meanwhile(
        lambda: actions.affiliate(member.pk, unit_branch.pk, on=DAY, by=unit_clerk),
        lambda: actions.affiliate(member.pk, community_branch.pk, on=DAY, by=unit_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert member.affiliations.get().organisation == unit_branch


# ending, posts


@pytest.fixture
def taking_part(member, community_branch, community_clerk) -> PartyAffiliation:
    return actions.participate(member.pk, community_branch.pk, on=DAY, by=community_clerk)


def test_a_relation_ends_on_a_day(taking_part, community_clerk):
    actions.end(taking_part.pk, on=date(2026, 4, 1), by=community_clerk)
    actions.end(taking_part.pk, on=date(2026, 5, 1), by=community_clerk)

    taking_part.refresh_from_db()
    assert taking_part.valid_until == date(2026, 4, 1)
    assert AuditEntry.objects.filter(action="affiliation.ended").count() == 1


def test_a_relation_ends_after_it_began(taking_part, community_clerk):
    with pytest.raises(RuleBroken, match="终止日期"):
        actions.end(taking_part.pk, on=DAY, by=community_clerk)


def test_a_stranger_ends_nothing_and_gives_no_post(taking_part, stranger):
    with pytest.raises(PermissionDenied):
        actions.end(taking_part.pk, on=date(2026, 4, 1), by=stranger)
    with pytest.raises(PermissionDenied):
        actions.set_post(taking_part.pk, "secretary", by=stranger)


def test_a_post_is_given_once(taking_part, community_clerk):
    actions.set_post(taking_part.pk, "secretary", by=community_clerk)
    actions.set_post(taking_part.pk, "secretary", by=community_clerk)

    taking_part.refresh_from_db()
    assert taking_part.post == "secretary"
    assert AuditEntry.objects.filter(action="affiliation.post").count() == 1


def test_no_post_in_a_relation_that_ended(taking_part, community_clerk):
    actions.end(taking_part.pk, on=date(2026, 4, 1), by=community_clerk)

    with pytest.raises(RuleBroken, match="不能再任职"):
        actions.set_post(taking_part.pk, "secretary", by=community_clerk)


@pytest.mark.django_db(transaction=True)
def test_two_who_end_at_once_are_one(taking_part, community_clerk):
    race(2, lambda number: actions.end(taking_part.pk, on=date(2026, 4, 1 + number), by=community_clerk))

    assert AuditEntry.objects.filter(action="affiliation.ended").count() == 1


def test_death_ends_relations_and_its_undoing_restores_them(member, taking_part, unit_clerk):
    death = report_death(member.pk, date(2026, 6, 1), by=unit_clerk)
    confirm_death(death.pk, by=unit_clerk)
    taking_part.refresh_from_db()
    assert taking_part.valid_until == date(2026, 6, 1)

    undo_death(death.pk, words="登记错人", by=unit_clerk)

    taking_part.refresh_from_db()
    assert taking_part.valid_until is None
