"""What is said of proposals: notices to organisations, a text to the person. Never a value."""

from communities.notices.actions import post
from communities.organisations.models import Organisation
from huifeng.texts.actions import send
from members.people import registry
from members.people.models import Retiree

from .models import ChangeProposal

State, Source = ChangeProposal.State, ChangeProposal.Source


def opened(proposal: ChangeProposal, *, again: bool = False) -> None:
    """Ask the desk for an answer. `again`: it came over from another desk."""
    _post(
        proposal,
        proposal.desk,
        step=f"desk-{proposal.desk_id}" if again else "open",
        kind="proposal.opened",
        words=f"{_said(proposal)}，请在{_day(proposal)}前答复。",
        sender_id=proposal.organisation_id,
    )


def _said(proposal: ChangeProposal) -> str:
    """Who says what is wrong, without a value."""
    name, what = proposal.retiree.name, proposal.title if proposal.field else ""
    if proposal.organisation is not None:
        of = f"{proposal.organisation.name}建议更正{name}同志的{what}"
        return of if what else f"{proposal.organisation.name}说{name}同志的信息有误"
    who = {Source.HELPER: "的家人", Source.DECLARED: "报到时"}.get(Source(proposal.source), "")
    return f"{name}同志{who}说{what or '信息'}有误"


def closed(proposal: ChangeProposal, *, sender_id: int | None = None) -> None:
    """Tell who proposed it what became of it: the organisation by notice, the person by text."""
    if proposal.organisation is not None and proposal.organisation_id != sender_id:
        reason = f"：{proposal.reason}" if proposal.reason else ""
        _post(
            proposal,
            proposal.organisation,
            step=proposal.state,
            kind=f"proposal.{proposal.state}",
            words=f"对{proposal.retiree.name}同志{proposal.title}的更正建议：{proposal.get_state_display()}{reason}",
            sender_id=sender_id,
        )
    if proposal.is_of_person and proposal.state in (State.ACCEPTED, State.REFUSED):
        _tell_person(proposal)


def withdrawn(proposal: ChangeProposal) -> None:
    """The desk need not answer any more."""
    _post(
        proposal,
        proposal.desk,
        step=proposal.state,
        kind=f"proposal.{proposal.state}",
        words=f"对{proposal.retiree.name}同志{proposal.title}的更正建议已撤回，不用再答复。",
        sender_id=proposal.organisation_id,
    )


def late(proposal: ChangeProposal, step: str, receiver: Organisation) -> None:
    """Say that an answer is overdue; once a step of one date, whoever asks."""
    _post(
        proposal,
        receiver,
        step=f"late-{step}-{proposal.due_on:%Y%m%d}",
        kind="proposal.late",
        words=f"{proposal.retiree.name}同志{proposal.title}的更正建议应在{_day(proposal)}前答复，"
        f"{proposal.desk.name}还没有答复。",
        sender_id=None,
    )


def bureau_over(retiree: Retiree, desk: Organisation) -> Organisation:
    """Who is told when the desk does not answer: the bureau of the desk's seat, else of the person's home."""
    return registry.units.bureau_for(desk.division_id or retiree.residence_id)


def _post(
    proposal: ChangeProposal,
    receiver: Organisation,
    *,
    step: str,
    kind: str,
    words: str,
    sender_id: int | None,
) -> None:
    """Owe the fact to `receiver`: not to one outside, and of a restricted person to bureaus only."""
    if receiver.is_external or receiver.closed_on is not None:
        return
    if proposal.retiree.is_restricted and receiver.kind != Organisation.Kind.BUREAU:
        return
    post(
        receiver,
        key=f"proposal-{proposal.pk}-{step}",
        kind=kind,
        words=words,
        person=proposal.retiree_id,
        link=f"page:proposals/{proposal.pk}/",
        sender_id=sender_id,
        data={"proposal": proposal.pk, "field": proposal.field, "state": proposal.state},
    )


def _tell_person(proposal: ChangeProposal) -> None:
    """Only the surname, no value and no reason: those stand on the person's own page."""
    retiree = proposal.retiree
    if not retiree.phone or retiree.died_on is not None:
        return
    outcome = (
        "已经办好。" if proposal.state == State.ACCEPTED else "这次没有改。原因请看“我的信息”，或打电话问。"
    )
    send(
        key=f"proposal-{proposal.pk}-{proposal.state}",
        phone=retiree.phone,
        words=f"{retiree.name[:1]}同志：您说的“{proposal.title}”不对一事，{proposal.desk.name}{outcome}",
    )


def _day(proposal: ChangeProposal) -> str:
    return f"{proposal.due_on:%-m月%-d日}"
