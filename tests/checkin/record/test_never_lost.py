"""Whatever anybody does in whatever order, nothing falls out of every queue (Hypothesis, stateful)."""

import itertools
import os
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from checkin.record import actions
from checkin.record.models import Channel, CheckIn, CheckInEvent, EndReason, State
from checkin.record.permissions import visible_to
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.people import actions as people
from members.people.models import Death, Retiree
from tests.checkin.world import World, make_world
from tests.communities.factories import UserFactory, make_external_unit
from tests.members.factories import make_member

PEOPLE = 3


class Office(RuleBasedStateMachine):
    """Random acts by random actors on a few people, in one transaction that is rolled back at the end."""

    world: World
    actors: list[User]
    people: list[Retiree]

    @initialize()
    def open_office(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.world = make_world()
        world = self.world
        self.people = [world.member() for _ in range(PEOPLE - 1)]
        self.people.append(make_member(make_external_unit(), user=UserFactory()))
        self.actors = [
            *(person.user for person in self.people),
            world.clerk,
            world.clerk_there,
            world.unit_clerk,
            world.street_clerk,
            world.bureau_clerk,
        ]

    def teardown(self) -> None:
        if not hasattr(self, "outer"):
            return
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def attempt(self, act: Any, *args: Any, **kwargs: Any) -> None:
        """An act is done, or refused and then nothing has changed."""
        before = self.picture()
        try:
            with transaction.atomic():
                act(*args, **kwargs)
        except (RuleBroken, PermissionDenied):
            assert self.picture() == before

    def picture(self) -> list[Any]:
        return [
            *CheckIn.objects.order_by("pk").values(),
            *Retiree.objects.order_by("pk").values(
                "pk", "died_on", "residence", "residence_address", "version"
            ),
            CheckInEvent.objects.count(),
        ]

    @rule(
        person=st.integers(0, PEOPLE - 1), actor=st.integers(0, 7), channel=st.sampled_from([None, *Channel])
    )
    def start(self, person: int, actor: int, channel: Channel | None) -> None:
        self.attempt(actions.start, self.people[person].pk, by=self.actors[actor], channel=channel)

    @rule(person=st.integers(0, PEOPLE - 1), place=st.integers(0, 2), correct=st.booleans())
    def fill_in_and_submit(self, person: int, place: int, correct: bool) -> None:
        checkin = CheckIn.objects.filter(retiree=self.people[person], state__in=("draft", "returned")).first()
        if checkin is None:
            return
        community = [self.world.here.pk, self.world.there.pk, None][place]
        area = self.world.city.streets[0].division_id
        by = self.people[person].user
        self.attempt(
            actions.write_down, checkin.pk, by=by, address="云霄路 1 号", community_id=community, area_id=area,
            data_correct=correct,
        )  # fmt: skip
        self.attempt(actions.submit, checkin.pk, by=by, consented=True)

    @rule(
        what=st.sampled_from(["verify", "return", "forward", "place", "confirm", "undo", "withdraw", "end"]),
        which=st.integers(0, 20),
        actor=st.integers(0, 7),
        stale=st.booleans(),
    )
    def act(self, what: str, which: int, actor: int, stale: bool) -> None:
        rows = list(CheckIn.objects.order_by("pk"))
        if not rows:
            return
        row = rows[which % len(rows)]
        by, version = self.actors[actor], row.version - stale
        match what:
            case "verify":
                self.attempt(actions.verify, row.pk, by=by, version=version)
            case "return":
                self.attempt(actions.return_to_person, row.pk, by=by, reason="other", version=version)
            case "forward":
                self.attempt(
                    actions.forward, row.pk, by=by, community_id=self.world.there.pk, version=version
                )
            case "place":
                self.attempt(actions.place, row.pk, by=by, community_id=self.world.here.pk, version=version)
            case "confirm":
                self.attempt(actions.confirm, row.pk, by=by, version=version)
            case "undo":
                self.attempt(actions.undo_confirm, row.pk, by=by, version=version)
            case "withdraw":
                self.attempt(actions.withdraw, row.pk, by=by, version=version)
            case "end":
                self.attempt(
                    actions.end, row.pk, by=by, reason=EndReason.OTHER, words="失联", version=version
                )

    @rule(person=st.integers(0, PEOPLE - 1), undo=st.booleans())
    def die_or_come_back(self, person: int, undo: bool) -> None:
        system = User.objects.system()
        retiree = self.people[person]
        standing = Death.objects.filter(retiree=retiree, state="confirmed").first()
        if standing and undo:
            self.attempt(people.undo_death, standing.pk, by=system, words="误登")
        elif not standing and not undo:
            with transaction.atomic():
                death = people.report_death(retiree.pk, died_on=date(2026, 1, 5), by=system)
                people.confirm_death(death.pk, by=system)

    @rule(person=st.integers(0, PEOPLE - 1))
    def register_at_the_counter(self, person: int) -> None:
        self.attempt(
            actions.register, self.people[person].pk, by=self.world.clerk, channel=Channel.COUNTER,
            community_id=self.world.here.pk, address="云霄路 2 号",
        )  # fmt: skip

    @invariant()
    def every_open_item_is_on_somebodys_desk(self) -> None:
        if not hasattr(self, "world"):
            return
        for checkin in CheckIn.objects.filter(state__in=CheckIn.AT_DESK).select_related(
            "desk", "retiree__user"
        ):
            assert checkin.desk is not None
            assert checkin in CheckIn.objects.at_desk(checkin.desk)
            watchers = Assignment.objects.filter(
                organisation__in=(checkin.desk, checkin.desk.parent), valid_until=None
            ).exists()
            overseen = any(
                checkin in visible_to(user) for user in (self.world.bureau_clerk, self.world.street_clerk)
            )
            assert watchers or overseen

    @invariant()
    def every_open_item_is_on_the_persons_own_page(self) -> None:
        if not hasattr(self, "world"):
            return
        for checkin in CheckIn.objects.open().select_related("retiree__user"):
            assert checkin.retiree.user is not None
            assert checkin in visible_to(checkin.retiree.user)

    @invariant()
    def the_rules_hold(self) -> None:
        if not hasattr(self, "world"):
            return
        for person in self.people:
            rows = CheckIn.objects.filter(retiree=person)
            assert rows.filter(state__in=CheckIn.OPEN).count() <= 1
            assert rows.filter(state=State.CONFIRMED).count() <= 1
            person.refresh_from_db()
            if person.died_on is not None:
                assert not rows.filter(state__in=(*CheckIn.OPEN, State.CONFIRMED)).exists()
        for checkin in CheckIn.objects.all():
            chain = list(checkin.events.order_by("pk").values_list("from_state", "to_state"))
            assert chain[-1][1] == checkin.state
            assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(chain))


@pytest.mark.django_db
def test_nothing_falls_out_of_every_queue() -> None:
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=int(os.environ.get("TEST_EXAMPLES", "12")),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        ),
    )
