"""People through the API: what each side is shown, what it may change, and what becomes a proposal."""

import pytest

from checkin.api.models import Purpose
from checkin.proposals.models import ChangeProposal
from checkin.record.models import CheckIn
from huifeng.audit.models import AuditEntry
from members.people.models import Death, Retiree
from tests.checkin.api.systems import System, problem, system_of
from tests.checkin.world import World
from tests.communities.factories import make_unit
from tests.members.factories import make_id_number, make_member


def test_a_unit_lists_its_people_and_nobody_else(world: World, unit_system: System) -> None:
    ours = world.member()
    make_member(make_unit())

    answer = unit_system.get("people").json()

    assert [person["id"] for person in answer["items"]] == [ours.pk]
    assert answer["items"][0]["unit"] == {"code": world.unit.code, "name": world.unit.name, "kind": "unit"}
    assert answer["more"] is False


def test_pages_hold_everybody_once(world: World, unit_system: System) -> None:
    made = [world.member().pk for _ in range(5)]

    first = unit_system.get("people", limit=3).json()
    second = unit_system.get("people", limit=3, after=first["next_after"]).json()

    assert [person["id"] for page in (first, second) for person in page["items"]] == made
    assert (first["more"], second["more"]) == (True, False)


def test_a_list_masks_the_numbers_even_for_a_token_that_may_have_them(
    world: World, unit_system: System
) -> None:
    person = world.member()

    item = unit_system.get("people").json()["items"][0]

    assert person.id_number not in str(item)
    assert person.phone not in str(item)
    assert item["id_number"].endswith(person.id_number[-4:])


def test_one_person_in_full_is_written_down_for_the_person(world: World, unit_system: System) -> None:
    person = world.member()

    answer = unit_system.get(f"people/{person.pk}")

    assert answer.json()["id_number"] == person.id_number
    assert answer["ETag"] == f'"{person.version}"'
    entry = AuditEntry.objects.get(action="people.revealed")
    assert (entry.target_id, entry.organisation_id) == (str(person.pk), world.unit.pk)


def test_without_the_identity_purpose_one_person_is_masked_and_no_look_written(world: World) -> None:
    person = world.member()

    answer = system_of(world.unit, Purpose.READ).get(f"people/{person.pk}").json()

    assert answer["id_number"] != person.id_number
    assert answer["phone"] != person.phone
    assert not AuditEntry.objects.filter(action="people.revealed").exists()


def test_a_community_is_not_shown_rank_and_treatment(world: World, community_system: System) -> None:
    person = world.confirmed(world.member(rank="xianchuzhengzhi")).retiree

    of_community = community_system.get(f"people/{person.pk}").json()
    of_unit = system_of(world.unit).get(f"people/{person.pk}").json()

    assert {"rank", "treatment", "original_post", "party_joined_on", "household_address"}.isdisjoint(
        of_community
    )
    assert {"needs", "joins_community_party_life"}.isdisjoint(of_unit)
    assert "rank" in of_unit
    assert "needs" in of_community


def test_a_street_is_shown_what_a_bureau_is_of_its_own_people_alone(world: World) -> None:
    person = world.confirmed(world.member(rank="xianchuzhengzhi")).retiree
    street, other = (system_of(office) for office in world.city.streets[:2])

    assert street.get(f"people/{person.pk}").json()["rank"] == "xianchuzhengzhi"
    assert problem(other.get(f"people/{person.pk}"), 404) == "not_found"
    Retiree.objects.filter(pk=person.pk).update(is_restricted=True)
    assert problem(street.get(f"people/{person.pk}"), 404) == "not_found"


def test_a_person_shows_the_check_ins_under_way_and_in_force(world: World, community_system: System) -> None:
    checkin = world.confirmed()

    person = community_system.get(f"people/{checkin.retiree_id}").json()

    assert [found["number"] for found in person["checkins"]] == [checkin.number]
    assert person["checkins"][0]["state"] == "confirmed"


