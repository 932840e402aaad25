"""The town goes on: what is made of its people in November, and what waits about them."""

from datetime import date, timedelta
from typing import Any

from django.core.signing import dumps
from django.utils import timezone

from checkin.access.models import AccessAlert
from checkin.feedback import actions as feedback
from checkin.feedback import letters
from checkin.feedback.models import FeedbackReport
from checkin.feedback.models import Side as Told
from checkin.proposals import actions as proposals
from checkin.record.models import CheckIn
from checkin.record.papers.links import signed_token
from checkin.record.views.counter import SALT
from checkin.rights import actions as rights
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices import actions as notices
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.duplicates import actions as duplicates
from members.duplicates.models import DuplicatePair
from members.people import actions as people
from members.people.models import HelperRequest, IdentityClaim, Retiree
from members.roster import actions as roster
from members.roster.models import ImportBatch, TransferProposal
from members.units.models import UnitReorganisation
from services.activities import actions as activities
from services.activities.models import ActivityPreset
from services.care import actions as care
from services.care.models import Obligation
from services.requests import actions as requests
from services.requests.models import Request
from tests.checkin.api.systems import system_of
from tests.communities.factories import (
    NamedPlaceFactory,
    UserFactory,
    make_staff,
    make_unit,
)
from tests.matrix.ledger import keep_books
from tests.matrix.marks import Marks
from tests.matrix.town import OCTOBER, Side, Town
from tests.members import exporting, reorganising
from tests.members.roster.rosters import book, row, row_of
from tests.services.care.presets import load_presets
from tests.services.requests.asked import preset


def go_on(town: Town) -> None:
    """November: what is made of the people, and what waits about them."""
    for side in town.sides.values():
        _about_people(side, town.marks)
        keep_books(side, town.marks)
        _ask(side, town.marks)
        _activities(side)
    load_presets()
    for side in town.sides.values():
        _visit(side)
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


def _activities(side: Side) -> None:
    """Something to come that main is signed up for, something that is over, a hall."""
    clerk, main = side.staff["community_clerk"], side.people["main"]
    assert main.user is not None
    kind = ActivityPreset.objects.get_or_create(
        key="volunteer", defaults={"name": "志愿服务", "nearby": "contribution", "counts_hours": True}
    )[0]
    found = {}
    for name, days in (("held", -3), ("activity", 3)):
        begin = timezone.now() + timedelta(days=days)
        plan = activities.Plan(
            preset_id=kind.pk, title=f"{side.name}{name}", starts_at=begin, ends_at=begin + timedelta(hours=2),
            audience="area", area_code=side.community.division_id, place="社区会议室",
        )  # fmt: skip
        found[name] = activities.create(side.community.pk, plan, by=clerk)[0]
        activities.sign_up(found[name].pk, main.pk, by=clerk if days < 0 else main.user)
    hall = activities.add_venue(
        side.community.pk, kind="home", name="银领之家", address="社区院内", capacity=None, by=clerk
    )
    side.of |= {"activity": found["activity"].pk, "held": found["held"].pk, "poster": found["activity"].token}
    side.of["venue"] = hall.pk


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
    erasure = rights.ask(main.pk, by=user, words=marks.text(side.name, "main", "erasure_words"))
    side.of |= {
        "erasure": erasure.pk,
        "death": death.pk,
        "claim": claim.pk,
        "helper_request": request.pk,
        "proposal": {"unit": to_unit.pk, "community": to_community.pk, "bureau": to_community.pk},
        "post_proposal": to_unit.pk,
        "sealed_proposal": sealed.pk,
        "skills_proposal": needs.pk,
    }


def _ask(side: Side, marks: Marks) -> None:
    """What people ask: of the community, of the unit, in private, answered, of somebody hidden, of nobody known."""
    clerk, main = side.staff["community_clerk"], side.people["main"]

    def of_main(key: str, words: str) -> Request:
        return requests.receive(
            preset(key).pk, main.pk, words=marks.text(side.name, "main", words), by=main.user
        )

    def taken(retiree: Retiree | None, words: str, **more: Any) -> Request:
        return requests.receive(
            preset("hotline").pk, retiree.pk if retiree else None, words=marks.text(side.name, "main", words),
            by=clerk, organisation_id=side.community.pk, channel="phone", **more,
        )  # fmt: skip

    answered = of_main("learning", "asked_words")
    requests.answer(
        answered.pk, words=marks.text(side.name, "main", "answer_words"), outcome="solved", by=clerk
    )
    hidden = side.people["restricted"]
    side.of |= {
        "request": of_main("meals", "asked_words").pk,
        "answered_request": answered.pk,
        "private_request": of_main("heart", "private_words").pk,
        "unit_request": taken(main, "asked_words", wanted_desk="unit").pk,
        "unknown_request": taken(
            None, "asked_words", wanted_desk="", caller=marks.text(side.name, "main", "caller")
        ).pk,
        "hidden_request": requests.receive(
            preset("meals").pk, hidden.pk, words=marks.text(side.name, "restricted", "asked_words"), by=hidden.user
        ).pk,
        "preset": preset("hotline").pk,
        "bureau_office": side.district.pk,
    }  # fmt: skip


def _visit(side: Side) -> None:
    """Who is to be visited, was visited, and is hidden; a team; a campaign."""
    clerk, main, here, today = (
        side.staff["community_clerk"],
        side.people["main"],
        side.community,
        timezone.localdate(),
    )

    def line(retiree: Retiree, key: str, by: User) -> Obligation:
        return care.note_occasion(retiree.pk, key, by=by, on=today, office=here.pk)

    visited = line(main, "festival", clerk)
    care.record_visit(visited.pk, by=clerk, visited_on=today, condition="good")
    care.seat_team(main.pk, "card", [care.Seat("李敏")], by=clerk)
    campaign = care.start_campaign(here.pk, "big_visit", by=clerk, title="大走访", due_on=today)
    side.of |= {
        "care_line": line(main, "hospital", clerk).pk,
        "visited_line": visited.pk,
        "hidden_line": line(side.people["restricted"], "hospital", User.objects.system()).pk,
        "campaign": campaign.pk,
        "campaign_line": campaign.obligations.get(retiree=main).pk,
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
        "alert": _alert(side).pk,
    }


def _alert(side: Side) -> AccessAlert:
    """Somebody of the community looked at people at night; the district is to ask."""
    now = timezone.now()
    found, _ = AccessAlert.objects.get_or_create(
        reader=side.staff["community_clerk"], kind=AccessAlert.Kind.NIGHT, day=timezone.localdate(),
        defaults={
            "office": side.community, "bureau": side.organisation("bureau"), "number": 3, "first_at": now,
            "last_at": now, "raised_at": now,
        },
    )  # fmt: skip
    return found


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
