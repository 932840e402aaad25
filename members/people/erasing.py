"""The erasure of a person: who is looked for, and what the lower floors and this room take away (rules G6)."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.models import Assignment
from huifeng.accounts.actions import end_sessions, forget_second_factor
from huifeng.accounts.models import LoginCode, User
from huifeng.sealed import BlindIndexField
from huifeng.texts.models import Text

from .models import Death, Helper, HelperRequest, IdentityClaim, Retiree
from .registry import Erased

ERASED = "已依法删除"
# What stays of the row: what figures are counted from, and what says that it is over. Everything else is emptied,
# a column that is new tomorrow too.
KEPT = frozenset({
    "id", "standing", "sex", "birth_date", "kind", "retired_on", "joined_work_on", "rank", "political_status",
    "elsewhere", "resettled_on", "retired_before_scheme", "health", "residence", "claimed_unit", "statistics_flag",
    "is_restricted", "died_on", "merged_into", "erased_at", "version", "created_at", "updated_at",
})  # fmt: skip

COVERS = {
    # this room
    "members_people.Retiree": "emptied but for what figures are counted from; of the birthday the month stays",
    "members_people.Helper": "ended, the helper's name and relation emptied",
    "members_people.HelperRequest": "deleted, and those with the person's phone that found nobody",
    "members_people.IdentityClaim": "names, phone and words emptied; the decision stays",
    "members_people.Death": "cause and words emptied; the day stays, it is counted",
    # accounts and what hangs on them
    "socialaccount.SocialApp": "stays empty: the provider stands in the settings",
    "socialaccount.SocialAccount": "stays empty: ours is SingleSignOn",
    "socialaccount.SocialToken": "stays empty: no token is kept",
    "accounts.SingleSignOn": "who staff are elsewhere; people of the register have none",
    "accounts.User": "name, phone, mail and password gone, switched off; of staff and helpers only unlinked",
    "accounts.LoginCode": "deleted with the account's data",
    "accounts.Session": "ended",
    "account.EmailAddress": "deleted",
    "account.EmailConfirmation": "goes with the address",
    "mfa.Authenticator": "deleted",
    "admin.LogEntry": "what it called the row is emptied",
    "texts.Text": "to the person's phones: deleted",
    "communities_notices.Notice": "about the person: words and data emptied; that it was sent stays",
    # the audit: never rewritten; what it says of a person in words is sealed, and the secret is destroyed
    "audit.AuditEntry": "sealed with the person's secret, which is destroyed; actors by account alone",
    "audit.AuditSeal": "hashes", "audit.AuditAnchor": "hashes", "audit.AuditCheck": "figures",
    # files: exports, audit exports, rosters and reports are found by the rooms that made them
    "jobs.StoredFile": "files that name the person are deleted by the rooms that made them",
    "jobs.Job": "ids and counts by rule (docs/decisions/0005)",
    # nobody's
    "auth.Permission": "names of permissions", "auth.Group": "names of groups",
    "contenttypes.ContentType": "names of models", "sessions.Session": "unused",
    "codes.CodeValue": "code lists",
    "communities_divisions.Division": "places", "communities_divisions.DivisionAlias": "places",
    "communities_divisions.NamedPlace": "places",
    "communities_organisations.Organisation": "offices and whom to ask for there",
    "communities_organisations.Assignment": "official duty", "communities_calendar.SpecialDay": "days",
    "communities_calendar.AnnouncedYear": "days", "communities_calendar.Period": "periods",
    "communities_notices.Mailbox": "counters",
    "members_party.PartyOrganisation": "organisations",
    "members_party.PartyAffiliation": "which branch, when, which post: counted, no words",
    "demo.DemoCity": "the fictional city's ready accounts; not installed in production",
}  # fmt: skip


def looked_for(person: Retiree, by: User) -> Erased:
    """Everything the person is known by here: the row, merged rows, account, claims and requests."""
    rows = [person, *Retiree.objects.filter(merged_into=person).order_by("pk")]
    keys = [row.pk for row in rows]
    names = {name for row in rows for name in (row.name, row.former_name)}
    numbers = {row.id_number for row in rows}
    phones = {phone for row in rows for phone in (row.phone, row.landline)}
    phones |= {row.user.phone for row in rows if row.user is not None}
    for request in HelperRequest.objects.filter(retiree__in=keys):
        phones.add(request.elder_phone)
    for claim in IdentityClaim.objects.filter(retiree__in=keys):
        phones.add(claim.phone)
    phones = {phone for phone in phones if phone}
    texts = {text for text in (*names, *numbers, *phones) if text and text != ERASED}
    return Erased(tuple(keys), frozenset(texts), frozenset(phones), by)


def erase(erased: Erased) -> None:
    """Take away what the lower floors and this room hold. The person's row is locked by the caller."""
    Notice.objects.filter(person__in=erased.keys).update(words=ERASED, data={})
    Notice.objects.filter(person__in=erased.keys).exclude(answer="").update(answer=ERASED)
    _forget_texts(erased.phones)
    _forget_requests(erased)
    IdentityClaim.objects.filter(retiree__in=erased.keys).update(
        name=ERASED, birth_month="", unit_words="", phone="", reason=""
    )
    Death.objects.filter(retiree__in=erased.keys).update(cause="", words="")
    now = timezone.now()
    Helper.objects.filter(retiree__in=erased.keys, ended_at=None).update(ended_at=now)
    Helper.objects.filter(retiree__in=erased.keys).update(name=ERASED, relation="")
    _forget_admin(Retiree, erased.keys)
    for row in Retiree.objects.filter(pk__in=erased.keys).select_related("user").order_by("pk"):
        account = row.user
        _empty(row)
        if account is not None:
            _forget_account(account, by=erased.by)


