"""Who is behind an account: links by phone, people who register alone, claims that staff decide."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from communities.notices.models import Notice
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from huifeng.texts.models import Text
from members.people import actions
from members.people.actions import Outcome
from members.people.models import IdentityClaim, Retiree
from tests.communities.factories import make_external_unit, make_staff
from tests.members.factories import (
    RetireeFactory,
    make_account,
    make_id_number,
    make_linked_member,
    make_member,
)
from tests.members.racing import meanwhile, race

pytestmark = pytest.mark.django_db

PHONE = "13988880001"


@pytest.fixture
def account():
    return make_account(PHONE)


def register(by, **values):
    return actions.register_self(
        **{
            "name": "李淑华",
            "id_number": make_id_number(9),
            "kind_of_person": "tuixiu",
            "unit_words": "第一中学",
        }
        | values,
        by=by,
    )


# links


def test_the_one_living_person_with_the_phone_is_linked(unit, account):
    member = make_member(unit, phone=PHONE)

    assert actions.link_by_phone(account) == member

    member.refresh_from_db()
    assert (member.user, member.user.display_name) == (account, "王建国")
    assert AuditEntry.objects.filter(action="retiree.linked").count() == 1


def test_logging_in_again_gives_the_same_person(unit, account):
    member = make_member(unit, phone=PHONE)
    actions.link_by_phone(account)
    make_member(unit, phone=PHONE)

    assert actions.link_by_phone(account) == member
    assert AuditEntry.objects.filter(action="retiree.linked").count() == 1


@pytest.mark.parametrize("fields", [{"died_on": date(2020, 1, 1)}, {"phone": "13988880002"}])
def test_the_dead_and_others_are_not_linked(unit, account, fields):
    make_member(unit, **({"phone": PHONE} | fields))

    assert actions.link_by_phone(account) is None


def test_a_person_with_an_account_is_not_linked_to_another(unit):
    taken = make_linked_member(unit, phone="13988880005")
    other = make_account(PHONE)
    Retiree.objects.filter(pk=taken.pk).update(phone_index=bytes(other.phone_index))

    assert actions.link_by_phone(other) is None


def test_several_with_one_phone_are_told_apart_by_name_and_birth_month(unit, account):
    make_member(unit, phone=PHONE)
    wife = make_member(unit, phone=PHONE, name="李淑华", sex="F", birth_date=date(1952, 5, 2))

    assert actions.link_by_phone(account) is None
    assert actions.needs_choice(account)
    assert actions.choose_among(account, "李淑华", "1952-06") is None
    assert actions.choose_among(account, " 李淑华 ", "1952-05") == wife
    assert not actions.needs_choice(account)


@pytest.mark.django_db(transaction=True)
def test_two_accounts_never_share_a_person(unit):
    make_member(unit, phone=PHONE)
    make_member(unit, phone=PHONE, name="李淑华")
    account = make_account(PHONE)

    answers = race(2, lambda number: actions.choose_among(account, ["王建国", "李淑华"][number], "1950-03"))

    assert Retiree.objects.filter(user=account).count() == 1
    assert not [answer for answer in answers if isinstance(answer, Exception)]


# registering


def test_an_unknown_person_is_taken_in_as_claimed(unit, account):
    answer = register(account, unit_id=unit.pk)

    person = answer.retiree
    assert answer.outcome == Outcome.CLAIMED
    assert (person.standing, person.user, person.phone) == ("claimed", account, PHONE)
    assert (person.claimed_unit, person.original_unit, person.birth_date) == (
        unit,
        unit.name,
        date(1950, 3, 8),
    )
    assert AuditEntry.objects.filter(action="retiree.registered").count() == 1


def test_registering_twice_is_once(account):
    assert register(account).retiree == register(account).retiree
    assert AuditEntry.objects.filter(action="retiree.registered").count() == 1


def test_an_account_registers_only_one_person(account):
    register(account)

    with pytest.raises(RuleBroken, match="另一个身份证号"):
        register(account, id_number=make_id_number(10))


@pytest.mark.parametrize(("kind", "office"), [("army", "退役军人事务局"), ("enterprise", "人社服务中心")])
def test_people_looked_after_elsewhere_are_told_where(account, kind, office):
    with pytest.raises(RuleBroken, match=office):
        register(account, kind_of_person=kind)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"id_number": ""}, "请填身份证号"), ({"unit_words": ""}, "单位"), ({"name": ""}, "请填姓名")],
)
def test_what_is_missing_is_said(account, values, words):
    with pytest.raises(RuleBroken, match=words):
        register(account, **values)


def test_phone_and_name_and_number_that_agree_are_the_person(unit, account):
    member = make_member(unit, name="李淑华", id_number=make_id_number(9), phone=PHONE)

    answer = register(account)

    assert (answer.outcome, answer.retiree) == (Outcome.LINKED, member)


def test_a_number_of_the_register_under_another_phone_is_for_staff_to_decide(unit, account):
    member = make_member(unit, name="李淑华", id_number=make_id_number(9))

    answer = register(account)

    assert (answer.outcome, answer.retiree) == (Outcome.TO_BE_VERIFIED, None)
    assert (answer.claim.retiree, answer.claim.desk, answer.claim.birth_month) == (member, unit, "1950-03")
    assert Notice.objects.get(receiver=unit).kind == "identity_claim"


def test_asking_again_opens_no_second_claim(unit, account):
    make_member(unit, name="李淑华", id_number=make_id_number(9))

    assert register(account).claim == register(account).claim
    assert Notice.objects.count() == 1


def test_the_claim_of_a_person_of_a_unit_outside_goes_to_the_bureau(city, account):
    make_member(make_external_unit(), id_number=make_id_number(9), residence=city.communities[0].division)

    assert register(account).claim.desk == city.districts[0]


@pytest.mark.django_db(transaction=True)
def test_registering_twice_at_once_makes_one_person():
    account = make_account(PHONE)

    answers = race(3, lambda _: register(account))

    assert Retiree.objects.count() == 1
    assert {answer.retiree for answer in answers} == {Retiree.objects.get()}


@pytest.mark.django_db(transaction=True)
def test_two_accounts_with_one_id_number_make_one_person_and_one_claim(city):
    accounts = [make_account(PHONE), make_account("13988880003")]

    answers = race(2, lambda number: register(accounts[number]))

    assert Retiree.objects.count() == 1
    assert sorted(answer.outcome for answer in answers) == ["claimed", "to_be_verified"]


# the counter


def at_counter(by, **values):
    return actions.register_at_counter(
        **{
            "name": "李淑华",
            "id_number": make_id_number(9),
            "kind_of_person": "tuixiu",
            "unit_words": "第一中学",
        }
        | values,
        by=by,
    )


def test_staff_take_in_somebody_who_walks_in(community_clerk):
    person = at_counter(community_clerk, phone="139 8888 0009")

    assert (person.standing, person.user, person.phone) == ("claimed", None, "13988880009")


def test_somebody_of_the_register_who_walks_in_is_recognised(unit, community_clerk):
    member = make_member(unit, name="李淑华", id_number=make_id_number(9))

    assert at_counter(community_clerk) == member
    assert AuditEntry.objects.filter(action="retiree.identified").count() == 1


def test_a_card_with_another_name_is_refused(unit, community_clerk):
    make_member(unit, id_number=make_id_number(9))

    with pytest.raises(RuleBroken, match="核对姓名"):
        at_counter(community_clerk)


def test_who_works_nowhere_has_no_counter(account):
    with pytest.raises(PermissionDenied):
        at_counter(account)


# claims


@pytest.fixture
def claim(unit, account) -> IdentityClaim:
    make_member(unit, name="李淑华", id_number=make_id_number(9), phone="13988880007")
    return register(account).claim


def test_an_accepted_claim_gives_the_account_and_the_phone(claim, unit_clerk, account):
    actions.accept_claim(claim.pk, by=unit_clerk)

    person = Retiree.objects.get(pk=claim.retiree_id)
    assert (person.user, person.phone) == (account, PHONE)
    assert AuditEntry.objects.filter(action="identity_claim.accepted").count() == 1


def test_both_phones_are_told(claim, unit_clerk):
    actions.accept_claim(claim.pk, by=unit_clerk)

    assert {text.phone for text in Text.objects.all()} == {PHONE, "13988880007"}


def test_an_older_account_lets_go(claim, unit_clerk, account):
    person = claim.retiree
    person.user = make_account("13988880007")
    person.save()

    actions.accept_claim(claim.pk, by=unit_clerk)

    person.refresh_from_db()
    assert person.user == account


def test_accepting_twice_is_once(claim, unit_clerk):
    actions.accept_claim(claim.pk, by=unit_clerk)
    actions.accept_claim(claim.pk, by=unit_clerk)

    assert AuditEntry.objects.filter(action="identity_claim.accepted").count() == 1
    assert Text.objects.count() == 2


def test_a_refused_claim_keeps_its_reason_and_is_answered(claim, unit_clerk):
    actions.refuse_claim(claim.pk, reason="出生年月说不对", by=unit_clerk)

    claim.refresh_from_db()
    assert (claim.state, claim.reason, claim.decided_by) == ("refused", "出生年月说不对", unit_clerk)
    assert "出生" not in Text.objects.get().words


def test_refusing_twice_is_once(claim, unit_clerk):
    for _ in range(2):
        actions.refuse_claim(claim.pk, reason="不是", by=unit_clerk)

    assert AuditEntry.objects.filter(action="identity_claim.refused").count() == 1


def test_a_refusal_needs_a_reason(claim, unit_clerk):
    with pytest.raises(RuleBroken, match="理由"):
        actions.refuse_claim(claim.pk, reason=" ", by=unit_clerk)


def test_a_decided_claim_is_not_decided_otherwise(claim, unit_clerk):
    actions.refuse_claim(claim.pk, reason="不是", by=unit_clerk)

    with pytest.raises(AlreadyDone, match=unit_clerk.display_name):
        actions.accept_claim(claim.pk, by=unit_clerk)


def test_an_accepted_claim_is_not_refused_afterwards(claim, unit_clerk):
    actions.accept_claim(claim.pk, by=unit_clerk)

    with pytest.raises(AlreadyDone):
        actions.refuse_claim(claim.pk, reason="不是", by=unit_clerk)


def test_a_claim_for_somebody_dead_is_not_accepted(claim, unit_clerk):
    Retiree.objects.update(died_on=date(2020, 1, 1))

    with pytest.raises(RuleBroken, match="恢复在世"):
        actions.accept_claim(claim.pk, by=unit_clerk)


def test_an_account_that_is_somebody_elses_is_not_given(claim, unit_clerk, account):
    RetireeFactory(user=account)

    with pytest.raises(RuleBroken, match="另一位老同志"):
        actions.accept_claim(claim.pk, by=unit_clerk)


@pytest.mark.parametrize(
    "act", [actions.accept_claim, lambda pk, by: actions.refuse_claim(pk, reason="x", by=by)]
)
def test_only_the_desk_and_the_bureau_above_decide(claim, act, stranger, community_clerk, account):
    for user in (stranger, community_clerk, account):
        with pytest.raises(PermissionDenied):
            act(claim.pk, by=user)


def test_nobody_decides_on_the_own_claim(claim, unit, account):
    Assignment.objects.create(user=account, organisation=unit, valid_from=date(2020, 1, 1))

    with pytest.raises(PermissionDenied):
        actions.accept_claim(claim.pk, by=account)


def test_the_city_bureau_may_decide(claim, city):
    assert actions.accept_claim(claim.pk, by=make_staff(city.city)).state == "accepted"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_holds(claim, unit_clerk):
    answer = meanwhile(
        lambda: actions.refuse_claim(claim.pk, reason="不是", by=unit_clerk),
        lambda: actions.accept_claim(claim.pk, by=unit_clerk),
    )

    claim.refresh_from_db()
    assert claim.state == "refused"
    assert isinstance(answer, AlreadyDone)
