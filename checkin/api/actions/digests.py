from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from huifeng.audit import actions as audit
from members.people.models import Retiree

from ..models import ApiToken, PostedDigest


@transaction.atomic
def post_digest(items: Mapping[int, Mapping[str, Any]], *, run: str, token: ApiToken) -> PostedDigest:
    """Keep what the other system holds of our people, by the person's key; nobody is changed by it.

    Of people the organisation does not see nothing is kept. Source: docs/rules.md, A8.
    """
    ours = Retiree.objects.visible_to(token.account).filter(pk__in=items).values_list("pk", flat=True)
    kept = {str(pk): dict(items[pk]) for pk in sorted(ours)}
    digest = PostedDigest.objects.create(
        organisation_id=token.organisation_id,
        token=token,
        run=run,
        items=kept,
        count=len(kept),
        posted_at=timezone.now(),
    )
    audit.record(
        "api_digest.posted",
        digest,
        by=token.account,
        organisation_id=token.organisation_id,
        after={"run": run, "count": len(kept)},
    )
    return digest
