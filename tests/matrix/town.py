"""One small town for the matrix: three sides that know nothing of each other, each with one object of every kind.

`own` is a unit and a community of the first district, `neighbour` another unit and the next community of the same
street, `foreign` those of the other district. Every person carries marks that occur nowhere else (marks.py).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.signing import dumps
from django.utils import timezone

from checkin.feedback import actions as feedback
from checkin.feedback import letters
from checkin.feedback.models import FeedbackReport
from checkin.feedback.models import Side as Told
from checkin.proposals import actions as proposals
from checkin.record import actions
from checkin.record.models import Channel, CheckIn
from checkin.record.papers.links import signed_token
from checkin.record.views.counter import SALT
from checkin.statistics.months import Month
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices import actions as notices
from communities.notices.models import Notice
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from members.duplicates import actions as duplicates
from members.duplicates.models import DuplicatePair
from members.people import actions as people
from members.people.models import HelperRequest, IdentityClaim, Retiree
from members.roster import actions as roster
from members.roster.models import ImportBatch, TransferProposal
from members.units.models import UnitReorganisation
from tests.checkin.api.systems import System, system_of
from tests.checkin.record.photographs import picture
from tests.communities.factories import (
    NamedPlaceFactory,
    TinyCity,
    UserFactory,
    make_city,
    make_external_unit,
    make_staff,
    make_unit,
)
from tests.matrix.marks import Marks
from tests.members import exporting, reorganising
from tests.members.factories import load_codes, make_helper, make_member
from tests.members.roster.rosters import book, row, row_of

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


def go_on(town: Town) -> None:
    """November: what is made of the people, and what waits about them."""
    for side in town.sides.values():
        _about_people(side, town.marks)
    feedback.make(OCTOBER, by=town.boss)
    feedback.send(OCTOBER, by=town.boss)
    for side in town.sides.values():
        _hide(side)
        _lists(side, town)
    for side in town.sides.values():
        for area in ("unit", "community", "bureau"):
            _tell(side, area)
    relay()
    for side in town.sides.values():
        _systems(side, town)
        _reports(side, town)


def _about_people(side: Side, marks: Marks) -> None:
    person = side.people
    death = people.report_death(
        person["dying"].pk, timezone.localdate(), by=side.staff["community_clerk"],
        cause=marks.text(side.name, "dying", "cause"),
    )  # fmt: skip
    claim = IdentityClaim.objects.create(
        user=UserFactory(), retiree=person["claimed"], desk=side.unit, name=person["claimed"].name,
        birth_month="1950-03", phone=marks.phone(side.name, "claimed", "claim_phone"),
    )  # fmt: skip
    request = HelperRequest.objects.create(
        user=UserFactory(), retiree=person["waiting"], name=marks.text(side.name, "waiting", "helper"),
        relation="son", elder_name=person["waiting"].name, elder_birth_month="1950-03", by_call=True,
        elder_phone=person["waiting"].phone, code_hash=b"0" * 32, expires_at=timezone.now() + timedelta(7),
    )  # fmt: skip
    main, user = person["main"], person["main"].user
    assert user is not None
    to_unit = _propose(main, {"original_post": marks.text(side.name, "main", "new_post")}, marks, user)
    sealed = _propose(
        person["to_end"],
        {"id_number": marks.other_id_number(side.name, "to_end")},
        marks,
        person["to_end"].user,
    )
    to_community = proposals.propose(
        person["to_end"].pk, {"living_situation": "alone"}, by=side.staff["unit_clerk"],
        organisation_id=side.unit.pk, why=marks.text(side.name, "to_end", "why"),
    )[0]  # fmt: skip
    needs = proposals.propose(
        person["main"].pk, {"skills": marks.text(side.name, "main", "new_skills")}, by=side.staff["unit_clerk"],
        organisation_id=side.unit.pk, why=marks.text(side.name, "main", "why"),
    )[0]  # fmt: skip
    side.of |= {
        "death": death.pk,
        "claim": claim.pk,
        "helper_request": request.pk,
        "proposal": {"unit": to_unit.pk, "community": to_community.pk, "bureau": to_community.pk},
        "post_proposal": to_unit.pk,
        "sealed_proposal": sealed.pk,
        "skills_proposal": needs.pk,
    }


def _propose(retiree: Retiree, changes: dict[str, Any], marks: Marks, by: Any) -> Any:
    return proposals.propose(retiree.pk, changes, why="户口本上是这样写的", by=by)[0]


def _lists(side: Side, town: Town) -> None:
    """Imports, transfers, duplicates, merges, exports, reorganisations."""
    marks, person, unit_clerk = town.marks, side.people, side.staff["unit_clerk"]
    serial = 4000 + 20 * list(town.sides).index(side.name)
    names = [marks.chinese_name(side.name, number, f"row{number}") for number in range(3)]
    planned = _planned(
        side, unit_clerk, {**row(serial), "姓名": names[0]}, {"姓名": names[1], "身份证号": "123"}
    )
    applied = roster.write_now(
        _planned(side, unit_clerk, {**row(serial + 1), "姓名": names[2]}).pk, by=unit_clerk
    )
    asked = make_unit(f"要人的{side.name}单位", place=side.district.division)
    wanting = make_staff(asked)
    batch = roster.write_now(
        roster.plan_now(
            roster.receive(
                book(row_of(person["asked_for"])), "名册.xlsx", asked.pk, by=wanting, in_background=False
            ).pk,
            by=wanting,
        ).pk,
        by=wanting,
    )
    for one, other in (("twin", "twin2"), ("same", "same2")):
        Retiree.objects.filter(pk=person[other].pk).update(name=person[one].name)
        person[other].refresh_from_db()
    duplicates.look_again(side.unit.pk, by=unit_clerk)
    pair = DuplicatePair.objects.get(first=person["twin"])
    merged = duplicates.merge(
        person["same"].pk,
        person["same2"].pk,
        by=unit_clerk,
        kept_version=1,
        other_version=1,
        take_from_other=(),
    )
    jobs = {}
    for area in ("unit", "community", "bureau"):
        office = {"unit": side.unit, "community": side.community, "bureau": side.district}[area]
        by = side.staff[f"{'district' if area == 'bureau' else area}_clerk"]
        keys = [key for key in exporting_keys(area)]
        job = exporting.done(exporting.order(office, by, keys=keys, file_format="xlsx"))
        assert job.file is not None, job.error
        jobs[area] = job.pk
    reorganisation = reorganising.plan(
        UnitReorganisation.Kind.MOVE, [side.unit], [asked], by=side.staff["district_clerk"],
        effective_on=date(2026, 11, 4),
    )  # fmt: skip
    place = NamedPlaceFactory(community=side.community.division, name=f"{side.name}花园")
    side.of |= {
        "batch": planned.pk,
        "applied": applied.pk,
        "transfer": TransferProposal.objects.get(batch=batch).pk,
        "pair": pair.pk,
        "merge": merged.pk,
        "job_unit": jobs["unit"],
        "job_community": jobs["community"],
        "job_bureau": jobs["bureau"],
        "reorganisation": reorganisation.pk,
        "unit": side.unit.pk,
        "street_code": side.street.division_id,
        "place_code": side.community.division_id,
        "place": place.pk,
    }


def exporting_keys(area: str) -> list[str]:
    """Every column this area may take out."""
    from members.exports.columns import allowed

    return sorted(allowed(area))


def _planned(side: Side, by: User, *rows: dict[str, object]) -> ImportBatch:
    received = roster.receive(book(*rows), "名册.xlsx", side.unit.pk, by=by, in_background=False)
    return roster.plan_now(received.pk, by=by)


def _hide(side: Side) -> None:
    """From now on these are a bureau's business only."""
    for who in ("restricted", "restricted_draft"):
        person = side.people[who]
        people.set_flags(person.pk, is_restricted=True, by=User.objects.system())
        person.refresh_from_db()


