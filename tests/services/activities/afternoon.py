"""A small world in which activities happen: a community with a clerk, people who live there, a branch."""

import csv
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from services.activities import actions
from services.activities.actions import Plan
from services.activities.models import Activity, ActivityPreset, Participation
from services.presets.actions import load
from tests.checkin.world import World, make_world
from tests.members.factories import RetireeFactory

PRESETS = Path(__file__).resolve().parents[3] / "services" / "activities" / "data" / "presets.csv"


def load_presets() -> None:
    with PRESETS.open(encoding="utf-8", newline="") as file:
        load(ActivityPreset, csv.DictReader(file))


@dataclass
class Afternoon:
    """`here` holds activities, `clerk` works there; neighbours live there and have accounts."""

    world: World
    here: Organisation
    clerk: User
    tomorrow: datetime
    presets: dict[str, ActivityPreset] = field(default_factory=dict)

    def neighbour(self, **fields: Any) -> Retiree:
        """Somebody of the unit who lives here and has an account."""
        return self.world.member(**({"residence": self.here.division, "political_status": "cpc"} | fields))

    def plan(self, preset: str = "lecture", **fields: Any) -> Plan:
        starts_at = fields.pop("starts_at", self.tomorrow)
        known: dict[str, Any] = {
            "preset_id": self.presets[preset].pk, "title": "健康讲座", "starts_at": starts_at,
            "ends_at": fields.pop("ends_at", starts_at + timedelta(hours=2)), "audience": Activity.Audience.AREA,
            "area_code": self.here.division_id, "place": "社区会议室",
        }  # fmt: skip
        return Plan(**(known | fields))

    def activity(self, preset: str = "lecture", *, by: User | None = None, **fields: Any) -> Activity:
        return actions.create(self.here.pk, self.plan(preset, **fields), by=by or self.clerk)[0]

    def signed(self, activity: Activity, person: Retiree | None = None) -> Participation:
        person = person or self.neighbour()
        return actions.sign_up(activity.pk, person.pk, by=person.user)


def make_afternoon() -> Afternoon:
    world = make_world()
    load_presets()
    tomorrow = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    presets = {preset.key: preset for preset in ActivityPreset.objects.all()}
    return Afternoon(world, world.here, world.clerk, tomorrow, presets)


def states(activity: Activity) -> list[str]:
    """The states of everybody in it, in the order they came."""
    return list(activity.participations.order_by("pk").values_list("state", flat=True))


def again(activity: Activity) -> Activity:
    return Activity.objects.get(pk=activity.pk)


def crowd(number: int, **fields: Any) -> list[Retiree]:
    """Many people without numbers, in one statement."""
    return Retiree.objects.bulk_create(
        RetireeFactory.build(id_number="", phone="", **fields) for _ in range(number)
    )
