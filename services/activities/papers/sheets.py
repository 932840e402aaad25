"""Two papers: the poster with the code to sign in (A4), and the list to tick by hand (A4)."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse

from huifeng.display import words
from huifeng.typesetting import typeset
from services.activities.models import Activity

HERE = Path(__file__).parent
SPARE_LINES = 8  # for who comes without having signed up


def arrival_url(activity: Activity) -> str:
    """What the code on the poster says: an opaque token, nobody's name."""
    return settings.BASE_URL + reverse("arrivals:arrive", args=[activity.token])


def poster(activity: Activity) -> bytes:
    drawn = io.BytesIO()
    segno.make(arrival_url(activity), error="m", micro=False).save(drawn, kind="svg", border=4, scale=8)
    facts = {**_facts(activity), "code": f"{activity.code[:3]} {activity.code[3:]}", "qr": "qr.svg"}
    return typeset(HERE / "poster.typ", facts, images={"qr.svg": drawn.getvalue()})


def list_to_tick(activity: Activity, names: Sequence[tuple[str, str]]) -> bytes:
    """`names`: pairs of name and remark of who holds a place; spare lines follow."""
    rows = [[str(number), name, remark] for number, (name, remark) in enumerate(names, 1)]
    rows += [[str(len(rows) + number), "", ""] for number in range(1, SPARE_LINES + 1)]
    return typeset(HERE / "list.typ", {**_facts(activity), "rows": rows})


def _facts(activity: Activity) -> dict[str, Any]:
    end = words.spoken_time(activity.ends_at)
    return {
        "title": activity.title,
        "kind": activity.preset.name,
        "when": f"{words.day_and_weekday(activity.starts_at)} {words.spoken_time(activity.starts_at)}—{end}",
        "place": activity.place,
        "organiser": activity.organiser.name,
        "contact": activity.contact,
    }
