"""Changing places: loading the register, and what a bureau does by hand. Organisations follow by the
registry.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from . import registry
from .models import Division, DivisionAlias, NamedPlace
from .names import names_of, sound_of, tidy
from .permissions import may_describe, may_manage
from .register import Row

FIRST_SERIAL_BY_HAND, LAST_SERIAL = 900, 999
NOTE_LENGTH = 200
LOAD_LOCK = 370200  # advisory: one load at a time


@dataclass
class Report:
    """What a load did. Vanished places are only named: the district merges or closes them by hand."""

    added: list[dict[str, str]] = field(default_factory=list)
    renamed: list[dict[str, str]] = field(default_factory=list)
    vanished: list[dict[str, str]] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)  # another name by hand, or closed by hand
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def load(rows: list[Row], *, by: User) -> Report:
    """Take the register's `rows` over, in a handful of statements; what was done by hand stays.

    Repeating it changes and records nothing. A name that the register changed becomes the name, and the
    former one an alias. Vanished: open places of the districts in `rows` that `rows` no longer has.
    """
    _one_load_at_a_time()
    require(all(may_manage(by, row.code) for row in rows if row.level == Division.Level.CITY))
    known = Division.objects.in_bulk([row.code for row in rows])
    report, new, renamed, former = Report(), [], [], []
    for row in rows:
        place = known.get(row.code)
        names = names_of(row.name, row.level)
        if place is None:
            new.append(
                Division(
                    code=row.code,
                    level=row.level,
                    parent_id=row.parent_code or None,
                    is_virtual=row.is_virtual,
                    **asdict(names),
                )
            )
            report.added.append({"code": row.code, "name": names.name})
        elif place.closed_on or (place.renamed_by_hand and place.name != names.name):
            report.kept.append({"code": row.code, "name": place.name, "register": names.name})
        elif place.name != names.name:
            former.append(
                DivisionAlias(alias=place.short_name, division=place, kind=DivisionAlias.Kind.FORMER)
            )
            report.renamed.append({"code": row.code, "from": place.name, "to": names.name})
            renamed.append(_named(place, names.name))
        else:
            report.unchanged += 1
    report.vanished = list(_missing_from(rows).values("code", "name"))
    Division.objects.bulk_create(new, batch_size=2000)
    Division.objects.bulk_update(renamed, ["name", "short_name", "stem", "sound"], batch_size=500)
    DivisionAlias.objects.bulk_create(former, ignore_conflicts=True)
    if new or renamed:
        counts = {"added": len(new), "renamed": len(renamed), "vanished": len(report.vanished)}
        audit.record("divisions.loaded", Division.objects.get(pk=rows[0].code), by=by, after=counts)
    return report


@transaction.atomic
def load_aliases(rows: Iterable[dict[str, str]], *, by: User) -> int:
    """Take over aliases whose division is known; how many were new. Existing ones stay as they are."""
    rows = list(rows)
    require(all(may_manage(by, row["code"]) for row in rows))
    known = set(Division.objects.filter(pk__in=[row["code"] for row in rows]).values_list("pk", flat=True))
    before = DivisionAlias.objects.count()
    DivisionAlias.objects.bulk_create(
        [
            DivisionAlias(
                alias=tidy(row["alias"]),
                division_id=row["code"],
                kind=row["kind"],
                is_certain=row["certain"] == "1",
                note=row["note"],
            )
            for row in rows
            if row["code"] in known
        ],
        ignore_conflicts=True,
    )
    return DivisionAlias.objects.count() - before


@transaction.atomic
def add_community(street_code: str, name: str, *, by: User, reason: str = "") -> Division:
    """Add a community that the register lacks to a street, with a code of ours (serial 900 up).

    Adding the same name again returns the first. Raises Division.DoesNotExist, PermissionDenied, RuleBroken
    (not a street, closed, name taken, no serial left).
    """
    street = Division.objects.select_for_update().get(pk=street_code)
    require(may_manage(by, street.code))
    if street.level != Division.Level.STREET or street.closed_on:
        raise RuleBroken("社区只能加在现有的街道（镇）下面。", code="not_a_street")
    names = names_of(_checked_name(name))
    namesake = street.children.filter(short_name=names.short_name, closed_on=None).first()
    if namesake is not None:
        if namesake.added_by_hand and namesake.name == names.name:
            return namesake
        raise RuleBroken(f"{street.name}已有{namesake.short_name}，不必再加。", code="name_taken")
    community = Division.objects.create(
        code=_next_code(street),
        level=Division.Level.COMMUNITY,
        parent=street,
        added_by_hand=True,
        **asdict(names),
    )
    audit.record("community.added", community, by=by, after={"name": names.name}, note=reason[:NOTE_LENGTH])
    for hook in registry.on_added:
        hook(community, by)
    return community


@transaction.atomic
def rename(code: str, name: str, *, by: User, reason: str = "") -> Division:
    """Give a community another name; the former one goes on leading to it. The same name again changes
    nothing.

    Raises Division.DoesNotExist, PermissionDenied, RuleBroken (not a community, closed, name taken).
    """
    community = Division.objects.select_for_update().get(pk=code)
    require(may_manage(by, code))
    _check_is_open_community(community)
    former, names = community.short_name, names_of(_checked_name(name))
    if community.name == names.name:
        return community
    siblings = Division.objects.filter(parent=community.parent_id, closed_on=None).exclude(pk=code)
    if siblings.filter(short_name=names.short_name).exists():
        raise RuleBroken(f"本街道已有{names.short_name}，请换一个名称。", code="name_taken")
    before = community.name
    _named(community, names.name).renamed_by_hand = True
    community.save(update_fields=["name", "short_name", "stem", "sound", "renamed_by_hand"])
    _remember_name(former, community)
    audit.record(
        "community.renamed",
        community,
        by=by,
        before={"name": before},
        after={"name": names.name},
        note=reason[:NOTE_LENGTH],
    )
    for hook in registry.on_renamed:
        hook(community, by)
    return community


@transaction.atomic
def merge(code: str, *, into: str, by: User, on: date | None = None, reason: str = "") -> Division:
    """Close community `code` in favour of `into`, which takes its 小区, roads and names over. Returns the
    closed one.

    `on`: the last day, today if left out, never in the future. Repeating it changes nothing.
    Raises Division.DoesNotExist, PermissionDenied, RuleBroken (not communities, one is closed, the same one).
    """
    locked = {place.pk: place for place in _lock(code, into)}
    community, successor = locked[code], locked[into]
    require(may_manage(by, code) and may_manage(by, into))
    if code == into:
        raise RuleBroken("不能把社区并入它自己，请另选一个。", code="same_community")
    if community.closed_on and community.successor_id == into:
        return community
    _check_is_open_community(community)
    _check_is_open_community(successor)
    _close(community, on, successor, by=by, reason=reason, action="community.merged")
    return community


@transaction.atomic
def close(code: str, *, by: User, on: date | None = None, reason: str = "") -> Division:
    """Close a community without a successor. Repeating it changes nothing. Raises as merge() does."""
    community = Division.objects.select_for_update().get(pk=code)
    require(may_manage(by, code))
    if community.closed_on:
        return community
    _check_is_open_community(community)
    _close(community, on, None, by=by, reason=reason, action="community.closed")
    return community


@transaction.atomic
def add_places(code: str, places: Iterable[NamedPlace], *, by: User) -> int:
    """Say which 小区 and roads (unsaved NamedPlace rows) belong to a community; how many were new.

    Raises Division.DoesNotExist, PermissionDenied, RuleBroken (not an open community).
    """
    community = Division.objects.select_for_update().get(pk=code)
    require(may_describe(by, code))
    _check_is_open_community(community)
    before = {str(place) for place in community.places.all()}
    rows = []
    for place in places:
        place.community, place.name = community, tidy(place.name)
        place.sound = sound_of(place.name)
        rows.append(place)
    NamedPlace.objects.bulk_create(rows, ignore_conflicts=True)
    new = sorted({str(place) for place in rows} - before)
    if new:
        audit.record("community.places_added", community, by=by, after={"places": new})
    return len(new)


@transaction.atomic
def remove_place(place_id: int, *, by: User) -> None:
    """Take a 小区 or road off its community's list. Repeating it changes nothing. Raises PermissionDenied."""
    place = NamedPlace.objects.select_for_update().filter(pk=place_id).select_related("community").first()
    if place is None:
        return
    require(may_describe(by, place.community_id))
    audit.record("community.place_removed", place.community, by=by, before={"places": [str(place)]})
    place.delete()


