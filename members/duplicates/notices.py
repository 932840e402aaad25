"""Who is told of a merge: the organisations on either side that did not do it, and an account that let go."""

from communities.notices import actions as outbox
from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.texts import actions as texts
from members.people import registry
from members.people.models import Retiree

from .models import PersonMerge


def concerned(*rows: Retiree) -> set[int]:
    """The organisations that answer for `rows` or are their community now."""
    found = {registry.units.responsible_organisation(row).pk for row in rows}
    return found | {pk for row in rows for find in registry.communities_of for pk in find(row)}


def merged(merge: PersonMerge, receivers: set[int]) -> None:
    name = merge.kept.name
    words = (
        f"{name}同志的两份档案已合并为一份，报到和单位关系都在合并后的档案上。如有不对，请联系经办方撤销。"
    )
    _post(merge, receivers, f"person-merge-{merge.pk}", words, by=merge.by)


def undone(merge: PersonMerge, receivers: set[int], *, by: User) -> None:
    words = f"{merge.kept.name}同志两份档案的合并已撤销，恢复为合并以前的两份。"
    _post(merge, receivers, f"person-merge-{merge.pk}-undone", words, by=by)


def account_left(merge: PersonMerge, account: User) -> None:
    """The account of the merged row can no longer act; its phone hears of it, so that nobody is cut off in silence."""
    if account.phone:
        texts.send(
            key=f"person-merge-{merge.pk}-account",
            phone=account.phone,
            words="【惠风家园】您登记过两次，现已合并为一份，请用另一个手机号登录。如有疑问，请打电话给社区。",
        )


def _post(merge: PersonMerge, receivers: set[int], key: str, words: str, *, by: User) -> None:
    ours = standing_of(by).organisation_ids
    others = receivers - ours
    for organisation in Organisation.objects.filter(pk__in=others).order_by("pk"):
        if not organisation.is_external:
            outbox.post(
                organisation,
                key=key,
                kind="people.merged",
                words=words,
                person=merge.kept_id,
                sender_id=min(ours, default=None),
            )
