from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from checkin.reconciliation.models import PostedDigest
from checkin.reconciliation.permissions import may_keep_digest
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import require


@transaction.atomic
def keep_digest(
    organisation: Organisation, entries: Mapping[int, Mapping[str, Any]], *, run: str, by: User
) -> PostedDigest:
    """Keep what the organisation's own system holds, for the next reconciliation; nobody is changed by it.

    `entries`: by the person's key `version`, `checkin` (state or "") and `community` (code or ""). Parts of one
    posting have the same `run`; the newest run counts as everything the system holds. Raises PermissionDenied.
    Source: docs/rules.md, R5.
    """
    require(may_keep_digest(by, organisation))
    digest = PostedDigest.objects.create(
        organisation=organisation,
        run=run,
        items={str(person): dict(entry) for person, entry in sorted(entries.items())},
        count=len(entries),
        posted_at=timezone.now(),
        posted_by=by,
    )
    audit.record(
        "digest.posted",
        digest,
        by=by,
        organisation_id=organisation.pk,
        after={"run": run, "count": len(entries)},
    )
    return digest
