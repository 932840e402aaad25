"""Which entries somebody asks for: conditions of the page, checked against what the reader may read."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from checkin.record.lists import matching
from checkin.record.models import CheckIn
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.people.models import Retiree

from . import wording
from .permissions import entries_within, offices_within, staff_within

FIRST_DAYS = 7  # of a page nobody asked anything of
MOST_DAYS = 366
MOST_NAMED = 20  # people, accounts, organisations that a word may mean


@dataclass(frozen=True)
class Wanted:
    """Conditions by keys. None: not asked for; an empty tuple: asked for and nobody found."""

    since: date
    until: date
    group: str = ""
    people: tuple[int, ...] | None = None
    actors: tuple[int, ...] | None = None
    offices: tuple[int, ...] | None = None

    @property
    def args(self) -> dict[str, Any]:
        """For a job and for the audit: keys and days, no names."""
        found: dict[str, Any] = {"since": str(self.since), "until": str(self.until), "group": self.group}
        for name in ("people", "actors", "offices"):
            keys = getattr(self, name)
            if keys is not None:
                found[name] = list(keys)
        return found


def wanted_from(args: dict[str, Any]) -> Wanted:
    """What `Wanted.args` said."""
    keys: dict[str, Any] = {
        name: tuple(args[name]) for name in ("people", "actors", "offices") if name in args
    }
    since, until = (date.fromisoformat(args[name]) for name in ("since", "until"))
    return Wanted(since, until, args.get("group", ""), **keys)


@dataclass(frozen=True)
class Meant:
    """Whom the words of the page mean: pairs of key and name for the reader to see."""

    people: list[tuple[int, str]] = field(default_factory=list)
    actors: list[tuple[int, str]] = field(default_factory=list)
    offices: list[tuple[int, str]] = field(default_factory=list)


def period(since: date | None, until: date | None) -> tuple[date, date]:
    """The days to look at: the last week if nothing is said, a year at most."""
    today = timezone.localdate()
    last = min(until or today, today)
    first = since or last - timedelta(days=FIRST_DAYS - 1)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def people_meant(words: str, reader: User) -> list[tuple[int, str]]:
    """People the reader sees, by name, pinyin, number of a check-in, whole ID number or phone."""
    rows = Retiree.objects.visible_to(reader)
    if words.upper().startswith("FX"):
        numbered = CheckIn.objects.filter(matching(words))
        rows = rows.filter(pk__in=numbered.values("retiree"))
    else:
        rows = rows.filter(matching(words, number=""))
    return list(rows.order_by("pk").values_list("pk", "name")[:MOST_NAMED])


def actors_meant(words: str, area: str) -> list[tuple[int, str]]:
    """Accounts by a part of the name or the login name; by key when it is `#key`."""
    ours = User.objects.all() if len(area) <= 4 else staff_within(area)
    rows = ours.filter(Q(display_name__contains=words) | Q(username=words))
    return list(rows.order_by("pk").values_list("pk", "display_name")[:MOST_NAMED])


def offices_meant(words: str, area: str) -> list[tuple[int, str]]:
    ours = Organisation.objects.all() if len(area) <= 4 else offices_within(area)
    return list(ours.filter(name__contains=words).order_by("pk").values_list("pk", "name")[:MOST_NAMED])


def entries(wanted: Wanted, *, area: str, reader: User) -> QuerySet[AuditEntry]:
    """The entries `reader` may read under these conditions, in no order.

    About people the reader sees: everything, whoever did it, else only acts within the area.
    """
    rows = _about_people(wanted.people, reader) if wanted.people is not None else entries_within(area)
    if wanted.actors is not None:
        rows = _of_actors(rows, wanted, area)
    if wanted.offices is not None:
        rows = rows.filter(organisation_id__in=wanted.offices)
    if wanted.group in wording.GROUPS:
        rows = rows.filter(action__in=wording.GROUPS[wanted.group][1])
    begins = _moment(wanted.since)
    return rows.filter(at__gte=begins, at__lt=_moment(wanted.until + timedelta(days=1)))


def _about_people(keys: tuple[int, ...], reader: User) -> QuerySet[AuditEntry]:
    seen = list(Retiree.objects.visible_to(reader).filter(pk__in=keys).values_list("pk", flat=True))
    checkins = list(CheckIn.objects.filter(retiree__in=seen).values_list("pk", flat=True))
    return AuditEntry.objects.filter(
        Q(target_type=Retiree._meta.label_lower, target_id__in=[str(pk) for pk in seen])
        | Q(target_type=CheckIn._meta.label_lower, target_id__in=[str(pk) for pk in checkins])
    )


def _of_actors(rows: QuerySet[AuditEntry], wanted: Wanted, area: str) -> QuerySet[AuditEntry]:
    """What they did, and what was done to their accounts (failed logins): of accounts of the area only."""
    keys = wanted.actors or ()
    if len(area) > 4:
        keys = tuple(staff_within(area).filter(pk__in=keys).values_list("pk", flat=True))
    account = Q(target_type=User._meta.label_lower, target_id__in=[str(pk) for pk in keys])
    if wanted.people is None:
        return AuditEntry.objects.filter(Q(actor_id__in=keys) | account)
    return rows.filter(actor_id__in=keys)


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
