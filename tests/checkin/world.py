"""A small world in which check-ins happen: a tiny city, a unit, people, and somebody at each desk."""

from dataclasses import dataclass
from typing import Any

from checkin.record import actions
from checkin.record.models import CheckIn
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.communities.factories import TinyCity, UserFactory, make_city, make_staff, make_unit
from tests.members.factories import load_codes, make_member


@dataclass(frozen=True)
class World:
    """`here` and `there` are communities of one district; the clerks work for what their names say."""

    city: TinyCity
    unit: Organisation
    here: Organisation
    there: Organisation
    clerk: User
    clerk_there: User
    unit_clerk: User
    street_clerk: User
    bureau_clerk: User
    person: User | None = None  # who withdraws instead of the person, in a test of strangers

    def member(self, **fields: Any) -> Retiree:
        """A retiree of the unit with an account; `user` in `fields` to choose it."""
        fields.setdefault("user", UserFactory())
        return make_member(self.unit, **fields)

    def draft(self, retiree: Retiree | None = None, **fields: Any) -> CheckIn:
        """A filled-in draft of the person's own, for `here` unless `fields` say otherwise."""
        retiree = retiree or self.member()
        assert retiree.user is not None
        checkin = actions.start(retiree.pk, by=retiree.user)
        told: dict[str, Any] = {
            "address": "云霄路 12 号 3 单元 502",
            "community_id": self.here.pk,
            "data_correct": True,
        }
        return actions.write_down(checkin.pk, by=retiree.user, **(told | fields))

    def waiting_for_unit(self, retiree: Retiree | None = None, **fields: Any) -> CheckIn:
        """Submitted, and the person said that the roster is wrong."""
        return self.submitted(retiree, data_correct=False, remarks="出生月份不对", **fields)

    def submitted(self, retiree: Retiree | None = None, **fields: Any) -> CheckIn:
        """Handed in; on the roster and nothing wrong, so it waits for the community."""
        checkin = self.draft(retiree, **fields)
        assert checkin.retiree.user is not None
        return actions.submit(checkin.pk, by=checkin.retiree.user, consented=True)

    def confirmed(self, retiree: Retiree | None = None, **fields: Any) -> CheckIn:
        checkin = self.submitted(retiree, **fields)
        return actions.confirm(checkin.pk, by=self.clerk)

    def returned(self, retiree: Retiree | None = None, **fields: Any) -> CheckIn:
        checkin = self.submitted(retiree, **fields)
        return actions.return_to_person(
            checkin.pk, by=self.clerk, reason="address_unclear", words="门牌号不清楚"
        )


def make_world() -> World:
    load_codes()
    city = make_city()
    unit = make_unit("青岛市海洋研究所")
    here, there = city.communities[0], city.communities[1]
    for number, community in enumerate((here, there)):
        community.phone, community.address = f"0532-8570000{number}", "市南区云霄路 1 号"
        community.save()
    return World(
        city=city,
        unit=unit,
        here=here,
        there=there,
        clerk=make_staff(here, display_name="李敏"),
        clerk_there=make_staff(there, display_name="赵强"),
        unit_clerk=make_staff(unit, display_name="张伟"),
        street_clerk=make_staff(city.streets[0], display_name="孙芳"),
        bureau_clerk=make_staff(city.districts[0], display_name="周红"),
    )


def again(checkin: CheckIn) -> CheckIn:
    """The row as the database has it now."""
    return CheckIn.objects.select_related("retiree", "desk", "community", "unit").get(pk=checkin.pk)


def moves(checkin: CheckIn) -> list[str]:
    return list(checkin.events.order_by("pk").values_list("move", flat=True))
