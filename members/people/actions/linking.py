"""Who is behind an account that logged in by phone."""

from django.db import transaction
from django.db.models import Q

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.rowscope.scope import as_program
from huifeng.sealed import blind_indexes

from ..models import Retiree, RetireeQuerySet


def _people_of(user: User) -> RetireeQuerySet:
    """Living people with the user's phone who have no account. A roster or staff entered them."""
    if not user.phone:
        return Retiree.objects.none()
    return Retiree.objects.alive().filter(user=None, phone_index__in=blind_indexes(user.phone, "phone"))


@as_program("a proven phone leads to a person the account does not reach yet")
def needs_choice(user: User) -> bool:
    """Whether several people share the user's phone, so that name and birth month must tell."""
    return not Retiree.objects.filter(user=user).exists() and _people_of(user).count() > 1


@as_program("a proven phone leads to a person the account does not reach yet")
@transaction.atomic
def link_by_phone(user: User) -> Retiree | None:
    """At login: the person whose phone this is, linked when exactly one is meant; else None.

    Repeating it returns the same person. Source: docs/rules.md, P6.
    """
    return _link(user, Q())


@as_program("a proven phone leads to a person the account does not reach yet")
@transaction.atomic
def choose_among(user: User, name: str, birth_month: str) -> Retiree | None:
    """Several share the phone: the one of this name, born in `birth_month` ("1948-07"), linked; or None."""
    year, month = (int(part) for part in birth_month.split("-"))
    return _link(user, Q(name=name.strip(), birth_date__year=year, birth_date__month=month))


def _link(user: User, condition: Q) -> Retiree | None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one login at a time
    linked = Retiree.objects.filter(user=user).first()
    if linked is not None:
        return linked
    found = list(_people_of(user).filter(condition).select_for_update(no_key=True).order_by("pk")[:2])
    if len(found) != 1:
        return None
    link(found[0], user, by=user)
    return found[0]


def link(retiree: Retiree, user: User, *, by: User) -> None:
    """Make `user` the account of the person. Both are locked by the caller."""
    before = retiree.user_id
    retiree.user = user
    retiree.save(update_fields=["user", "updated_at"])
    if user.display_name != retiree.name:
        user.display_name = retiree.name
        user.save(update_fields=["display_name"])
    audit.record("retiree.linked", retiree, by=by, before={"user": before}, after={"user": user.pk})
