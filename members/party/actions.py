from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .models import PartyAffiliation, PartyOrganisation
from .permissions import may_affiliate, may_end, may_keep, may_let_take_part

Kind = PartyAffiliation.Kind
MEMBERS = ("cpc", "cpc_probationary")  # codes of political_status


@transaction.atomic
def add_organisation(
    *,
    name: str,
    kind: str,
    host_id: int,
    by: User,
    parent_id: int | None = None,
    founded_on: date | None = None,
) -> PartyOrganisation:
    """Enter a Party organisation of a unit or community. The same name at the same host is the same one."""
    host = Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=host_id)
    require(may_keep(by, host))
    if not name.strip():
        raise RuleBroken("请填党组织名称。", code="field_name")
    known = PartyOrganisation.objects.filter(host=host, name=name.strip()).first()
    if known is not None:
        return known
    made = PartyOrganisation.objects.create(
        name=name.strip(),
        kind=PartyOrganisation.Kind(kind),
        host=host,
        parent_id=parent_id,
        founded_on=founded_on,
    )
    audit.record("party.added", made, by=by, organisation_id=host.pk, after={"name": made.name, "kind": kind})
    return made


@transaction.atomic
def affiliate(retiree_id: int, organisation_id: int, *, on: date, by: User) -> PartyAffiliation:
    """Write down where the formal relation (组织关系) is: one at a time, and the old one is ended first.

    Repeating it changes nothing. Raises PermissionDenied, RuleBroken (not a member, another formal relation,
    takes part there already, organisation closed). Source: docs/rules.md, P11.
    """
    retiree, organisation = _both(retiree_id, organisation_id)
    require(may_affiliate(by, retiree))
    formal = (
        retiree.affiliations.filter(kind=Kind.FORMAL, valid_until=None).select_related("organisation").first()
    )
    if formal is not None and formal.organisation_id == organisation.pk:
        return formal
    if formal is not None:
        raise RuleBroken(f"组织关系现在“{formal.organisation.name}”，请先办理转出。", code="has_formal")
    return _begin(retiree, organisation, Kind.FORMAL, on, by=by)


@transaction.atomic
def participate(retiree_id: int, organisation_id: int, *, on: date, by: User) -> PartyAffiliation:
    """Take part in a branch's meetings (参加多重组织生活). Repeating it changes nothing."""
    retiree, organisation = _both(retiree_id, organisation_id)
    require(may_let_take_part(by, organisation))
    known = retiree.affiliations.filter(
        organisation=organisation, kind=Kind.PARTICIPATION, valid_until=None
    ).first()
    return known or _begin(retiree, organisation, Kind.PARTICIPATION, on, by=by)


@transaction.atomic
def end(affiliation_id: int, *, on: date, by: User) -> PartyAffiliation:
    """End a relation from `on` (not included). Repeating it changes nothing."""
    affiliation = _locked(affiliation_id)
    require(may_end(by, affiliation))
    if affiliation.valid_until is not None:
        return affiliation
    if on <= affiliation.valid_from:
        raise RuleBroken(f"终止日期应在 {affiliation.valid_from} 之后，请改日期。", code="day_out_of_range")
    affiliation.valid_until = on
    affiliation.save(update_fields=["valid_until"])
    audit.record("affiliation.ended", affiliation, by=by, after={"valid_until": str(on)})
    return affiliation


@transaction.atomic
def set_post(affiliation_id: int, post: str, *, by: User, on: date | None = None) -> PartyAffiliation:
    """The post held in the branch since `on` (today in Shanghai if left out), "" for none.

    Repeating it changes nothing; the same post with another day corrects the day. One secretary a branch.
    Raises PartyAffiliation.DoesNotExist, PermissionDenied, RuleBroken (ended, a day out of the relation, the
    branch has a secretary). Source: docs/rules.md, Y3.
    """
    affiliation = _locked(affiliation_id)
    organisation = affiliation.organisation
    require(may_keep(by, organisation.host))
    day = None if post == PartyAffiliation.Post.NONE else on or _kept_day(affiliation, post)
    if (affiliation.post, affiliation.post_from) == (post, day):
        return affiliation
    if affiliation.valid_until is not None:
        raise RuleBroken("这个组织关系已经终止，不能再任职。", code="ended")
    if day is not None and not affiliation.valid_from <= day <= timezone.localdate():
        raise RuleBroken(
            f"任职日期应在 {affiliation.valid_from} 到今天之间，请改日期。", code="day_out_of_range"
        )
    if post == PartyAffiliation.Post.SECRETARY:
        _require_no_other_secretary(affiliation)
    before = {"post": affiliation.post, "on": str(affiliation.post_from or "")}
    affiliation.post, affiliation.post_from = PartyAffiliation.Post(post), day
    affiliation.save(update_fields=["post", "post_from"])
    audit.record(
        "affiliation.post", affiliation, by=by, organisation_id=organisation.host_id,
        before=before, after={"post": post, "on": str(day or "")},
    )  # fmt: skip
    return affiliation


