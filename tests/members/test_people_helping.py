"""Relatives who act for a retiree."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.texts.models import Text
from members.people import actions
from members.people.models import Helper, HelperRequest, Retiree
from members.people.permissions import may_act_for
from tests.members.factories import make_account, make_helper, make_linked_member
from tests.members.racing import race

pytestmark = pytest.mark.django_db

PHONE = "13977770001"


@pytest.fixture
def elder(city, unit) -> Retiree:
    return make_linked_member(unit, phone=PHONE, residence=city.communities[0].division)


@pytest.fixture
def daughter():
    return make_account("13977770002")


def ask(by, **values) -> HelperRequest:
    return actions.ask_to_help(
        **{
            "name": "王小红",
            "relation": "daughter",
            "elder_name": "王建国",
            "birth_month": "1950-03",
            "phone": PHONE,
        }
        | values,
        by=by,
    )


def code_sent() -> str:
    return re.search(r"\d{6}", Text.objects.get(key__endswith="-code").words)[0]


def test_the_code_on_the_elders_phone_makes_a_helper(elder, daughter):
    request = ask(daughter)

    helper = actions.accept_by_code(request.pk, code_sent(), by=daughter)

    assert (helper.retiree, helper.user, helper.consent) == (elder, daughter, "code")
    assert may_act_for(daughter, elder)
    assert AuditEntry.objects.filter(action="helper.accepted").count() == 1


def test_the_text_names_no_more_than_a_surname_and_expires(elder, daughter):
    ask(daughter)

    text = Text.objects.get()
    assert text.phone == PHONE
    assert "王某（女儿）" in text.words
    assert "建国" not in text.words
    assert "小红" not in text.words
    assert text.no_use_after is not None


@pytest.mark.parametrize(
    "values", [{"elder_name": "王建军"}, {"birth_month": "1950-04"}, {"phone": "13977770009"}]
)
def test_nobody_that_matches_gets_the_same_answer_and_no_text(elder, daughter, values):
    request = ask(daughter, **values)

    assert (request.retiree, request.state) == (None, "open")
    assert not Text.objects.exists()
    with pytest.raises(RuleBroken, match="还可以试 4 次"):
        actions.accept_by_code(request.pk, "123456", by=daughter)


def test_the_dead_are_nobody(elder, daughter):
    Retiree.objects.update(died_on=date(2020, 1, 1))

    assert ask(daughter).retiree is None


def test_asking_twice_sends_one_code(elder, daughter):
    assert ask(daughter) == ask(daughter)
    assert Text.objects.count() == 1


def test_asking_for_another_elder_takes_the_place_of_the_first(elder, daughter):
    first = ask(daughter, elder_name="李四")
    second = ask(daughter)

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "open")


def test_the_sixth_time_a_day_is_too_often(elder, daughter):
    for number in range(5):
        ask(daughter, elder_name=f"李{number}")

    with pytest.raises(RuleBroken, match="明天再来"):
        ask(daughter)


def test_an_elder_gets_three_codes_a_day_whoever_asks(elder):
    for number in range(4):
        ask(make_account(f"1397777010{number}"))

    assert Text.objects.count() == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [({"phone": "139"}, "少 8 位"), ({"relation": "boss"}, "关系"), ({"name": ""}, "姓名")],
)
def test_a_wrong_value_is_refused_in_words(elder, daughter, values, words):
    with pytest.raises(RuleBroken, match=words):
        ask(daughter, **values)


def test_a_wrong_code_is_counted_and_the_sixth_try_is_refused(elder, daughter):
    request = ask(daughter)
    wrong = f"{(int(code_sent()) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(RuleBroken, match=f"还可以试 {left} 次"):
            actions.accept_by_code(request.pk, wrong, by=daughter)

    with pytest.raises(RuleBroken, match="试的次数多了"):
        actions.accept_by_code(request.pk, code_sent(), by=daughter)


def test_a_code_that_ran_out_is_refused(elder, daughter):
    request = ask(daughter)

    with (
        time_machine.travel(timezone.now() + timedelta(minutes=11)),
        pytest.raises(RuleBroken, match="过了时间"),
    ):
        actions.accept_by_code(request.pk, code_sent(), by=daughter)


def test_the_code_works_twice_and_makes_one_helper(elder, daughter):
    request = ask(daughter)
    first = actions.accept_by_code(request.pk, code_sent(), by=daughter)

    assert actions.accept_by_code(request.pk, code_sent(), by=daughter) == first


def test_somebody_elses_code_is_of_no_use(elder, daughter, stranger):
    request = ask(daughter)

    with pytest.raises(PermissionDenied):
        actions.accept_by_code(request.pk, code_sent(), by=stranger)


def test_a_fourth_helper_is_refused(elder, daughter):
    for _ in range(3):
        make_helper(elder)
    request = ask(daughter)

    with pytest.raises(RuleBroken, match="已有 3 位"):
        actions.accept_by_code(request.pk, code_sent(), by=daughter)


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_do_not_make_a_fourth_helper(elder, community_clerk):
    for _ in range(2):
        make_helper(elder)
    requests = [ask(make_account(f"1397777020{number}"), by_call=True) for number in range(3)]

    answers = race(3, lambda number: actions.accept_by_staff(requests[number].pk, by=community_clerk))

    assert Helper.objects.filter(retiree=elder, ended_at=None).count() == 3
    assert [type(answer) for answer in answers].count(RuleBroken) == 2


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_are_all_counted_even_for_nobody(elder, daughter):
    request = ask(daughter, elder_name="无此人")

    race(5, lambda _: actions.accept_by_code(request.pk, "000000", by=daughter))

    request.refresh_from_db()
    assert request.tries == 5


# by a call


@pytest.fixture
def by_call(elder, daughter) -> HelperRequest:
    return ask(daughter, by_call=True)


def test_a_call_is_asked_of_the_responsible_side_and_no_code_is_sent(by_call, unit):
    assert Notice.objects.get(receiver=unit).kind == "helper_call"
    assert not Text.objects.exists()


def test_staff_who_called_accept(by_call, community_clerk, daughter):
    helper = actions.accept_by_staff(by_call.pk, by=community_clerk)

    assert (helper.consent, helper.confirmed_by) == ("staff", community_clerk)
    assert may_act_for(daughter, helper.retiree)


def test_accepting_twice_is_once(by_call, community_clerk):
    first = actions.accept_by_staff(by_call.pk, by=community_clerk)

    assert actions.accept_by_staff(by_call.pk, by=community_clerk) == first
    assert AuditEntry.objects.filter(action="helper.accepted").count() == 1


def test_staff_refuse_and_it_is_over(by_call, community_clerk):
    actions.refuse_by_staff(by_call.pk, by=community_clerk)
    actions.refuse_by_staff(by_call.pk, by=community_clerk)

    assert AuditEntry.objects.filter(action="helper.refused").count() == 1
    with pytest.raises(RuleBroken, match="处理过"):
        actions.accept_by_staff(by_call.pk, by=community_clerk)


def test_what_was_accepted_is_not_refused(by_call, community_clerk):
    actions.accept_by_staff(by_call.pk, by=community_clerk)

    with pytest.raises(RuleBroken):
        actions.refuse_by_staff(by_call.pk, by=community_clerk)


def test_a_stranger_decides_nothing(by_call, stranger, daughter):
    for user in (stranger, daughter):
        with pytest.raises(PermissionDenied):
            actions.accept_by_staff(by_call.pk, by=user)
        with pytest.raises(PermissionDenied):
            actions.refuse_by_staff(by_call.pk, by=user)


def test_nobody_decides_on_the_own_request(by_call, city, daughter):
    Assignment.objects.create(user=daughter, organisation=city.communities[0], valid_from=date(2020, 1, 1))

    with pytest.raises(PermissionDenied):
        actions.accept_by_staff(by_call.pk, by=daughter)


def test_requests_run_out(by_call):
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert actions.expire_requests() == 1
        assert actions.expire_requests() == 0


# stopping


@pytest.mark.parametrize("who", ["elder", "helper", "staff"])
def test_each_side_may_stop_the_help(elder, community_clerk, who):
    helper = make_helper(elder)
    by = {"elder": elder.user, "helper": helper.user, "staff": community_clerk}[who]

    actions.stop_helper(helper.pk, by=by)
    actions.stop_helper(helper.pk, by=by)

    assert not may_act_for(helper.user, elder)
    assert AuditEntry.objects.filter(action="helper.stopped").count() == 1


def test_a_stranger_stops_nobody(elder, stranger):
    helper = make_helper(elder)

    with pytest.raises(PermissionDenied):
        actions.stop_helper(helper.pk, by=stranger)


def test_nobody_acts_for_the_dead(elder):
    helper = make_helper(elder)
    elder.died_on = date(2026, 1, 1)

    assert not may_act_for(helper.user, elder)
