"""Who may do what with a feedback report. Lists filter by `FeedbackReport.objects.visible_to(user)`."""

from collections.abc import Callable

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of, works_for_city_bureau
from huifeng.accounts.models import User
from members.people.models import bureau_areas

from .models import FeedbackReport


def may_make(user: User) -> bool:
    """Make and send the reports of a month: the program by itself, or the city's bureau."""
    return works_for_city_bureau(user)


def may_answer(user: User, report: FeedbackReport) -> bool:
    """Only the receiver speaks for itself; the program where a signed link was used."""
    return is_system(user) or report.receiver_id in standing_of(user).organisation_ids


def may_reply_for(user: User, report: FeedbackReport) -> bool:
    """Enter what an organisation outside the system answered on paper: a bureau, or the only other side."""
    if not report.receiver.is_external:
        return False
    standing = standing_of(user)
    return bool(bureau_areas(standing)) or report.counterpart_id in standing.organisation_ids


def may_oversee(user: User, report: FeedbackReport) -> bool:
    """Correct, close: a bureau in whose area the receiver is seated; any bureau for one outside."""
    return overseer_of(user)(report.receiver)


def overseer_of(user: User) -> Callable[[Organisation], bool]:
    """For many receivers: whether `user` oversees each. One query."""
    if is_system(user):
        return lambda receiver: True
    areas = bureau_areas(standing_of(user))

    def oversees(receiver: Organisation) -> bool:
        if receiver.division_id is None:
            return bool(areas)
        return any(receiver.division_id.startswith(area) for area in areas)

    return oversees


def may_give_link(user: User, report: FeedbackReport) -> bool:
    return may_reply_for(user, report)
