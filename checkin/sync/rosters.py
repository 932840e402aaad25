"""What a roster that was written tells the communities: who of theirs was corrected, and that people are new.

A roster may change a hundred thousand people, so each act here is a few statements for any number of them.
"""

import json
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from checkin.record.models import CheckIn, State
from communities.notices.actions import post_many
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people import fields
from members.people.models import Retiree
from members.roster.models import ImportBatch, ImportRow

from . import notices

NOTICE, ROWS = Notice._meta.db_table, ImportRow._meta.db_table

_OWE_CHANGES = f"""
INSERT INTO {NOTICE} (receiver_id, sender_id, key, kind, person, words, link, data, created_at, state, answer)
SELECT c.community_id, %(sender)s, 'changed:' || r.id || ':' || r.version, %(kind)s, r.id,
  left(r.name || said.words, 300), '', said.data::jsonb, %(now)s, 'pending', ''
FROM {ROWS} p
JOIN unnest(%(sets)s::text[], %(words)s::text[], %(data)s::text[]) said(names, words, data)
  ON said.names = array_to_string(p.fields, ',')
JOIN {Retiree._meta.db_table} r ON r.id = p.person AND NOT r.is_restricted
JOIN {CheckIn._meta.db_table} c ON c.retiree_id = r.id AND c.state = %(confirmed)s
JOIN {Organisation._meta.db_table} o ON o.id = c.community_id AND o.kind <> %(external)s
WHERE p.batch_id = %(batch)s AND p.verdict = 'changed'
ORDER BY r.id
ON CONFLICT DO NOTHING
"""  # noqa: S608 -- names of tables; values are parameters


def tell_changes(batch: ImportBatch, by: User) -> None:
    """A roster corrected people: the community of each who is checked in is told, as by `notices.tell_changed`.

    Two queries for any number: a roster corrects many people in few combinations of fields.
    """
    corrected = batch.rows.filter(verdict=ImportRow.Verdict.CHANGED)
    sets = [set_ for set_ in corrected.order_by().values_list("fields", flat=True).distinct() if set_]
    told = [(",".join(names), ours) for names in sets if (ours := frozenset(names) & fields.UNIT_OWNS)]
    if not told:
        return
    values: dict[str, Any] = {
        "sender": batch.organisation_id,
        "kind": notices.CHANGED,
        "now": timezone.now(),
        "sets": [names for names, _ in told],
        "words": [notices.changed_words("", ours) for _, ours in told],
        "data": [json.dumps({"fields": sorted(ours), "alert": False}) for _, ours in told],
        "confirmed": State.CONFIRMED,
        "external": Organisation.Kind.EXTERNAL_COMMUNITY,
        "batch": batch.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OWE_CHANGES, values)


def tell_new(batch: ImportBatch, by: User) -> None:
    """A roster entered people: each community hears how many of which unit live there, once a roster.

    Figures without names: the community sees nobody before they check in (docs/rules.md, P2 and N12). Three
    queries for any number.
    """
    entered = batch.rows.filter(verdict=ImportRow.Verdict.NEW, version=None, residence_id__isnull=False)
    counts = {
        (home, unit): count
        for home, unit, count in entered.order_by()
        .values_list("residence_id", "unit_id")
        .annotate(count=Count("pk"))
    }
    organisations = Organisation.objects.filter(pk__in={unit for _, unit in counts})
    units = {unit.pk: unit for unit in organisations}
    communities = Organisation.objects.open().filter(
        kind=Organisation.Kind.COMMUNITY, division__in={home for home, _ in counts}
    )
    homes = dict(communities.values_list("division_id", "pk"))
    now = timezone.now()
    post_many(
        Notice(
            receiver_id=homes[home],
            sender_id=unit,
            key=f"roster:{batch.pk}:{unit}",
            kind=notices.JOINED,
            words=notices.joined_words(units[unit], count),
            data={"unit": units[unit].code, "count": count},
            created_at=now,
        )
        for (home, unit), count in sorted(counts.items())
        if home in homes
    )
