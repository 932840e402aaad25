"""The texts that go out to people. A surname at most, short sentences, and what comes next."""

from collections.abc import Iterable, Mapping

from huifeng.display import words
from huifeng.rowscope.scope import as_program
from huifeng.texts.actions import send_many
from members.people.models import Retiree

from .models import Activity, Participation

PHONES = "texts go to phones that whoever acts does not see"


def when(activity: Activity) -> str:
    return f"{words.short_day(activity.starts_at)}{words.spoken_time(activity.starts_at)}"


def moved_up(activity: Activity, rows: Iterable[Participation]) -> None:
    """有名额了: told once for each time somebody waited."""
    said = f"您排队的“{activity.title}”有名额了，已为您报上名：{when(activity)}，{activity.place}。不能来请取消。"
    _tell(activity, said, {row.retiree_id: f"up{row.since:%Y%m%d%H%M%S}" for row in rows})


def changed(activity: Activity, retiree_ids: Iterable[int], version: str) -> None:
    said = f"您报名的“{activity.title}”改了：{when(activity)}，地点：{activity.place}。不能来请取消{_call(activity)}。"
    _tell(activity, said, dict.fromkeys(retiree_ids, f"changed{version}"))


def cancelled(activity: Activity, retiree_ids: Iterable[int]) -> None:
    why = activity.cancel_reason
    said = f"您报名的“{activity.title}”（{when(activity)}）取消了：{why}。请不要再来{_call(activity)}。"
    _tell(activity, said, dict.fromkeys(retiree_ids, "cancelled"))


def eve(activity: Activity) -> str:
    """What somebody is reminded of the day before."""
    at = words.spoken_time(activity.starts_at)
    return f"明天{at}有“{activity.title}”，地点：{activity.place}。不能来请取消{_call(activity)}。"


def _call(activity: Activity) -> str:
    return f"，电话{activity.contact}" if activity.contact else ""


def _tell(activity: Activity, said: str, facts: Mapping[int, str]) -> None:
    """Owe everybody (by key) with a phone the same words, once for the fact."""
    with as_program(PHONES):
        rows = list(Retiree.objects.filter(pk__in=list(facts), phone__isnull=False, died_on=None))
    send_many((f"activity:{activity.pk}:{facts[row.pk]}:{row.pk}", row.phone, said) for row in rows)