def test_another_units_person_is_not_found(world: World, unit_system: System) -> None:
    other = make_member(make_unit())

    assert problem(unit_system.get(f"people/{other.pk}"), 404) == "not_found"
    assert problem(unit_system.patch(f"people/{other.pk}", {"values": {}}, version=1), 404) == "not_found"


def test_a_restricted_person_is_seen_by_the_bureau_only(world: World, unit_system: System) -> None:
    person = world.confirmed(world.member()).retiree
    Retiree.objects.filter(pk=person.pk).update(is_restricted=True)

    assert unit_system.get("people").json()["items"] == []
    assert system_of(world.here).get(f"people/{person.pk}").status_code == 404
    assert system_of(world.city.districts[0]).get(f"people/{person.pk}").status_code == 200


def test_the_unit_changes_what_it_owns(world: World, unit_system: System) -> None:
    person = world.member()

    answer = unit_system.patch(
        f"people/{person.pk}",
        {"values": {"original_post": "处长", "name": person.name}},
        version=person.version,
    )

    assert answer.json()["outcomes"] == {"original_post": "changed", "name": "unchanged"}
    person.refresh_from_db()
    assert person.original_post == "处长"
    assert answer["ETag"] == f'"{person.version}"'
    entry = AuditEntry.objects.get(action="retiree.corrected")
    assert entry.actor_id == unit_system.token.account_id


def test_a_lost_update_is_refused(world: World, unit_system: System) -> None:
    person = world.member()
    unit_system.patch(f"people/{person.pk}", {"values": {"original_post": "处长"}}, version=person.version)

    late = unit_system.patch(
        f"people/{person.pk}", {"values": {"original_post": "局长"}}, version=person.version
    )

    assert problem(late, 412) == "stale"
    assert Retiree.objects.get(pk=person.pk).original_post == "处长"


def test_a_change_without_if_match_is_refused(world: World, unit_system: System) -> None:
    person = world.member()

    answer = unit_system.patch(f"people/{person.pk}", {"values": {"original_post": "处长"}})

    assert problem(answer, 428) == "if_match_missing"


def test_a_wrong_value_changes_nothing(world: World, unit_system: System) -> None:
    person = world.member()

    answer = unit_system.patch(
        f"people/{person.pk}",
        {"values": {"original_post": "处长", "id_number": "370202194203051235"}},
        version=person.version,
    )

    assert problem(answer, 422) == "field_id_number"
    assert Retiree.objects.get(pk=person.pk).original_post != "处长"


def test_a_field_nobody_knows_is_refused(world: World, unit_system: System) -> None:
    person = world.member()

    answer = unit_system.patch(f"people/{person.pk}", {"values": {"post": "处长"}}, version=person.version)

    assert problem(answer, 400) == "invalid"
    assert answer.json()["errors"] == [
        {"field": "values.post", "code": "unknown_field", "detail": "没有这个字段，请对照文档核对名称。"}
    ]


def test_a_unit_enrols_one_person(world: World, unit_system: System) -> None:
    body = {"name": "周桂兰", "id_number": make_id_number(77), "kind": "tuixiu"}

    answer = unit_system.post("people", body)

    assert answer.status_code == 201
    person = Retiree.objects.get(name="周桂兰")
    assert answer["Location"].endswith(f"/api/v1/people/{person.pk}")
    assert answer.json()["unit"]["code"] == world.unit.code


def test_a_community_enrols_nobody(world: World, community_system: System) -> None:
    answer = community_system.post("people", {"name": "周桂兰"})

    assert problem(answer, 422) == "not_a_unit"


def test_a_death_is_reported_and_decided_by_people(world: World, community_system: System) -> None:
    checkin = world.confirmed()

    answer = community_system.post(f"people/{checkin.retiree_id}/death", {"died_on": "2026-01-02"})

    assert answer.json()["state"] == "reported"
    assert Death.objects.get().reported_by_id == community_system.token.account_id
    assert CheckIn.objects.get(pk=checkin.pk).state == "confirmed"


