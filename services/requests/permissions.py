"""Who may ask and who may answer. Lists filter by `Request.objects.visible_to(user)`."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import is_helper_of, may_act_for, may_see

from .models import Request, RequestEvent, RequestWords

Kind = Organisation.Kind


def may_raise(user: User, retiree: Retiree | None, organisation: Organisation | None = None) -> bool:
    """The person and helpers; staff for `organisation` of whoever they see, or of a caller nobody knows."""
    if organisation is None:
        return retiree is not None and may_act_for(user, retiree)
    if is_system(user):
        return True
    ours = organisation.pk in standing_of(user).organisation_ids
    return ours and (retiree is None or may_see(user, retiree))


def is_party(user: User, request: Request) -> bool:
    """The person or a helper: nobody answers oneself (docs/rules.md, Q6)."""
    retiree = request.retiree
    return retiree is not None and (retiree.user_id == user.pk or is_helper_of(user, retiree))


def may_handle(user: User, request: Request) -> bool:
    """Staff of the desk; the program."""
    if is_system(user):
        return True
    return request.desk_id in standing_of(user).organisation_ids and not is_party(user, request)


def may_pass_on(user: User, request: Request) -> bool:
    """The desk, and whoever oversees the place: what stays lying is taken from above."""
    return may_handle(user, request) or may_urge(user, request)


def may_urge(user: User, request: Request) -> bool:
    """Street or bureau of the area, where another desk has not answered."""
    standing = standing_of(user)
    if request.desk_id in standing.organisation_ids or is_party(user, request):
        return False
    retiree = request.retiree
    if retiree is not None and retiree.is_restricted and not may_see(user, retiree):
        return False
    return standing.oversees(request.area_id)


def may_speak_for(user: User, request: Request) -> bool:
    """Rate, ask again, withdraw: the person or a helper."""
    return request.retiree is not None and may_act_for(user, request.retiree)


def may_rate(user: User, request: Request) -> bool:
    """Who asked; the desk writes down what was said on the phone, of whoever has no account to say it with."""
    return may_speak_for(user, request) or may_handle(user, request)


def may_read(user: User, words: RequestWords, request: Request) -> bool:
    """What is private is read by who said it, the person and the desk, and by nobody above (Q4)."""
    if not words.is_private or words.said_by_id == user.pk:
        return True
    if request.retiree is not None and request.retiree.user_id == user.pk:
        return True
    return request.desk_id in standing_of(user).organisation_ids


def words_for(user: User, request: Request) -> dict[int, str]:
    """What was said at each event (by its key), as far as `user` may read it."""
    rows = RequestWords.objects.filter(request=request)
    return {row.event_id: row.text for row in rows if may_read(user, row, request)}


def events_of(request: Request) -> list[RequestEvent]:
    return list(request.events.select_related("organisation", "desk").order_by("pk"))