def _tell(side: Side, area: str) -> None:
    """Whatever else they were told: one notice that names somebody."""
    main = side.people["main"]
    notices.post(
        side.organisation(area), key=f"matrix:{side.name}", kind="people.changed", person=main.pk,
        words=f"{main.name}的资料有改动", sender_id=side.community.pk,
    )  # fmt: skip


def _systems(side: Side, town: Town) -> None:
    """Webhooks with a message that was refused, tokens, notices to sign."""
    told, numbers, webhooks, dead, tokens = {}, {}, {}, {}, {}
    for area in ("unit", "community", "bureau"):
        office = side.organisation(area)
        lead = side.staff[f"{'district' if area == 'bureau' else area}_lead"]
        found = Notice.objects.filter(receiver=office, number__isnull=False).order_by("-number").first()
        assert found is not None
        told[area], numbers[area] = found.pk, found.number
        hook, _ = Webhook.objects.get_or_create(
            organisation=office,
            url="https://192.0.2.1/hook",
            defaults={"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "created_by": lead},
        )
        letter, _ = DeadLetter.objects.get_or_create(
            webhook=hook, notice=found, defaults={"error": "HTTP 400", "at": timezone.now()}
        )
        webhooks[area], dead[area] = hook.pk, letter.pk
        system = side.systems[area] = system_of(office)
        tokens[area] = system.token.pk
    side.of |= {
        "notice": told,
        "notice_number": numbers["unit"],
        "webhook": webhooks,
        "dead_letter": dead,
        "token": tokens,
    }


def _reports(side: Side, town: Town) -> None:
    def report(organisation: Organisation, told: Told) -> FeedbackReport:
        return FeedbackReport.objects.current().get(organisation=organisation, side=told)

    of_unit, of_community = report(side.unit, Told.UNIT), report(side.community, Told.COMMUNITY)
    outside = report(side.outside, Told.UNIT)
    feedback.give_link(outside.pk, by=town.boss)
    outside.refresh_from_db()
    matters = {
        "unit": of_unit.matters.order_by("pk").values_list("pk", flat=True).first() or 0,
        "community": of_community.matters.order_by("pk").values_list("pk", flat=True).first() or 0,
    }
    side.of |= {
        "report": {"unit": of_unit.pk, "community": of_community.pk, "bureau": of_community.pk},
        "report_of_unit": of_unit.pk,
        "report_of_community": of_community.pk,
        "report_outside": outside.pk,
        "matter": matters | {"bureau": matters["community"]},
        "letter": letters.token_of(outside),
        "letter_matter": outside.matters.order_by("pk").values_list("pk", flat=True).first() or 0,
        "progress": signed_token(CheckIn.objects.get(pk=side.of["waiting"])),
        "counter": dumps(side.people["fresh"].pk, salt=SALT, compress=False),
        "hidden_counter": dumps(side.people["restricted"].pk, salt=SALT, compress=False),
    }
