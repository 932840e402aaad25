from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree

from ..finding import search
from ..models import DuplicatePair
from ..permissions import may_look_again, may_merge


@transaction.atomic
def dismiss(pair_id: int, *, by: User, words: str = "") -> DuplicatePair:
    """They are two people (不是同一个人), `words` say how that is known: the pair is not suggested any more.

    Repeating it changes nothing. Raises DuplicatePair.DoesNotExist, PermissionDenied, RuleBroken (merged
    meanwhile). Source: docs/rules.md, P13.
    """
    pair = _locked(pair_id, by)
    if pair.dismissed_at is not None:
        return pair
    pair.dismissed_at, pair.dismissed_by = timezone.now(), by
    pair.dismissed_words = words.strip()[:200]
    pair.save(update_fields=["dismissed_at", "dismissed_by", "dismissed_words"])
    audit.record(
        "duplicate.dismissed",
        pair,
        by=by,
        organisation_id=pair.unit_id,
        after={"people": [pair.first_id, pair.second_id]},
    )
    return pair


@transaction.atomic
def take_back(pair_id: int, *, by: User) -> DuplicatePair:
    """The dismissal was wrong: the pair is suggested again. Repeating it changes nothing."""
    pair = _locked(pair_id, by)
    if pair.dismissed_at is None:
        return pair
    before = {"at": pair.dismissed_at.isoformat(), "by": pair.dismissed_by_id}
    pair.dismissed_at = pair.dismissed_by = None
    pair.dismissed_words = ""
    pair.save(update_fields=["dismissed_at", "dismissed_by", "dismissed_words"])
    audit.record("duplicate.taken_back", pair, by=by, organisation_id=pair.unit_id, before=before)
    return pair


def look_again(unit_id: int, *, by: User) -> int:
    """Search among the people of one unit now, not only tonight; how many pairs there are. Safe to repeat."""
    require(may_look_again(by, Organisation.objects.get(pk=unit_id)))
    return search(unit_id)


def _locked(pair_id: int, by: User) -> DuplicatePair:
    """The pair, both people locked, when `by` may decide about them and they are still two."""
    people = DuplicatePair.objects.values_list("first_id", "second_id").get(pk=pair_id)
    first, second = Retiree.objects.locked_pair(*people)
    require(may_merge(by, *(row for row in (first, second) if row.merged_into_id is None)))
    if first.merged_into_id is not None or second.merged_into_id is not None:
        raise RuleBroken("这两份档案中有一份已经合并，请刷新后再看。", code="merged")
    return DuplicatePair.objects.select_for_update(of=("self",)).get(pk=pair_id)
