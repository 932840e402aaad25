"""Proposals for tests: who says what of whom."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.texts.models import Text
from members.people.models import Retiree
from tests.checkin.world import World

WHY = "身份证上是这样写的"


def of_person(world: World, retiree: Retiree | None = None, **changes: Any) -> ChangeProposal:
    """The person says so; the original post, unless `changes` say otherwise."""
    retiree = retiree or world.member()
    assert retiree.user is not None
    changes = changes or {"original_post": "处长"}
    return actions.propose(retiree.pk, changes, why=WHY, by=retiree.user)[0]


def of_community(world: World, retiree: Retiree, **changes: Any) -> ChangeProposal:
    """The community `here` says so of somebody it looks after."""
    return actions.propose(
        retiree.pk, changes, why="上门看过身份证", by=world.clerk, organisation_id=world.here.pk
    )[0]


def of_unit(world: World, retiree: Retiree, **changes: Any) -> ChangeProposal:
    return actions.propose(
        retiree.pk, changes, why="本人来单位说的", by=world.unit_clerk, organisation_id=world.unit.pk
    )[0]


def again(proposal: ChangeProposal) -> ChangeProposal:
    """The row as the database has it now."""
    return ChangeProposal.objects.select_related("retiree", "desk").get(pk=proposal.pk)


def overdue(proposal: ChangeProposal, days: int, *, bureau: bool = False) -> ChangeProposal:
    """`proposal` as if its date had been `days` days ago; `bureau`: and the bureau's turn had come."""
    today = timezone.localdate()
    on = today if bureau else today + timedelta(days=5)
    ChangeProposal.objects.filter(pk=proposal.pk).update(due_on=today - timedelta(days=days), bureau_on=on)
    return again(proposal)


def told(organisation: Organisation, kind: str) -> list[str]:
    """The words of the notices of `kind` that `organisation` is owed."""
    rows = Notice.objects.filter(receiver=organisation, kind=kind).order_by("pk")
    return list(rows.values_list("words", flat=True))


def texts_to(retiree: Retiree) -> list[str]:
    rows = Text.objects.filter(key__startswith="proposal-", phone_tail=retiree.phone[-4:])
    return list(rows.order_by("pk").values_list("words", flat=True))
