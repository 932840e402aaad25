from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from checkin.record.models import CheckIn
from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from members.people import fields
from members.people.models import Retiree
from members.people.permissions import is_helper_of

from .. import notices, values
from ..models import IN_WORDS, PROPOSED, ChangeProposal
from ..owners import owner_of
from ..permissions import may_propose, person_writes, staff_writes
from .steps import State, close, record, set_dates, titles

Source, Side, Kind = ChangeProposal.Source, ChangeProposal.Side, Organisation.Kind

SIDES = {
    Kind.UNIT: (Side.UNIT, Source.UNIT),
    Kind.EXTERNAL_UNIT: (Side.UNIT, Source.UNIT),
    Kind.COMMUNITY: (Side.COMMUNITY, Source.COMMUNITY),
    Kind.EXTERNAL_COMMUNITY: (Side.COMMUNITY, Source.COMMUNITY),
}
SAID_AT_CHECKIN = "报到时说信息有误，没有写明是哪一项，请打电话问本人"


@transaction.atomic
def propose(
    retiree_id: int,
    changes: Mapping[str, Any],
    *,
    why: str,
    by: User,
    organisation_id: int | None = None,
    source: ChangeProposal.Source | None = None,
) -> list[ChangeProposal]:
    """Say what the record of a person should be; the owner of each field is asked. One proposal a field.

    `changes`: names of members.people.fields with the right value ("" clears), in any form `fields.clean` reads;
    the name "" (IN_WORDS) says in `why` what is wrong and carries no value. `why`: up to 300 characters, needed
    from an organisation. `organisation_id`: for whom `by` acts; None for the person and helpers. `source`: left
    out, it follows from these; an outside system passes Source.SYSTEM (as `by` the system user or its own).
    A newer proposal of the same side for the same field supersedes the older; the same value again returns the
    open one and changes nothing. The answers are in the order of `changes`.
    Raises Retiree.DoesNotExist, PermissionDenied, RuleBroken: code "owner" (this side writes the field itself),
    "same" (it says so already), "field_<name>" (wrong value), "why_missing", "dead", "merged".
    Source: docs/rules.md, O1 to O4.
    """
    retiree = Retiree.objects.locked(retiree_id)
    organisation = Organisation.objects.get(pk=organisation_id) if organisation_id else None
    require(bool(changes) and set(changes) <= PROPOSED | {IN_WORDS})
    require(all(may_propose(by, retiree, name, organisation) for name in changes))
    _refuse_the_dead(retiree)
    _refuse_owners(retiree, list(changes), organisation, by)
    why = " ".join(why.split())[:300]
    if not why and (organisation is not None or IN_WORDS in changes):
        raise RuleBroken("请写明依据或者哪里不对，对方看了才好核对。", code="why_missing")
    named = {name: value for name, value in changes.items() if name != IN_WORDS}
    clean = {name: values.packed(value) for name, value in fields.cleaned(named, PROPOSED).items()}
    side, its_source = _side_of(retiree, organisation, by)
    return [
        _open(
            ChangeProposal(
                retiree=retiree,
                field=name,
                why=why,
                source=source or its_source,
                side=side,
                proposed_by=by,
                organisation=organisation,
                person_version=retiree.version,
            ),
            clean.get(name),
        )
        for name in changes
    ]


@transaction.atomic
def propose_from_declaration(checkin: CheckIn, by: User) -> None:
    """A check-in was submitted and the person says that the roster is wrong: the words go to who owns the record.

    Called by checkin.record in the transaction of the submission, with the person locked. Only of somebody on a
    roster: who is not has said the data. Submitting again with other words supersedes. Source: docs/rules.md, O5.
    """
    retiree = checkin.retiree
    if checkin.data_correct is not False or retiree.standing != Retiree.Standing.ROSTER:
        return
    _open(
        ChangeProposal(
            retiree=retiree,
            field=IN_WORDS,
            why=" ".join(checkin.remarks.split())[:300] or SAID_AT_CHECKIN,
            source=Source.DECLARED,
            side=Side.PERSON,
            proposed_by=by,
            person_version=retiree.version,
        ),
        None,
    )


def _open(proposal: ChangeProposal, new: Any) -> ChangeProposal:
    """Write the proposal down and ask its owner; what this side said before about the field gives way."""
    retiree, by = proposal.retiree, proposal.proposed_by
    now = values.of(retiree, proposal.field) if proposal.field else None
    proposal.set_values(now, new)
    before = (
        ChangeProposal.objects.open()
        .filter(retiree=retiree, field=proposal.field, side=proposal.side)
        .select_related("desk", "organisation")
        .first()
    )
    if before is not None and _is_the_same(before, proposal):
        return before
    if proposal.field and now == new:
        raise RuleBroken(f"{proposal.title}现在就是这样记的，不用更正。", code="same")
    if before is not None:
        before.retiree = retiree
        close(before, State.SUPERSEDED, by=by)
    proposal.created_at = timezone.now()
    proposal.desk = owner_of(retiree, proposal.field)
    set_dates(proposal, proposal.created_at)
    proposal.save()
    record(proposal, "opened", by=by, note=proposal.why[:200])
    notices.opened(proposal)
    return proposal


def _is_the_same(before: ChangeProposal, proposal: ChangeProposal) -> bool:
    if proposal.field == IN_WORDS:
        return before.why == proposal.why
    return bool(before.new == proposal.new)


def _side_of(
    retiree: Retiree, organisation: Organisation | None, by: User
) -> tuple[ChangeProposal.Side, ChangeProposal.Source]:
    if organisation is None:
        return Side.PERSON, Source.HELPER if is_helper_of(by, retiree) else Source.PERSON
    side, source = SIDES.get(Kind(organisation.kind), (Side.BUREAU, Source.BUREAU))
    return side, Source.SYSTEM if is_system(by) else source


def _refuse_the_dead(retiree: Retiree) -> None:
    if retiree.died_on is not None:
        raise RuleBroken(
            f"{retiree.name}同志已登记去世，不再更正。登记错了，请单位办理恢复在世。", code="dead"
        )


def _refuse_owners(retiree: Retiree, names: list[str], organisation: Organisation | None, by: User) -> None:
    """Who writes a field directly does so, and is told where."""
    if organisation is None:
        own, where = [name for name in names if person_writes(by, retiree, name)], "请在“我的信息”里直接改"
    else:
        own = [name for name in names if _is_theirs(retiree, name, organisation, by)]
        where = "请在个人页上直接改"
    if own:
        what = titles([name for name in own if name]) or "这位老同志的信息"
        raise RuleBroken(f"{what}由您这一方管理，{where}。", code="owner")


def _is_theirs(retiree: Retiree, name: str, organisation: Organisation, by: User) -> bool:
    if owner_of(retiree, name).pk == organisation.pk:
        return True
    return not is_system(by) and staff_writes(by, retiree, name)
