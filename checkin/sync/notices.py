"""What the other side is told of changes that no move of a check-in tells. Words name fields, never values.

Who owns a field changes it and the other side is told (docs/rules.md, P1): the unit's fields go to the community,
what the community keeps goes to the unit, what the person changes goes to both. Told is who has the person checked
in, in force; while a request is under way its own moves tell. Nothing goes out about a restricted person (C31).
"""

from collections.abc import Collection, Iterable
from datetime import date

from checkin.record.models import CheckIn, EndReason, State
from communities.notices.actions import post
from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from members.people import fields, registry
from members.people.models import Retiree
from members.units.actions import responsible_organisation
from members.units.models import UnitMembership

CHANGED, UNIT_CHANGED, JOINED = "people.changed", "people.unit_changed", "people.joined"
DIED, DEATH_UNDONE = "people.died", "people.death_undone"
# What the community passes on at once because somebody may need help; the rest of what it keeps as well
ALERTS = frozenset(["living_situation", "health", "mobility"])
MOST_TITLES = 6


def tell_changed(retiree: Retiree, names: frozenset[str], by: User) -> None:
    """Fields of a person changed; each version of the person is told once. As `people.on_changed`."""
    of_unit, of_community = names & fields.UNIT_OWNS, names & fields.COMMUNITY_OWNS
    community = _community_of(retiree) if of_unit or of_community else None
    if community is None or retiree.is_restricted:
        return
    ours, unit = standing_of(by).organisation_ids, responsible_organisation(retiree)
    told = [
        (community, of_unit | (frozenset() if community.pk in ours else of_community)),
        (unit, of_community),
    ]
    for receiver, changed in told:
        if changed and receiver.pk not in ours and not receiver.is_external:
            post(
                receiver,
                key=f"changed:{retiree.pk}:{retiree.version}",
                kind=CHANGED,
                words=changed_words(retiree.name, changed),
                person=retiree.pk,
                sender_id=min(ours & {unit.pk, community.pk}, default=None),
                data={"fields": sorted(changed), "alert": bool(changed & ALERTS)},
            )


def tell_joined(retiree: Retiree, membership: UnitMembership, left: int | None, by: User) -> None:
    """Somebody has a unit now: new on its register, or from another. As `on_joined`; told once a membership."""
    if retiree.is_restricted:
        return
    if left is None:
        _tell_new(retiree, membership, by)
    else:
        _tell_transferred(retiree, membership, left, by)


def _tell_new(retiree: Retiree, membership: UnitMembership, by: User) -> None:
    """The community where the person lives hears that the unit has somebody there, without the name: it sees
    nobody before they check in (docs/rules.md, P2 and N12). Who is on the way to a community is told by the moves.
    """
    if retiree.residence_id is None or any(find(retiree) for find in registry.communities_of):
        return
    homes = Organisation.objects.open().filter(
        kind=Organisation.Kind.COMMUNITY, division=retiree.residence_id
    )
    _post_to(
        set(homes.values_list("pk", flat=True)),
        by,
        key=f"joined:{membership.pk}",
        kind=JOINED,
        words=joined_words(membership.unit, 1),
        person=retiree.pk,
        sender_id=membership.unit_id,
        data={"unit": membership.unit.code, "count": 1},
    )


def _tell_transferred(retiree: Retiree, membership: UnitMembership, left: int, by: User) -> None:
    """Another unit manages the person now: the community hears of it.

    The two units agreed on it and were told by the roster's own notices.
    """
    community = _community_of(retiree)
    if community is None:
        return
    old = Organisation.objects.get(pk=left)
    _post_to(
        {community.pk},
        by,
        key=f"unit-changed:{membership.pk}",
        kind=UNIT_CHANGED,
        words=f"{retiree.name}同志自{_day(membership.valid_from)}起由“{old.name}”转到“{membership.unit.name}”管理。",
        person=retiree.pk,
        sender_id=left,
        data={"from": old.code, "to": membership.unit.code, "on": membership.valid_from.isoformat()},
    )


def tell_death(retiree: Retiree, died_on: date, by: User) -> None:
    """A death was confirmed. Where a check-in ended with it, its own notices told; else the unit hears of it here."""
    if not CheckIn.objects.filter(retiree=retiree, end_reason=EndReason.DEATH).exists():
        words = f"{retiree.name}同志已登记去世（{_day(died_on)}）。"
        _post_to_unit(retiree, by, kind=DIED, words=words, data={"on": died_on.isoformat()})


def tell_death_undone(retiree: Retiree, by: User) -> None:
    """A death was wrong; told as the death was."""
    if not CheckIn.objects.filter(retiree=retiree, state=State.CONFIRMED).exists():
        words = f"{retiree.name}同志的去世登记有误，已恢复在世。"
        _post_to_unit(retiree, by, kind=DEATH_UNDONE, words=words)


def _post_to_unit(retiree: Retiree, by: User, *, kind: str, words: str, **more: object) -> None:
    if retiree.is_restricted:
        return
    unit = responsible_organisation(retiree)
    key = f"{kind}:{retiree.pk}:{retiree.version}"
    _post_to({unit.pk}, by, key=key, kind=kind, words=words, person=retiree.pk, **more)


def _post_to(receivers: Collection[int], by: User, **fact: object) -> None:
    others = set(receivers) - standing_of(by).organisation_ids
    for organisation in Organisation.objects.filter(pk__in=others).order_by("pk"):
        if not organisation.is_external:
            post(organisation, **fact)  # type: ignore[arg-type]


def _community_of(retiree: Retiree) -> Organisation | None:
    """Where the person is checked in, in force."""
    found = CheckIn.objects.filter(retiree=retiree, state=State.CONFIRMED).select_related("community").first()
    return found.community if found else None


def joined_words(unit: Organisation, count: int) -> str:
    """That a unit has new people in a community, and whom to ask who they are."""
    whom = " ".join(filter(None, [unit.contact, unit.phone]))
    call = f"（{whom}）" if whom else ""
    return (
        f"“{unit.name}”新登记了 {count} 位住在你们社区的退休干部，还没有报到。"
        f"请与该单位联系{call}，动员他们来报到。"
    )


def changed_words(name: str, changed: Iterable[str]) -> str:
    titles = [fields.title(field) for field in sorted(changed)]
    rest = f"等 {len(titles)} 项" if len(titles) > MOST_TITLES else ""
    return f"{name}同志的{'、'.join(titles[:MOST_TITLES])}{rest}有变化，请打开资料核对。"


def _day(day: date) -> str:
    return f"{day:%Y年%-m月%-d日}"