def _one_load_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])


def _missing_from(rows: list[Row]) -> Any:
    """Open places from the register, in the areas of `rows`, that `rows` does not name.

    An area is a district of the file; a whole city only when the file holds more than one of its districts,
    since a file of one county says nothing about the others.
    """
    districts = [row.code for row in rows if row.level == Division.Level.DISTRICT]
    cities = {code[:4] for code in districts}
    areas = [city for city in cities if sum(code.startswith(city) for code in districts) > 1]
    areas += [code[:6] for code in districts]
    within = Division.objects.none()
    for area in areas:
        within |= Division.objects.within(area)
    named = [row.code for row in rows]
    return within.open().filter(added_by_hand=False).exclude(pk__in=named).order_by("code")


def _named(place: Division, name: str) -> Division:
    for form, value in asdict(names_of(name, place.level)).items():
        setattr(place, form, value)
    return place


def _lock(*codes: str) -> list[Division]:
    places = list(Division.objects.select_for_update().filter(pk__in=codes).order_by("pk"))
    if len(places) < len(set(codes)):
        raise Division.DoesNotExist
    return places


def _checked_name(name: str) -> str:
    if not 2 <= len(tidy(name)) <= 60:
        raise RuleBroken("请填写2至60字的社区名称。", code="bad_name")
    return name


