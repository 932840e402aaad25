"""A small city, filled once for all tests of this file and rolled back afterwards."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from checkin.access.models import AccessAlert
from checkin.proposals.models import ChangeProposal
from checkin.record import actions, clock, desks
from checkin.record.models import Ceremony, Channel, CheckIn, CheckInEvent, NumberSeries, State
from communities.calendar.days import load
from communities.divisions.matching import recommend
from communities.divisions.models import NamedPlace
from communities.notices.models import Notice
from communities.organisations import credit_codes
from communities.organisations.models import Assignment, Organisation
from demo import filling
from demo.accounts import for_login_page
from demo.city.fill import counts, make_city
from demo.city.nights import OPENED, look_at_night
from demo.city.proposals import plant_proposals
from demo.city.staff import PASSWORD
from demo.city.store import Store
from demo.models import DemoCity
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.party.models import PartyAffiliation
from members.people import fields, id_numbers
from members.people.models import Death, Helper, Retiree
from members.units.models import UnitMembership

MEMBERS, TODAY = 300, date(2026, 11, 20)  # a Friday
REQUIRED_ROLES = {"retiree", "helper", "community", "unit", "street", "district", "bureau"}


def quiet(words: str) -> None:
    """The progress of a filling, to nobody."""


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker) -> Iterator[DemoCity]:
    with django_db_blocker.unblock(), transaction.atomic():
        row = filling.fill(MEMBERS, seed=1, today=TODAY, say=quiet)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield row
        transaction.set_rollback(True)


def account(city: DemoCity, role: str) -> dict[str, str]:
    return next(known for known in city.accounts if known["role"] == role)


def office(city: DemoCity, role: str) -> Organisation:
    user = User.objects.get(username=account(city, role)["login"])
    return Assignment.objects.get(user=user).organisation


def person(city: DemoCity, role: str) -> Retiree:
    return Retiree.objects.with_phone(account(city, role)["login"]).get()


def values(store: Store) -> dict[type[Model], list[dict[str, object]]]:
    """Every row as plain values. What is random for safety is left out: the salt of passwords, secrets."""
    left_out = {"_state", "password", "audit_secret"}
    return {
        model: [
            {
                name: value
                for name, value in (row if isinstance(row, dict) else vars(row)).items()
                if name not in left_out
            }
            for row in rows
        ]
        for model, rows in store.rows.items()
    }


def test_same_seed_and_day_give_the_same_rows(city):
    first, second, other = (
        make_city(60, seed=seed, today=TODAY, say=quiet, store=Store(first_id=lambda model: 1)).store
        for seed in (7, 7, 8)
    )

    assert values(first) == values(second)
    assert [row.name for row in first.of(Retiree)] != [row.name for row in other.of(Retiree)]


def test_filling_again_changes_nothing(city):
    before, audited = counts(), AuditEntry.objects.count()

    again = filling.fill(MEMBERS, seed=1, today=TODAY, say=quiet)

    assert again.pk == city.pk
    assert counts() == before
    assert AuditEntry.objects.count() == audited


def test_counts_are_those_of_the_database(city):
    found = counts()

    assert found["retirees"] == Retiree.objects.count() == MEMBERS
    assert found["checkins"] == CheckIn.objects.count()
    assert found["communities"] == Organisation.objects.filter(kind="community").count()
    assert sum(found[f"checkins_{state}"] for state in State.values) == found["checkins"]


def test_every_state_and_channel_is_there(city):
    assert set(CheckIn.objects.values_list("state", flat=True)) == set(State.values)
    assert set(CheckIn.objects.values_list("channel", flat=True)) >= set(Channel.values) - {Channel.CEREMONY}
    assert set(CheckIn.objects.filter(state=State.ENDED).values_list("end_reason", flat=True)) >= {
        "moved",
        "death",
    }
    moves = set(CheckInEvent.objects.values_list("move", flat=True))
    assert moves >= set(CheckInEvent.Move.values) - {
        "redirected", "rescheduled", "merged", "unmerged",
    }  # fmt: skip
    assert set(Death.objects.values_list("state", flat=True)) == set(Death.State.values)


def test_ceremonies_hand_over_people_of_their_unit(city):
    for ceremony in Ceremony.objects.all():
        for checkin in ceremony.checkins.all():
            assert (checkin.channel, checkin.unit_id) == (Channel.CEREMONY, ceremony.unit_id)
            assert timezone.localdate(checkin.submitted_at) == ceremony.held_on


def test_events_of_a_checkin_form_a_chain_that_ends_in_its_state(city):
    chains = defaultdict(list)
    for event in CheckInEvent.objects.order_by("pk"):
        chains[event.checkin_id].append(event)

    for checkin in CheckIn.objects.all():
        chain = chains[checkin.pk]
        assert chain[0].from_state in ("", State.DRAFT)
        assert all(one.to_state == two.from_state for one, two in pairwise(chain))
        assert all(one.at <= two.at for one, two in pairwise(chain))
        assert chain[-1].to_state == checkin.state
        assert checkin.version >= len(chain)


def test_each_event_was_audited(city):
    entries = AuditEntry.objects.filter(target_type="checkin_record.checkin", action__startswith="checkin.")

    assert entries.count() == CheckInEvent.objects.count()


def test_nothing_lies_in_the_future(city):
    end = timezone.make_aware(timezone.datetime.combine(TODAY, time()))

    for model, field in (
        (CheckInEvent, "at"),
        (AuditEntry, "at"),
        (Notice, "created_at"),
        (Death, "reported_at"),
    ):
        late = model.objects.filter(**{f"{field}__gte": end})
        if model is AuditEntry:
            late = late.filter(action__startswith="checkin.")
        if model is Notice:
            late = late.exclude(created_at__date__lte=TODAY)
        assert not late.exists(), model


def test_offices_act_in_office_hours_on_working_days(city):
    calendar = load()

    for event in CheckInEvent.objects.exclude(organisation=None):
        at = timezone.localtime(event.at)
        assert calendar.is_working_day(at.date()), event
        assert time(8) <= at.time() <= time(18), event


def test_every_open_case_is_on_a_desk_where_somebody_works(city):
    staffed = set(Assignment.objects.active(TODAY).values_list("organisation", flat=True))
    waiting = CheckIn.objects.filter(state__in=CheckIn.AT_DESK).select_related("desk")

    assert waiting.count() >= 20
    for checkin in waiting:
        assert checkin.desk_id in staffed, checkin
        assert checkin.desk.closed_on is None
        assert checkin.due_on <= checkin.street_on <= checkin.bureau_on


def test_desks_and_dates_are_those_the_real_code_works_out(city):
    for checkin in CheckIn.objects.filter(state__in=CheckIn.AT_DESK).select_related("retiree"):
        before = (checkin.due_on, checkin.street_on, checkin.bureau_on, checkin.dates_provisional)
        clock.set_dates(checkin)

        assert (checkin.due_on, checkin.street_on, checkin.bureau_on, checkin.dates_provisional) == before
        assert desks.next_desk(checkin) == checkin.desk


def test_reminders_of_yesterday_were_all_sent(city):
    before = Notice.objects.count()

    actions.remind_overdue(today=TODAY - timedelta(days=1))

    assert Notice.objects.count() == before


def test_the_real_actions_carry_on_where_the_history_ends(city):
    clerk = User.objects.get(username=account(city, "community")["login"])
    ready = person(city, "retiree")
    last = NumberSeries.objects.get(year=timezone.localdate().year).last
    with transaction.atomic():
        checkin = actions.start(ready.pk, by=ready.user)
        where = {"community_id": office(city, "community").pk, "address": ready.residence_address}
        actions.write_down(checkin.pk, by=ready.user, data_correct=True, **where)
        checkin = actions.submit(checkin.pk, by=ready.user, consented=True)
        confirmed = actions.confirm(checkin.pk, by=clerk)
        transaction.set_rollback(True)

    assert int(checkin.number[8:]) == last + 1
    assert confirmed.state == State.CONFIRMED


def test_numbers_have_no_gaps_and_rise_with_time(city):
    for series in NumberSeries.objects.all():
        rows = CheckIn.objects.filter(number__startswith=f"FX-{series.year}-").order_by("number")
        numbers = [int(number[8:]) for number in rows.values_list("number", flat=True)]
        assert numbers == list(range(1, series.last + 1))
    assert CheckIn.objects.exclude(number="").count() == sum(
        NumberSeries.objects.values_list("last", flat=True)
    )


def test_sequences_are_past_what_was_written(city):
    newest = Retiree.objects.order_by("pk").last()
    with transaction.atomic():
        after = Retiree.objects.create(name="后来人")
        transaction.set_rollback(True)

    assert after.pk == newest.pk + 1


def test_the_community_clerk_has_work_of_every_sort(city):
    queue = CheckIn.objects.at_desk(office(city, "community"))

    assert 10 <= queue.count() <= 40
    assert queue.filter(due_on=TODAY).exists()
    assert queue.filter(due_on__lt=TODAY).exists()
    assert queue.filter(bureau_on__lte=TODAY).exists()
    assert queue.filter(due_on__gt=TODAY).exists()
    assert {State.VERIFIED, State.RETURNED} <= set(queue.values_list("state", flat=True))
    assert queue.filter(previous__state=State.CONFIRMED).exists()


@pytest.mark.parametrize("role", ["unit", "street", "district"])
def test_the_other_offices_have_work_too(city, role):
    assert CheckIn.objects.at_desk(office(city, role)).exists()


def test_late_cases_were_reminded_of(city):
    late = CheckIn.objects.filter(state__in=CheckIn.AT_DESK, due_on__lt=TODAY - timedelta(days=1))

    for checkin in late:
        assert Notice.objects.filter(key__startswith=f"late:{checkin.pk}:", receiver=checkin.desk).exists()


def test_ready_accounts_cover_every_role(city):
    roles = [known["role"] for known in city.accounts]

    assert set(roles) >= REQUIRED_ROLES
    assert len(roles) == len(set(roles))
    assert len(for_login_page()) == len(roles)
    for known in city.accounts:
        if known["password"]:
            assert User.objects.get(username=known["login"]).check_password(PASSWORD)
        else:
            assert User.objects.with_phone(known["login"]) is not None
        assert known["home"] in ("/my/", "/community/", "/unit/", "/bureau/")


def test_the_ready_retiree_can_be_followed_through_four_pairs_of_hands(city):
    ready, community = person(city, "retiree"), office(city, "community")

    assert not ready.checkins.exists()
    assert ready.standing == Retiree.Standing.ROSTER
    assert not fields.missing_for_confirmation(ready)
    assert ready.memberships.get(valid_until=None).unit == office(city, "unit")
    assert recommend(ready.residence_address)[0].community == community.division
    assert community.parent == office(city, "street")
    assert community.parent.parent == office(city, "district")
    assert community.parent.parent.parent == office(city, "bureau")


@pytest.mark.parametrize(
    ("role", "state"),
    [
        ("retiree_draft", State.DRAFT),
        ("retiree_returned", State.RETURNED),
        ("retiree_waiting", State.VERIFIED),
        ("retiree_confirmed", State.CONFIRMED),
    ],
)
def test_each_ready_retiree_is_in_the_state_the_account_promises(city, role, state):
    ready = person(city, role)

    assert ready.checkins.get().state == state
    assert ready.user.phone == account(city, role)["login"]


def test_the_ready_helper_helps_an_elder(city):
    user = User.objects.with_phone(account(city, "helper")["login"])

    helper = Helper.objects.get(user=user, ended_at=None)

    assert helper.retiree.age(TODAY) >= 86
    assert not helper.retiree.checkins.exists()


def test_people_agree_with_their_id_numbers(city):
    for row in Retiree.objects.all():
        fields.check_agreement(row)
        if row.id_number:
            assert id_numbers.clean(row.id_number, today=TODAY) == row.id_number
        if row.kind == Retiree.Kind.LIXIU:
            assert row.joined_work_on <= "1949-09"
            assert row.age(TODAY) >= 91


def test_codes_are_of_the_lists(city):
    for row in Retiree.objects.all():
        fields.clean(
            {name: value for name in fields.CODE_LISTS if (value := getattr(row, name))},
            list(fields.CODE_LISTS),
        )


def test_most_addresses_lead_home(city):
    living = Retiree.objects.exclude(residence=None).select_related("residence")[:60]
    found = [
        any(
            one.community == row.residence
            for one in recommend(row.residence_address, district=row.residence_id)
        )
        for row in living
    ]

    assert sum(found) >= 0.9 * len(found)


def test_everybody_in_the_roster_has_one_unit_and_members_one_branch(city):
    roster = Retiree.objects.filter(standing=Retiree.Standing.ROSTER)

    assert UnitMembership.objects.open().count() == roster.count()
    formal = PartyAffiliation.objects.filter(kind=PartyAffiliation.Kind.FORMAL)
    assert set(formal.values_list("retiree__political_status", flat=True)) == {"cpc"}
    assert PartyAffiliation.objects.filter(kind=PartyAffiliation.Kind.PARTICIPATION).exists()


def test_the_dead_have_nothing_open(city):
    dead = Retiree.objects.exclude(died_on=None)

    assert dead.exists()
    assert not CheckIn.objects.filter(retiree__in=dead, state__in=(*CheckIn.OPEN, State.CONFIRMED)).exists()
    assert not PartyAffiliation.objects.filter(retiree__in=dead, valid_until=None).exists()
    for row in dead:
        assert row.deaths.get(state=Death.State.CONFIRMED).died_on == row.died_on


def test_units_have_valid_codes_and_closed_ones_nobody(city):
    for unit in Organisation.objects.filter(kind="unit"):
        assert credit_codes.is_valid(unit.credit_code)
        assert unit.phone
        assert unit.parent.kind == "bureau"
    closed = Organisation.objects.filter(kind="unit").exclude(closed_on=None)
    assert closed.count() == 2
    assert not UnitMembership.objects.open().filter(unit__in=closed).exists()


def test_town_communities_have_named_places(city):
    communities = set(NamedPlace.objects.values_list("community", flat=True))

    assert office(city, "community").division_id in communities
    assert len(communities) > 1000


def test_corrections_were_proposed_and_some_are_answered(city):
    clerks = [User.objects.get(username=account(city, role)["login"]) for role in ("unit", "community")]
    with transaction.atomic():
        plant_proposals(office(city, "unit"), clerks[0], office(city, "community"), clerks[1])
        states = set(ChangeProposal.objects.values_list("state", flat=True))
        late = ChangeProposal.objects.open().filter(due_on__lt=timezone.localdate()).count()
        sides = set(ChangeProposal.objects.values_list("side", flat=True))
        transaction.set_rollback(True)

    assert states == {"open", "accepted", "refused"}
    assert late == 1
    assert sides == {"person", "community", "unit"}


def test_records_opened_at_night_are_told_to_the_district(city):
    clerk, community = (
        User.objects.get(username=account(city, "community")["login"]),
        office(city, "community"),
    )
    with transaction.atomic():
        look_at_night(community, clerk)
        alerts = list(AccessAlert.objects.values_list("kind", "reader", "number"))
        bureau = AccessAlert.objects.get().bureau
        transaction.set_rollback(True)

    assert alerts == [("night", clerk.pk, OPENED)]
    assert bureau == office(city, "district")