def _kept_day(affiliation: PartyAffiliation, post: str) -> date:
    """Without a day: the post goes on since when it was held, another one begins today."""
    same = affiliation.post == post and affiliation.post_from is not None
    return affiliation.post_from if same and affiliation.post_from else timezone.localdate()


def _require_no_other_secretary(affiliation: PartyAffiliation) -> None:
    """The branch is locked, so that two do not become its secretary at once."""
    PartyOrganisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=affiliation.organisation_id)
    others = PartyAffiliation.objects.filter(
        organisation=affiliation.organisation_id, post=PartyAffiliation.Post.SECRETARY, valid_until=None
    ).exclude(pk=affiliation.pk)
    with as_program("a secretary whom the clerk may not see holds the post all the same"):
        taken = others.exists()
    if taken:
        raise RuleBroken("这个支部已有书记。请先免去现任书记，再任命。", code="has_secretary")


@transaction.atomic
def describe(
    organisation_id: int,
    *,
    seats: int | None,
    term_from: date | None,
    term_ends_on: date | None,
    assisted_by_id: int | None,
    by: User,
) -> PartyOrganisation:
    """Size of the committee (班子职数), its term (届期) and who helps to run it (协管). The same again changes nothing.

    Raises PartyOrganisation.DoesNotExist, PermissionDenied, RuleBroken (a term that ends before it begins).
    """
    rows = PartyOrganisation.objects.select_related("host")
    organisation = rows.select_for_update(no_key=True, of=("self",)).get(pk=organisation_id)
    require(may_keep(by, organisation.host))
    if term_ends_on and (term_from is None or term_ends_on <= term_from):
        raise RuleBroken("届满日期应在本届开始之后，两个日期都要填。", code="term")
    after = {
        "seats": seats,
        "term_from": term_from,
        "term_ends_on": term_ends_on,
        "assisted_by_id": assisted_by_id,
    }
    before = {name: getattr(organisation, name) for name in after}
    if before == after:
        return organisation
    for name, value in after.items():
        setattr(organisation, name, value)
    organisation.save(update_fields=["seats", "term_from", "term_ends_on", "assisted_by"])
    audit.record(
        "party.changed", organisation, by=by, organisation_id=organisation.host_id,
        before={name: str(value or "") for name, value in before.items()},
        after={name: str(value or "") for name, value in after.items()},
    )  # fmt: skip
    return organisation


def end_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """Relations and posts end with the day of death; the person is locked."""
    for affiliation in retiree.affiliations.filter(valid_until=None):
        affiliation.valid_until = max(died_on, affiliation.valid_from + timedelta(days=1))
        affiliation.ended_by_death = True
        affiliation.save(update_fields=["valid_until", "ended_by_death"])
        audit.record(
            "affiliation.ended", affiliation, by=by, after={"valid_until": str(affiliation.valid_until)}
        )


def restore_after_death(retiree: Retiree, by: User) -> None:
    """A death was undone: what it ended holds again."""
    for affiliation in retiree.affiliations.filter(ended_by_death=True):
        affiliation.valid_until, affiliation.ended_by_death = None, False
        affiliation.save(update_fields=["valid_until", "ended_by_death"])
        audit.record("affiliation.restored", affiliation, by=by)


def _both(retiree_id: int, organisation_id: int) -> tuple[Retiree, PartyOrganisation]:
    retiree = Retiree.objects.locked(retiree_id)
    return retiree, PartyOrganisation.objects.select_related("host").get(pk=organisation_id)


def _locked(affiliation_id: int) -> PartyAffiliation:
    """The affiliation, its person locked."""
    retiree = Retiree.objects.locked(
        PartyAffiliation.objects.values_list("retiree_id", flat=True).get(pk=affiliation_id)
    )
    found = PartyAffiliation.objects.select_related("organisation__host", "retiree").get(pk=affiliation_id)
    retiree.check_has(found)
    return found


def _begin(
    retiree: Retiree, organisation: PartyOrganisation, kind: PartyAffiliation.Kind, on: date, *, by: User
) -> PartyAffiliation:
    if retiree.political_status not in MEMBERS:
        raise RuleBroken("这位老同志不是中共党员，请先核对政治面貌。", code="not_a_member")
    if retiree.died_on is not None:
        raise RuleBroken("这位老同志已登记去世。", code="dead")
    if organisation.closed_on is not None:
        raise RuleBroken(f"“{organisation.name}”已经撤销，请选另一个党组织。", code="closed")
    if retiree.affiliations.filter(organisation=organisation, valid_until=None).exists():
        raise RuleBroken(f"已经在“{organisation.name}”，不用再办。", code="there_already")
    affiliation = PartyAffiliation.objects.create(
        retiree=retiree, organisation=organisation, kind=kind, valid_from=on
    )
    audit.record(
        "affiliation.begun",
        affiliation,
        by=by,
        organisation_id=organisation.host_id,
        after={"kind": kind.value, "organisation": organisation.pk, "on": str(on)},
    )
    return affiliation