def _check_is_open_community(place: Division) -> None:
    if place.level != Division.Level.COMMUNITY:
        raise RuleBroken("这里只能改社区（村）；街道和区市的变动随国家区划代码装入。", code="not_a_community")
    if place.closed_on:
        raise RuleBroken(
            f"{place.short_name}已于{place.closed_on:%Y年%-m月%-d日}撤销，不能再改。", code="closed"
        )


def _next_code(street: Division) -> str:
    by_hand = f"{street.area}{FIRST_SERIAL_BY_HAND}"
    last = street.children.filter(code__gte=by_hand).order_by("-code").values_list("code", flat=True).first()
    serial = int(last[9:]) + 1 if last else FIRST_SERIAL_BY_HAND
    if serial > LAST_SERIAL:
        raise RuleBroken("本街道手工新增的社区已满100个，请联系市局。", code="no_serial_left")
    return f"{street.area}{serial}"


def _remember_name(name: str, place: Division) -> None:
    DivisionAlias.objects.get_or_create(
        alias=name, division=place, defaults={"kind": DivisionAlias.Kind.FORMER}
    )


def _close(
    community: Division, on: date | None, successor: Division | None, *, by: User, reason: str, action: str
) -> None:
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise RuleBroken("撤销日期不能晚于今天。", code="future_date")
    community.closed_on, community.successor = on, successor
    community.save(update_fields=["closed_on", "successor"])
    if successor is not None:
        _hand_over_names(community, successor)
    after = {"closed_on": on.isoformat(), "successor": successor.pk if successor else None}
    audit.record(action, community, by=by, before={"closed_on": None}, after=after, note=reason[:NOTE_LENGTH])
    for hook in registry.on_closed:
        hook(community, successor, on, by)


def _hand_over_names(community: Division, successor: Division) -> None:
    """What led to `community` leads to `successor`: its 小区, roads and aliases, and its own name."""
    places = list(community.places.all())
    aliases = [alias.alias for alias in community.aliases.all()]
    for place in places:
        place.pk, place.community = None, successor
    NamedPlace.objects.bulk_create(places, ignore_conflicts=True)
    community.places.all().delete()
    community.aliases.all().delete()
    for name in (*aliases, community.short_name):
        if name != successor.short_name:
            _remember_name(name, successor)
