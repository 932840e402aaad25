"""Whose turn it is, said to the organisation. Never a reason, a name only as the notices of a person have it."""

from communities.notices.actions import post
from communities.organisations.models import Organisation

from .models import Application


def turn(application: Application) -> None:
    """Tell the desk that it is its turn now; once for each state and time."""
    if application.desk is not None:
        state = application.get_state_display()
        words = f"{application.retiree.name}同志的{application.preset.name}：{state}，请办理。"
        _post(application, application.desk, words)


def over(application: Application) -> None:
    """Tell who filed it that it ended otherwise than paid."""
    words = f"{application.retiree.name}同志的{application.preset.name}：{application.get_state_display()}。"
    _post(application, application.organisation, words + (application.ending or ""))


def _post(application: Application, receiver: Organisation, words: str) -> None:
    if receiver.closed_on is not None:
        return
    if application.retiree.is_restricted and receiver.kind != Organisation.Kind.BUREAU:
        return
    post(
        receiver,
        key=f"aid-{application.pk}-{application.state}-{application.changed_at:%Y%m%d%H%M%S%f}",
        kind=f"aid.{application.state}",
        words=words,
        person=application.retiree_id,
        link=f"page:funds/applications/{application.pk}/",
        data={"application": application.pk, "state": application.state},
    )