def test_a_look_up_answers_alike_for_unknown_and_for_not_visible(world: World, unit_system: System) -> None:
    ours, other = world.member(), make_member(make_unit())

    found = unit_system.post("people/lookup", {"id_number": ours.id_number})
    hidden = unit_system.post("people/lookup", {"id_number": other.id_number})
    unknown = unit_system.post("people/lookup", {"id_number": make_id_number(999)})

    assert found.json()["person"]["id"] == ours.pk
    assert (hidden.status_code, hidden.content) == (unknown.status_code, unknown.content)
    assert hidden.json() == {"person": None}


def test_every_look_up_is_written_down_without_the_number(world: World, unit_system: System) -> None:
    ours = world.member()

    unit_system.post("people/lookup", {"id_number": ours.id_number})
    unit_system.post("people/lookup", {"id_number": make_id_number(999)})

    entries = AuditEntry.objects.filter(action__endswith=".searched").order_by("pk")
    assert [entry.target_type for entry in entries] == ["members_people.retiree", "checkin_api.apitoken"]
    assert not any(make_id_number(999) in str(entry.__dict__) for entry in entries)


def test_a_digest_keeps_what_the_other_system_holds_and_names_who_is_not_ours(
    world: World, unit_system: System
) -> None:
    ours, other = world.member(), make_member(make_unit())
    items = [
        {"person": ours.pk, "version": 3, "checkin": "confirmed", "community": world.here.code},
        {"person": other.pk, "version": 1},
    ]

    answer = unit_system.post("digest", {"run": "2026-11-25", "items": items}).json()

    assert answer == {"run": "2026-11-25", "accepted": 2, "unknown": [other.pk]}
    digest = world.unit.posted_digests.get()
    assert digest.items[str(ours.pk)] == {
        "version": 3,
        "checkin": "confirmed",
        "community": world.here.code,
    }
    assert str(other.pk) in digest.items  # the next reconciliation tells the system that this is not its own


@pytest.mark.parametrize("members", [1, 6])
def test_a_page_of_people_costs_the_same_for_any_number(
    world: World, unit_system: System, members: int, django_assert_num_queries: object
) -> None:
    for _ in range(members):
        world.confirmed()
    unit_system.get("people")

    with django_assert_num_queries(6):  # type: ignore[operator]
        answer = unit_system.get("people")

    assert len(answer.json()["items"]) == members


def test_what_the_other_side_owns_becomes_a_proposal(world: World, community_system: System) -> None:
    person = world.confirmed().retiree
    person.refresh_from_db()
    values = {"living_situation": "alone", "political_status": "masses", "sex": person.sex}

    answer = community_system.patch(
        f"people/{person.pk}", {"values": values, "why": "走访时本人说的"}, version=person.version
    ).json()

    assert answer["outcomes"] == {
        "living_situation": "changed", "political_status": "proposed", "sex": "unchanged",
    }  # fmt: skip
    proposal = ChangeProposal.objects.get(pk=answer["proposals"][0])
    assert (proposal.field, proposal.source, proposal.organisation_id) == (
        "political_status", "system", world.here.pk,
    )  # fmt: skip
    assert proposal.desk == world.unit


def test_a_proposal_needs_words_and_nothing_is_written_without(
    world: World, community_system: System
) -> None:
    person = world.confirmed().retiree
    person.refresh_from_db()
    values = {"living_situation": "alone", "political_status": "masses"}

    answer = community_system.patch(f"people/{person.pk}", {"values": values}, version=person.version)

    assert problem(answer, 422) == "why_missing"
    assert Retiree.objects.get(pk=person.pk).living_situation == person.living_situation


def test_what_a_side_is_not_shown_it_does_not_propose(world: World, community_system: System) -> None:
    person = world.confirmed().retiree
    person.refresh_from_db()

    answer = community_system.patch(
        f"people/{person.pk}", {"values": {"rank": ""}, "why": "x"}, version=person.version
    )

    assert problem(answer, 422) == "field_not_shown"
