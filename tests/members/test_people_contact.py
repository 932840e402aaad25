"""How to reach somebody, and where they live: who may write what."""

import pytest
from django.core.exceptions import PermissionDenied

from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people import actions
from members.people.models import Retiree
from tests.communities.factories import make_external_unit
from tests.members.factories import RetireeFactory, make_account, make_helper, make_linked_member, make_member
from tests.members.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def resident(city, unit) -> Retiree:
    """A member with an account who lives in the first community."""
    return make_linked_member(unit, residence=city.communities[0].division)


def test_the_person_corrects_the_phone(resident):
    actions.correct_contact(resident.pk, {"phone": "+86 139 9999 0000"}, by=resident.user)

    assert Retiree.objects.with_phone("13999990000").get() == resident
    entry = AuditEntry.objects.get(action="retiree.contact")
    assert entry.after == {"phone": "…0000"}


def test_correcting_twice_is_once(resident):
    for _ in range(2):
        actions.correct_contact(resident.pk, {"skills": "书法教学"}, by=resident.user)

    resident.refresh_from_db()
    assert resident.version == 2
    assert AuditEntry.objects.filter(action="retiree.contact").count() == 1


def test_a_helper_corrects_the_address_but_not_the_phone(resident):
    helper = make_helper(resident)

    actions.correct_contact(resident.pk, {"residence_address": "香港西路 50 号"}, by=helper.user)

    with pytest.raises(RuleBroken, match="手机号码由另一方管理"):
        actions.correct_contact(resident.pk, {"phone": "13999990000"}, by=helper.user)


def test_a_helper_who_was_stopped_corrects_nothing(resident):
    helper = make_helper(resident)
    actions.stop_helper(helper.pk, by=resident.user)

    with pytest.raises(PermissionDenied):
        actions.correct_contact(resident.pk, {"skills": "书法"}, by=helper.user)


def test_the_community_writes_how_somebody_lives(resident, community_clerk):
    actions.correct_contact(
        resident.pk, {"living_situation": "alone", "needs": ["meals"]}, by=community_clerk
    )

    resident.refresh_from_db()
    assert (resident.living_situation, resident.needs) == ("alone", ["meals"])


def test_the_person_does_not_write_what_the_community_owns(resident):
    with pytest.raises(RuleBroken, match="居住状态由另一方管理"):
        actions.correct_contact(resident.pk, {"living_situation": "alone"}, by=resident.user)


@pytest.mark.parametrize("values", [{"needs": ["gold"]}, {"interests": ["x"]}, {"phone": "123"}])
def test_a_wrong_value_is_refused(resident, community_clerk, values):
    with pytest.raises(RuleBroken):
        actions.correct_contact(resident.pk, values, by=community_clerk)


@pytest.mark.parametrize("who", ["stranger", "unit_clerk"])
def test_the_other_side_corrects_no_contact(resident, who, request):
    with pytest.raises(PermissionDenied):
        actions.correct_contact(resident.pk, {"skills": "书法"}, by=request.getfixturevalue(who))


def test_the_unit_fills_in_contact_while_nobody_else_owns_it(member, unit_clerk):
    actions.correct_contact(member.pk, {"phone": "13999990000"}, by=unit_clerk)

    member.refresh_from_db()
    assert member.phone == "13999990000"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_the_same_page_one_is_refused(resident):
    def correct(number: int) -> Retiree:
        values = {"skills": f"特长{number}"}
        return actions.correct_contact(resident.pk, values, by=resident.user, version=1)

    answers = race(2, correct)

    resident.refresh_from_db()
    assert resident.version == 2
    assert [type(answer) for answer in answers].count(RuleBroken) == 1


# residence


def test_the_community_settles_who_lives_there(city, member, community_clerk):
    place = city.communities[0].division

    actions.set_residence(
        member.pk,
        residence_id=place.code,
        address="云霄路 1 号",
        declared={"skills": "书法"},
        by=community_clerk,
    )

    member.refresh_from_db()
    assert (member.residence, member.residence_address, member.skills) == (place, "云霄路 1 号", "书法")
    assert AuditEntry.objects.filter(action="retiree.settled").count() == 1


def test_settling_twice_is_once(city, member, community_clerk):
    place = city.communities[0].division
    for _ in range(2):
        actions.set_residence(member.pk, residence_id=place.code, address="云霄路 1 号", by=community_clerk)

    assert AuditEntry.objects.filter(action="retiree.settled").count() == 1


def test_a_community_settles_nobody_elsewhere(city, member, stranger):
    with pytest.raises(PermissionDenied):
        actions.set_residence(
            member.pk, residence_id=city.communities[0].division_id, address="云霄路 1 号", by=stranger
        )


def test_somebody_abroad_is_settled_by_the_unit(member, unit_clerk):
    actions.set_residence(
        member.pk, residence_id=None, address="江苏南京", elsewhere="outside", by=unit_clerk
    )

    member.refresh_from_db()
    assert (member.residence, member.elsewhere) == (None, "outside")


@pytest.mark.parametrize(
    ("code", "elsewhere"), [("370202000000", ""), ("370202001001", "outside"), (None, "")]
)
def test_a_place_must_be_a_community_or_elsewhere(member, bureau_clerk, code, elsewhere):
    with pytest.raises(RuleBroken):
        actions.set_residence(member.pk, residence_id=code, address="x", elsewhere=elsewhere, by=bureau_clerk)


# who sees whom


def _seen(user) -> set[Retiree]:
    return set(Retiree.objects.visible_to(user))


def test_each_side_sees_its_own_people(city, unit, unit_clerk, community_clerk, bureau_clerk, stranger):
    of_unit = make_member(unit)
    resident = RetireeFactory(residence=city.communities[0].division)
    claimed = RetireeFactory(standing="claimed", claimed_unit=unit)

    assert _seen(unit_clerk) == {of_unit, claimed}
    assert _seen(bureau_clerk) == {of_unit, resident}
    assert _seen(stranger) == set()
    del community_clerk  # who holds a check-in is added by the room above


def test_a_person_and_a_helper_see_the_person(resident):
    helper = make_helper(resident)

    assert _seen(resident.user) == {resident}
    assert _seen(helper.user) == {resident}


def test_a_helper_who_was_stopped_sees_nobody(resident):
    helper = make_helper(resident)
    actions.stop_helper(helper.pk, by=helper.user)

    assert _seen(helper.user) == set()


def test_a_restricted_person_is_seen_by_oneself_and_the_bureau_only(resident, unit_clerk, bureau_clerk):
    actions.set_flags(resident.pk, is_restricted=True, by=bureau_clerk)

    assert _seen(unit_clerk) == set()
    assert _seen(bureau_clerk) == _seen(resident.user) == {resident}
    with pytest.raises(PermissionDenied):
        actions.update_unit_fields(resident.pk, {"rank": "clerk"}, by=unit_clerk)


def test_a_street_does_not_see_restricted_people(city, resident, bureau_clerk):
    from tests.communities.factories import make_staff

    street = make_staff(city.streets[0])
    assert _seen(street) == {resident}

    actions.set_flags(resident.pk, is_restricted=True, by=bureau_clerk)

    assert _seen(street) == set()


def test_a_person_of_a_unit_outside_is_seen_where_they_live(city, bureau_clerk):
    person = make_member(make_external_unit(), residence=city.communities[0].division)

    assert _seen(bureau_clerk) == {person}


def test_looking_takes_two_queries_at_most(resident, unit_clerk, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        list(Retiree.objects.visible_to(unit_clerk)[:50])


def test_an_account_of_nobody_sees_nobody(resident):
    assert _seen(make_account("13999990001")) == set()
