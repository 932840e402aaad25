"""Two rows turn out to be one person: what goes over, what ends, who may, and the way back."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from huifeng.texts.models import Text
from members.duplicates.actions import merge
from members.duplicates.models import PersonMerge
from members.party.models import PartyAffiliation
from members.people import actions as people
from members.people.models import Retiree
from members.units.models import UnitMembership
from tests.communities.factories import TinyCity, UserFactory, make_staff, make_unit
from tests.members.factories import (
    RetireeFactory,
    make_account,
    make_branch,
    make_helper,
    make_linked_member,
    make_member,
)
from tests.members.merging import fresh, kept, other

__all__ = ["kept", "other"]

pytestmark = pytest.mark.django_db


# The two rows ---------------------------------------------------------------------------


def test_the_other_row_stands_for_the_kept_one(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    done = merge(kept.pk, other.pk, by=unit_clerk)

    assert (done.kept, done.other, done.by) == (kept, other, unit_clerk)
    assert fresh(other).merged_into == kept
    entries = AuditEntry.objects.filter(action="retiree.merged", actor_id=unit_clerk.pk)
    assert {entry.target_id for entry in entries} == {str(kept.pk), str(other.pk)}


def test_merging_twice_is_once(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    first = merge(kept.pk, other.pk, by=unit_clerk)
    second = merge(kept.pk, other.pk, by=unit_clerk, kept_version=1, other_version=1)

    assert first == second
    assert PersonMerge.objects.count() == 1
    assert AuditEntry.objects.filter(action="retiree.merged").count() == 2


def test_the_other_way_round_tells_who_was_first(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)

    with pytest.raises(AlreadyDone, match=unit_clerk.display_name):
        merge(other.pk, kept.pk, by=unit_clerk)


def test_what_is_empty_is_filled_and_what_differs_stays(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)

    assert (fresh(kept).original_post, fresh(kept).skills) == ("处长", "书法")


def test_a_chosen_value_is_the_others(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["original_post"])

    assert fresh(kept).original_post == "科长"


def test_what_the_person_owns_is_not_chosen(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    with pytest.raises(RuleBroken, match="手机"):
        merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["phone"])


def test_an_id_number_comes_with_birth_and_sex(unit: Organisation, other: Retiree, unit_clerk: User) -> None:
    kept = make_member(unit, birth_date=date(1950, 3, 1), id_number="", phone="")

    merge(kept.pk, other.pk, by=unit_clerk)

    row = fresh(kept)
    assert (row.id_number, row.birth_date, row.phone) == (other.id_number, other.birth_date, other.phone)
    assert (fresh(other).id_number, fresh(other).phone) == ("", "")


def test_id_numbers_are_exchanged_when_the_others_is_chosen(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["id_number"])

    assert (fresh(kept).id_number, fresh(other).id_number) == (other.id_number, kept.id_number)


def test_no_id_number_and_no_phone_is_written_down(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    Retiree.objects.filter(pk=kept.pk).update(phone=None, phone_index=None, phone_tail="")
    done = merge(kept.pk, other.pk, by=unit_clerk, take_from_other=["id_number"])

    written = f"{done.moved}{done.words}" + "".join(
        f"{entry.before}{entry.after}" for entry in AuditEntry.objects.all()
    )
    for secret in (kept.id_number, other.id_number, kept.phone, other.phone):
        assert secret not in written


def test_a_roster_row_vouches_for_a_claimed_one(unit: Organisation, other: Retiree, unit_clerk: User) -> None:
    claimed = RetireeFactory(standing="claimed", claimed_unit=unit)

    merge(claimed.pk, other.pk, by=unit_clerk)

    row = fresh(claimed)
    assert (row.standing, row.claimed_unit) == ("roster", None)
    assert UnitMembership.objects.open().get(retiree=row).unit == unit


def test_who_is_restricted_stays_restricted(kept: Retiree, other: Retiree, bureau_clerk: User) -> None:
    Retiree.objects.filter(pk=other.pk).update(is_restricted=True)

    merge(kept.pk, other.pk, by=bureau_clerk)

    assert fresh(kept).is_restricted


# Who may, and when not ------------------------------------------------------------------


def test_strangers_may_not(kept: Retiree, other: Retiree, stranger: User, community_clerk: User) -> None:
    for user in (stranger, community_clerk):
        with pytest.raises(PermissionDenied):
            merge(kept.pk, other.pk, by=user)


def test_one_of_the_two_is_not_enough(kept: Retiree, unit_clerk: User, bureau_clerk: User) -> None:
    elsewhere = make_member(make_unit(), phone=kept.phone)

    for user in (unit_clerk, bureau_clerk):
        with pytest.raises(PermissionDenied):
            merge(kept.pk, elsewhere.pk, by=user)


def test_the_bureau_above_both_may(kept: Retiree, city: TinyCity) -> None:
    elsewhere = make_member(make_unit(place=city.districts[1].division), phone=kept.phone)

    merge(kept.pk, elsewhere.pk, by=make_staff(city.city))

    assert fresh(elsewhere).merged_into == kept


@pytest.mark.parametrize("relation", ["oneself", "helper"])
def test_nobody_merges_oneself(unit: Organisation, kept: Retiree, relation: str) -> None:
    clerk = make_staff(unit)
    mine = make_member(unit, user=clerk if relation == "oneself" else None)
    if relation == "helper":
        make_helper(mine, user=clerk)

    with pytest.raises(PermissionDenied):
        merge(kept.pk, mine.pk, by=clerk)


def test_a_stale_page_is_refused(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    people.update_unit_fields(other.pk, {"original_post": "主任"}, by=unit_clerk)

    with pytest.raises(RuleBroken, match="刷新"):
        merge(kept.pk, other.pk, by=unit_clerk, kept_version=1, other_version=1)


def test_the_dead_are_not_merged(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    Retiree.objects.filter(pk=other.pk).update(died_on=date(2020, 1, 1))

    with pytest.raises(RuleBroken, match="去世"):
        merge(kept.pk, other.pk, by=unit_clerk)


def test_a_row_is_not_merged_into_itself(kept: Retiree, unit_clerk: User) -> None:
    with pytest.raises(RuleBroken, match="同一份"):
        merge(kept.pk, kept.pk, by=unit_clerk)


# What goes over -------------------------------------------------------------------------


def test_an_overlapping_membership_ends_today_and_stays(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    merge(kept.pk, other.pk, by=unit_clerk)

    assert other.memberships.get().valid_until == timezone.localdate()
    assert kept.memberships.get().valid_until is None


def test_a_membership_begun_today_is_left_as_it_is(
    unit: Organisation, kept: Retiree, unit_clerk: User
) -> None:
    new = make_member(unit, since=timezone.localdate())

    merge(kept.pk, new.pk, by=unit_clerk)

    assert new.memberships.get().valid_until is None
    assert kept.memberships.get().valid_until is None


def test_history_that_fits_goes_over(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    earlier = UnitMembership.objects.create(
        retiree=other, unit=make_unit(), valid_from=date(2005, 1, 1), valid_until=date(2008, 1, 1)
    )

    merge(kept.pk, other.pk, by=unit_clerk)

    assert fresh(earlier).retiree == kept


def test_the_open_membership_goes_over_after_the_days_that_are_taken(
    unit: Organisation, other: Retiree, bureau_clerk: User
) -> None:
    kept = RetireeFactory(residence=Organisation.objects.get(code=unit.code).division)
    UnitMembership.objects.create(
        retiree=kept, unit=unit, valid_from=date(2010, 1, 1), valid_until=date(2015, 1, 1)
    )

    merge(kept.pk, other.pk, by=bureau_clerk)

    now = UnitMembership.objects.open().get(retiree=kept)
    assert (now.unit, now.valid_from) == (unit, date(2015, 1, 1))


def test_the_account_goes_over(unit: Organisation, kept: Retiree, unit_clerk: User) -> None:
    linked = make_linked_member(unit)

    merge(kept.pk, linked.pk, by=unit_clerk)

    assert (fresh(kept).user, fresh(linked).user) == (linked.user, None)
    assert not Text.objects.exists()


def test_the_second_account_lets_go_and_is_told(unit: Organisation, unit_clerk: User) -> None:
    kept, linked = make_linked_member(unit), make_linked_member(unit)

    merge(kept.pk, linked.pk, by=unit_clerk)

    assert (fresh(kept).user, fresh(linked).user) == (kept.user, None)
    assert Text.objects.get().phone_tail == linked.phone[-4:]


def test_helpers_go_over_and_who_helps_both_stays_once(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    both, one = make_helper(kept), make_helper(other)
    twice = make_helper(other, user=both.user)

    merge(kept.pk, other.pk, by=unit_clerk)

    assert {helper.user_id for helper in kept.helpers.filter(ended_at=None)} == {both.user_id, one.user_id}
    assert fresh(twice).ended_at is not None


def test_a_fourth_helper_is_settled_first(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    for row in (kept, kept, other, other):
        make_helper(row)

    with pytest.raises(RuleBroken, match="最多 3 位"):
        merge(kept.pk, other.pk, by=unit_clerk)


def test_who_has_the_account_is_no_helper_of_oneself(unit: Organisation, unit_clerk: User) -> None:
    kept, linked = make_member(unit), make_linked_member(unit)
    assert linked.user is not None
    make_helper(kept, user=linked.user)

    merge(kept.pk, linked.pk, by=unit_clerk)

    assert not kept.helpers.filter(ended_at=None).exists()


def test_requests_and_claims_go_over(kept: Retiree, other: Retiree, unit_clerk: User) -> None:
    asked = people.ask_to_help(
        name="王小军", relation="son", elder_name=other.name, birth_month="1950-03", phone=other.phone,
        by=UserFactory(), by_call=True,
    )  # fmt: skip
    claim = people.register_self(
        name=other.name, id_number=other.id_number, kind_of_person="tuixiu",
        by=make_account("13900009999"), unit_words="研究所",
    ).claim  # fmt: skip
    assert claim is not None

    merge(kept.pk, other.pk, by=unit_clerk)

    assert (fresh(asked).retiree, fresh(claim).retiree) == (kept, kept)


def test_deaths_go_over_and_two_reports_are_settled_first(
    kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    report = people.report_death(other.pk, date(2020, 1, 1), by=unit_clerk)
    same = people.report_death(kept.pk, date(2020, 1, 1), by=unit_clerk)

    with pytest.raises(RuleBroken, match="去世消息"):
        merge(kept.pk, other.pk, by=unit_clerk)
    people.dismiss_death(same.pk, words="还健在", by=unit_clerk)
    merge(kept.pk, other.pk, by=unit_clerk)

    assert fresh(report).retiree == kept


def test_one_formal_party_relation_is_left(
    unit: Organisation, kept: Retiree, other: Retiree, unit_clerk: User, city: TinyCity
) -> None:
    one, two = make_branch(unit), make_branch(unit, name="第二党支部")
    home = make_branch(city.communities[0])
    for row, branch, kind, post in (
        (kept, one, "formal", ""),
        (other, two, "formal", ""),
        (other, home, "participation", "secretary"),
        (kept, home, "participation", ""),
    ):
        PartyAffiliation.objects.create(
            retiree=row,
            organisation=branch,
            kind=kind,
            post=post,
            post_from=date(2021, 1, 1) if post else None,
            valid_from=date(2020, 1, 1),
        )

    merge(kept.pk, other.pk, by=unit_clerk)

    now = {(row.organisation, row.kind, row.post) for row in kept.affiliations.filter(valid_until=None)}
    assert now == {(one, "formal", ""), (home, "participation", "secretary")}
    assert kept.affiliations.count() == 4


def test_a_formal_relation_takes_the_place_of_taking_part_there(
    unit: Organisation, kept: Retiree, other: Retiree, unit_clerk: User
) -> None:
    branch = make_branch(unit)
    for row, kind in ((kept, "participation"), (other, "formal")):
        PartyAffiliation.objects.create(
            retiree=row, organisation=branch, kind=kind, valid_from=date(2020, 1, 1)
        )

    merge(kept.pk, other.pk, by=unit_clerk)

    assert kept.affiliations.get(valid_until=None).kind == "formal"


def test_who_was_merged_before_goes_along(unit: Organisation, unit_clerk: User) -> None:
    first, second, third = (make_member(unit) for _ in range(3))
    merge(second.pk, third.pk, by=unit_clerk)

    merge(first.pk, second.pk, by=unit_clerk)

    assert fresh(third).merged_into == first


def test_every_table_that_points_to_people_was_thought_of() -> None:
    """A new one is moved by a plan, or stays written of the row it was written of; say which, here."""
    moved = {
        "members_people.Helper.retiree",
        "members_people.HelperRequest.retiree",
        "members_people.IdentityClaim.retiree",
        "members_people.Death.retiree",
        "members_people.Retiree.merged_into",
        "members_units.UnitMembership.retiree",
        "members_party.PartyAffiliation.retiree",
        "checkin_record.CheckIn.retiree",
        "checkin_record.SeasonalStay.retiree",
        "checkin_proposals.ChangeProposal.retiree",
        "services_activities.Participation.retiree",
        "services_requests.Request.retiree",
        "services_care.CareClass.retiree",
        "services_care.CareTeam.retiree",
        "services_care.Visit.retiree",
        "services_care.Obligation.retiree",
        "services_ledger.Redemption.retiree",
        "services_funds.Application.retiree",
        "services_funds.SubsidyLine.retiree",
    }
    stays = {
        "members_duplicates.DuplicatePair.first",
        "members_duplicates.DuplicatePair.second",
        "members_duplicates.PersonMerge.kept",
        "members_duplicates.PersonMerge.other",
        "members_units.ReorganisationPerson.retiree",
        "members_roster.TransferProposal.retiree",
        "checkin_feedback.FeedbackLine.retiree",  # a report says what was true when it was made
        "checkin_rights.ConsentWithdrawal.retiree",  # what was taken back, on the row it was given on
        "checkin_rights.ErasureRequest.retiree",
        "services_ledger.Account.retiree",  # its points are booked over
        "services_ledger.Entry.retiree",  # never changed
    }
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Retiree
    }

    assert found - moved - stays == set()