def _empty(row: Retiree) -> None:
    for field in Retiree._meta.concrete_fields:
        if field.name not in KEPT and not isinstance(field, BlindIndexField):
            setattr(row, field.attname, _nothing(field))
    row.name, row.id_index, row.phone_index = ERASED, None, None
    row.birth_date = (
        row.birth_date.replace(day=1) if row.birth_date else None
    )  # the age at a month's end stays
    row.erased_at = timezone.now()
    row.version += 1
    row.save()


def _nothing(field: "models.Field[Any, Any]") -> Any:
    if isinstance(field, ArrayField):
        return []
    return None if field.null and not isinstance(field, models.CharField) else ""


def _forget_account(account: User, *, by: User) -> None:
    """An account that works for an office or helps somebody stays with its owner, and is no longer this person's."""
    if Assignment.objects.filter(user=account).exists() or account.helping.filter(ended_at=None).exists():
        return
    end_sessions(account.pk, by=by)
    forget_second_factor(account.pk)
    LoginCode.objects.filter(user=account).delete()
    EmailAddress.objects.filter(user=account).delete()
    _forget_admin(User, [account.pk])
    account.display_name, account.email, account.is_active = "", "", False
    account.username = f"p-{secrets.token_hex(8)}"
    account.set_phone("")
    account.set_unusable_password()
    account.save()


def _forget_texts(phones: frozenset[str]) -> None:
    """Texts are sealed: the last four digits find few, which are opened."""
    near = Text.objects.filter(phone_tail__in={phone[-4:] for phone in phones}).only("phone")
    Text.objects.filter(pk__in=[text.pk for text in near if text.phone in phones]).delete()


def _forget_requests(erased: Erased) -> None:
    unknown = HelperRequest.objects.filter(retiree=None).only("elder_phone", "elder_name")
    keys = [row.pk for row in unknown if row.elder_phone in erased.phones]
    HelperRequest.objects.filter(pk__in=keys).delete()
    HelperRequest.objects.filter(retiree__in=erased.keys).delete()


def _forget_admin(model: type[models.Model], keys: "tuple[int, ...] | list[int]") -> None:
    kind = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys]).update(
        object_repr=ERASED, change_message=""
    )
