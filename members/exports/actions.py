"""Asking for a list of people as a file. A worker makes it (making.py); nothing leaves without a purpose."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse

from communities.organisations.acting import area_of
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs.models import Job
from huifeng.spreadsheets.writing import FORMATS

from . import columns, registry, rows
from .models import ExportOrder, Purpose
from .permissions import may_export

KIND = "people_export"
NOBODY = "没有符合条件的老同志，没有生成文件。请改一改条件再导出。"


def chosen_by(organisation: Organisation, wanted: Mapping[str, str]) -> registry.Chosen:
    """The people whom the pages of `organisation` list under these conditions."""
    asked = QueryDict(mutable=True)
    asked.update(wanted)
    return registry.lists[str(area_of(organisation))](organisation, asked)


@transaction.atomic
def order(
    organisation_id: int,
    *,
    by: User,
    key: UUID,
    wanted: Mapping[str, str],
    keys: Sequence[str],
    file_format: str,
    purpose: str,
    words: str,
    revealing: str = "",
) -> Job:
    """Ask for the list of `organisation` under the conditions `wanted`, with the columns `keys`.

    `words`: what exactly it is for; `revealing`: why ID numbers and phones are wanted in full, else they are masked.
    The same `key` again returns the first job. Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (a
    column this side does not see, no columns, no purpose, nobody in the list). Source: docs/rules.md, E1 to E4.
    """
    organisation = Organisation.objects.select_related("division").get(pk=organisation_id)
    require(may_export(by, organisation))
    done = _job_of(key, by)
    if done is not None:
        return done
    side, keys = str(area_of(organisation)), columns.in_order(keys)
    _check(side, keys, file_format, purpose, words)
    chosen = chosen_by(organisation, wanted)
    if not rows.any_of(chosen, organisation, by):
        raise RuleBroken(NOBODY, code="empty")
    try:
        with transaction.atomic():
            made = _create(
                organisation, side, chosen, key=key, by=by, columns=keys, file_format=file_format,
                purpose=purpose, words=words.strip(),
                revealing=revealing.strip() if columns.reveals(keys) else "",
            )  # fmt: skip
    except IntegrityError:  # the same form, sent twice at once
        done = _job_of(key, by)
        if done is None:
            raise
        return done
    audit.record(
        "export.ordered",
        made,
        by=by,
        organisation_id=organisation.pk,
        after={"purpose": purpose, "columns": keys, "conditions": made.conditions},
        note=made.words,
    )
    return made.job


def _job_of(key: UUID, by: User) -> Job | None:
    return Job.objects.filter(pk__in=ExportOrder.objects.filter(key=key, by=by).values("job")).first()


def _create(organisation: Organisation, side: str, chosen: registry.Chosen, **fields: object) -> ExportOrder:
    job = jobs.start(
        KIND,
        title=f"导出名单：{organisation.name}"[:120],
        by=fields["by"],  # type: ignore[arg-type]
        args={"order": str(fields["key"])},
        organisation_id=organisation.pk,
        page=reverse(f"{side}-export:records"),
    )
    return ExportOrder.objects.create(
        job=job,
        organisation=organisation,
        side=side,
        filters=json.dumps(dict(chosen.wanted), ensure_ascii=False),
        conditions="；".join(chosen.kept)[:300],
        **fields,
    )


def _check(side: str, keys: Sequence[str], file_format: str, purpose: str, words: str) -> None:
    beyond = [key for key in keys if key not in columns.allowed(side)]
    if beyond:
        titles = "、".join(columns.titles(beyond))
        raise RuleBroken(f"{titles}不在您的页面上，不能导出。", code="column_not_seen")
    if not keys:
        raise RuleBroken("请至少选一项要导出的内容。", code="no_columns")
    if purpose not in Purpose.values or not words.strip() or file_format not in FORMATS:
        raise RuleBroken("请选择用途和格式，并写明这份名单做什么用。", code="no_purpose")
