"""What planting stands on: people as the program writes them down, everything sent, a run and what it found."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone

from checkin.reconciliation import actions
from checkin.reconciliation.models import ReconciliationRun
from checkin.sync.relay import relay
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.texts.models import Text
from members.people.models import Retiree
from members.units import actions as units
from tests.checkin.world import World
from tests.communities.factories import UserFactory
from tests.members.factories import RetireeFactory

type Damage = Callable[[], int | None]
type Plant = Callable[[World], Damage]


def enrolled(unit: Organisation, **fields: Any) -> Retiree:
    """Somebody whom `unit` manages, as the program itself writes it down."""
    retiree = RetireeFactory(user=UserFactory(), **fields)
    units.join(retiree.pk, unit.pk, on=date(2020, 1, 1), by=User.objects.system())
    return retiree


def settle() -> None:
    """Everything that was owed went out."""
    relay()
    Text.objects.filter(state=Text.State.PENDING).update(state=Text.State.SENT, sent_at=timezone.now())


def run(*, repair: bool = False) -> ReconciliationRun:
    return actions.reconcile(by=User.objects.system(), repair=repair)


def found(run: ReconciliationRun) -> dict[str, int]:
    """The checks that found something."""
    return {key: number for key, number in run.counts.items() if number}
