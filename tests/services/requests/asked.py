"""Requests for tests: who asks what of whom."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.codes.actions import load as load_codes
from huifeng.texts.models import Text
from members.people.models import Retiree
from services.presets.actions import load
from services.requests import actions
from services.requests.models import Request, RequestEvent, RequestPreset
from tests.checkin.world import World

DATA = Path(apps.get_app_config("services_requests").path) / "data"
PRESETS, CODES = DATA / "presets.csv", DATA / "codes.csv"
SECRET = "夜里睡不着，想老伴"


def load_presets() -> None:
    """The presets and their lists of items, as the commands bring them."""
    if not RequestPreset.objects.exists():
        with CODES.open(encoding="utf-8-sig", newline="") as file:
            load_codes(csv.DictReader(file))
        with PRESETS.open(encoding="utf-8-sig", newline="") as file:
            load(RequestPreset, csv.DictReader(file))


def preset(key: str) -> RequestPreset:
    load_presets()
    return RequestPreset.objects.get(key=key)


def of_person(retiree: Retiree, key: str = "meals", words: str = "请送午饭", **more: Any) -> Request:
    """The person asks."""
    assert retiree.user is not None
    return actions.receive(preset(key).pk, retiree.pk, words=words, by=retiree.user, **more)


def at_desk(world: World, retiree: Retiree | None, key: str = "hotline", **more: Any) -> Request:
    """The community `here` writes it down and keeps it."""
    told: dict[str, Any] = {"words": "问高龄津贴", "channel": "phone", "wanted_desk": ""} | more
    return actions.receive(
        preset(key).pk,
        retiree.pk if retiree is not None else None,
        by=world.clerk,
        organisation_id=world.here.pk,
        **told,
    )


def answered(request: Request, world: World, **more: Any) -> Request:
    told: dict[str, Any] = {"words": "明天起送餐", "outcome": "solved"} | more
    return actions.answer(request.pk, by=world.clerk, **told)


def again(request: Request) -> Request:
    """The row as the database has it now."""
    return Request.objects.select_related("retiree", "desk", "preset").get(pk=request.pk)


def overdue(request: Request, days: int = 3, *, bureau: bool = False) -> Request:
    """`request` as if its day had been `days` days ago; `bureau`: and the bureau's turn had come."""
    today = timezone.localdate()
    on = today if bureau else today + timedelta(days=5)
    Request.objects.filter(pk=request.pk).update(due_on=today - timedelta(days=days), bureau_on=on)
    return again(request)


def moves(request: Request) -> list[str]:
    return list(RequestEvent.objects.filter(request=request).order_by("pk").values_list("move", flat=True))


def told(organisation: Organisation, kind: str = "request.arrived") -> list[str]:
    """The words of the notices of `kind` that `organisation` is owed."""
    rows = Notice.objects.filter(receiver=organisation, kind=kind).order_by("pk")
    return list(rows.values_list("words", flat=True))


def texts() -> list[str]:
    return list(
        Text.objects.filter(key__startswith="request-").order_by("pk").values_list("words", flat=True)
    )
