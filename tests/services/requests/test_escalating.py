"""The nightly look: desk and street, then the bureau; once each."""

from huifeng.audit.models import AuditEntry
from members.people.models import Retiree
from services.requests import actions
from tests.checkin.world import World
from tests.services.requests.asked import again, answered, at_desk, moves, of_person, overdue, told


def late(organisation):
    return told(organisation, "request.late")


def test_what_is_late_is_told_to_desk_and_street_then_to_the_bureau_once_each(
    world: World, person: Retiree
) -> None:
    street, bureau = world.city.streets[0], world.city.districts[0]
    request, urgent = of_person(person), at_desk(world, person, "urgent")
    overdue(request), overdue(urgent)
    answered(overdue(of_person(person)), world)

    actions.escalate()
    actions.escalate()

    assert late(world.here) == ["有 2 件需求超过期限还没有答复，其中急难 1 件，请今天办。"]
    assert late(street) == ["有 2 件需求超过期限还没有答复，其中急难 1 件，请督促承办的一方。"]
    assert late(bureau) == []
    assert (again(request).escalation, moves(request)) == (1, ["received", "escalated"])
    assert AuditEntry.objects.filter(action="request.escalated").count() == 2

    overdue(urgent, bureau=True)
    actions.escalate(today=overdue(urgent, bureau=True).bureau_on)

    assert len(late(bureau)) == 1
    assert (again(urgent).escalation, again(request).escalation) == (2, 1)


def test_what_is_in_time_is_told_to_nobody(world: World, person: Retiree) -> None:
    of_person(person)

    assert actions.escalate().receivers == 0
