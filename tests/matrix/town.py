"""One small town for the matrix: three sides that know nothing of each other, each with one object of every kind.

`own` is a unit and a community of the first district, `neighbour` another unit and the next community of the same
street, `foreign` those of the other district. Every person carries marks that occur nowhere else (marks.py).
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from checkin.record import actions
from checkin.record.models import Channel, CheckIn
from checkin.statistics.months import Month
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.api.systems import System
from tests.checkin.record.photographs import picture
from tests.communities.factories import (
    TinyCity,
    UserFactory,
    make_city,
    make_external_unit,
    make_staff,
    make_unit,
)
from tests.matrix.marks import Marks
from tests.members.factories import load_codes, make_helper, make_member

BEGINS = "2026-10-12"  # people check in
GOES_ON = "2026-11-05"  # October is over: reports, and all the rest
OCTOBER = Month(2026, 10)
Kind = Organisation.Kind


@dataclass
class Side:
    """`of`: the key of one object of each kind that addresses name; by area of pages where each has its own."""

    name: str
    district: Organisation
    street: Organisation
    community: Organisation
    unit: Organisation
    outside: Organisation
    staff: dict[str, User]
    people: dict[str, Retiree] = field(default_factory=dict)
    of: dict[str, Any] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)

    def key(self, kind: str, area: str) -> Any:
        """The object of `kind` that the pages of `area` name."""
        found = self.of[kind]
        return found[area] if isinstance(found, dict) else found

    def organisation(self, area: str) -> Organisation:
        return {"unit": self.unit, "community": self.community, "bureau": self.district}[area]


@dataclass
class Town:
    city: TinyCity
    sides: dict[str, Side]
    marks: Marks
    boss: User


def begin() -> Town:
    """The three sides as far as October: organisations, staff, people, check-ins."""
    load_codes()
    city = make_city()
    marks = Marks()
    places = {"own": (0, 0, 0), "neighbour": (0, 0, 1), "foreign": (1, 2, 4)}
    town = Town(city, {}, marks, make_staff(city.city, Assignment.Role.LEAD, display_name="市局负责人"))
    for name, (district, street, community) in places.items():
        town.sides[name] = _side(name, city, district, street, community)
    for side in town.sides.values():
        _people(side, marks)
    return town


def _side(name: str, city: TinyCity, district: int, street: int, community: int) -> Side:
    place = city.districts[district]
    unit = make_unit(f"青岛市{name}研究所", place=place.division, contact=f"{name}联系人")
    here = city.communities[community]
    here.phone, here.address = f"0532-857000{community:02d}", "社区服务中心"
    here.save()
    offices = {
        "unit": unit, "community": here, "street": city.streets[street], "district": place,
    }  # fmt: skip
    staff = {}
    for office, organisation in offices.items():
        for role in (Assignment.Role.CLERK, Assignment.Role.LEAD):
            staff[f"{office}_{role}"] = make_staff(organisation, role, display_name=f"{office}{role}")
    return Side(
        name,
        place,
        city.streets[street],
        here,
        unit,
        make_external_unit(f"南京市{name}机械厂"),
        staff,
    )


def _member(
    side: Side, marks: Marks, who: str, *, unit: Organisation | None = None, **fields: Any
) -> Retiree:
    """Somebody of the side, marked in every field that text fits into."""
    fields = marks.of_person(side.name, who) | {"user": UserFactory(display_name=who)} | fields
    made = make_member(unit or side.unit, **fields)
    side.people[who] = made
    return made


def _people(side: Side, marks: Marks) -> None:
    """Somebody in every state of a check-in, and what is about them."""
    clerk, unit_clerk = side.staff["community_clerk"], side.staff["unit_clerk"]

    def draft(who: str, **fields: Any) -> CheckIn:
        """A draft of somebody, or of a person made before, with marks in what is declared."""
        person = side.people.get(who) or _member(side, marks, who)
        assert person.user is not None
        begun = actions.start(person.pk, by=person.user)
        told = {
            "address": marks.text(side.name, who, "declared_address"),
            "remarks": marks.text(side.name, who, "remarks"),
            "community_id": side.community.pk,
            "data_correct": True,
        }
        return actions.write_down(begun.pk, by=person.user, **(told | fields))

    def submitted(who: str, **fields: Any) -> CheckIn:
        row = draft(who, **fields)
        return actions.submit(row.pk, by=row.retiree.user, consented=True)  # type: ignore[arg-type]

    def confirmed(who: str) -> CheckIn:
        return actions.confirm(submitted(who).pk, by=clerk)

    confirmed("main")
    draft("draft")
    waiting = submitted("waiting")
    for_unit = submitted("for_unit", data_correct=False)
    returned = submitted("returned")
    actions.return_to_person(
        returned.pk,
        by=clerk,
        reason="address_unclear",
        words=marks.text(side.name, "returned", "return_words"),
    )
    unplaced = submitted("unplaced", community_id=None, area_id=side.street.division_id)
    dying = confirmed("dying")
    confirmed("to_end")
    confirmed("restricted")
    _member(side, marks, "restricted_draft")
    _member(side, marks, "seasonal")
    _member(side, marks, "asked_for", user=None, name=marks.chinese_name(side.name, 3, "asked_for"))
    for who in ("fresh", "twin", "twin2", "same", "same2", "claimed"):
        _member(side, marks, who, **({"user": None} if who != "fresh" else {}))
    outsider = _member(side, marks, "outsider", unit=side.outside)
    asked = submitted("outsider")
    actions.verify(asked.pk, by=clerk)
    actions.confirm(asked.pk, by=clerk)
    paper = actions.register(
        _member(side, marks, "counter").pk, by=clerk, channel=Channel.COUNTER, community_id=side.community.pk,
        address=marks.text(side.name, "counter", "declared_address"), paper=picture(),
    )  # fmt: skip
    newcomer = _member(side, marks, "ceremony", retired_on="2026-10")
    ceremony = actions.hold_ceremony(
        side.unit.pk, by=unit_clerk, held_on=timezone.localdate(), place="机关礼堂",
        people=[(newcomer.pk, side.community.pk, marks.text(side.name, "ceremony", "declared_address"))],
    )  # fmt: skip
    stay = actions.add_seasonal_stay(
        side.people["seasonal"].pk, by=side.people["seasonal"].user, community_id=side.community.pk,
        from_month=11, to_month=3, address=marks.text(side.name, "seasonal", "stay_address"),
    )  # fmt: skip
    hidden_stay = actions.add_seasonal_stay(
        side.people["restricted"].pk, by=side.people["restricted"].user, community_id=side.community.pk,
        from_month=11, to_month=3, address=marks.text(side.name, "restricted", "stay_address"),
    )  # fmt: skip
    main = side.people["main"]
    helper = make_helper(main, name=marks.text(side.name, "main", "helper"), user=UserFactory())
    side.staff["helper"] = helper.user
    side.of |= {
        "retiree": main.pk,
        "fresh": side.people["fresh"].pk,
        "restricted": side.people["restricted"].pk,
        "outsider": outsider.pk,
        "checkin": {"unit": for_unit.pk, "community": waiting.pk, "bureau": unplaced.pk},
        "waiting": waiting.pk,
        "for_unit": for_unit.pk,
        "of_main": CheckIn.objects.get(retiree=main).pk,
        "confirmed": CheckIn.objects.get(retiree=side.people["to_end"]).pk,
        "confirmed_person": side.people["to_end"].pk,
        "hidden_checkin": CheckIn.objects.get(retiree=side.people["restricted"]).pk,
        "dying": dying.retiree_id,
        "ceremony": ceremony.pk,
        "stay": stay.pk,
        "hidden_stay": hidden_stay.pk,
        "consent": paper.consent_papers.get().pk,
        "helper": helper.pk,
        "number": CheckIn.objects.get(retiree=main).number,
        "waiting_number": waiting.number,
        "for_unit_number": for_unit.number,
    }
