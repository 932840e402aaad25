"""What a drift is called on the page: names of people, organisations and places instead of keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from checkin.record.models import CheckInEvent
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people import fields
from members.people.models import Retiree

from .checks import BY_KEY
from .models import Drift

FIELDS = {
    "state": "报到状态",
    "residence": "居住社区",
    "unit": "现管单位",
    "desk": "经办方",
    "checkin": "报到",
    "post": "党内职务",
    "proposal": "更正建议",
    "number": "通知编号",
    "last_number": "最后的通知编号",
    "webhook.cursor": "系统对接的游标",
    "webhook.untried": "系统对接的发送",
    "webhook.row": "系统对接的登记",
    "feedback.report": "双向反馈单",
    "feedback.sha256": "反馈单的校验码",
    "feedback.sent": "反馈单的通知",
    "text": "短信",
    "outside.missing": "对方少人",
    "outside.extra": "对方多人",
    "outside.version": "对方资料旧了",
    "outside.state": "对方报到状态",
}


@dataclass(frozen=True)
class Line:
    """A drift as it is shown; `person_id` only where the reader may open the person."""

    drift: Drift
    person: str
    person_id: int | None
    organisation: str
    check: str
    field: str
    expected: str
    found: str


def lines(drifts: Sequence[Drift], *, reader: User) -> list[Line]:
    """Three queries for any number of drifts; of people `reader` may not see no name."""
    people = Retiree.objects.visible_to(reader).filter(
        pk__in={drift.person for drift in drifts if drift.person}
    )
    names = dict(people.values_list("pk", "name"))
    said = [value for drift in drifts for value in (drift.expected, drift.found)]
    organisations = {int(key) for key in _keys(said, "organisation")} | {
        drift.organisation_id for drift in drifts if drift.organisation_id
    }
    known = {
        f"organisation:{pk}": name
        for pk, name in Organisation.objects.filter(pk__in=organisations).values_list("pk", "name")
    }
    codes = _keys(said, "division")
    known |= {
        f"division:{code}": name
        for code, name in Division.objects.filter(pk__in=codes).values_list("code", "name")
    }
    return [
        Line(
            drift=drift,
            person=_person(drift, names),
            person_id=drift.person if drift.person in names else None,
            organisation=known.get(f"organisation:{drift.organisation_id}", ""),
            check=BY_KEY[drift.check_key].title if drift.check_key in BY_KEY else drift.check_key,
            field=field_title(drift.field),
            expected=known.get(drift.expected, drift.expected),
            found=known.get(drift.found, drift.found),
        )
        for drift in drifts
    ]


def field_title(field: str) -> str:
    """The Chinese title of what differs."""
    if field in FIELDS:
        return FIELDS[field]
    kind, _, name = field.partition(".")
    if kind == "checkin" and name in CheckInEvent.Move.values:
        return f"“{CheckInEvent.Move(name).label}”的通知"
    if kind == "proposal":
        return f"对“{fields.title(name)}”的建议" if name != "words" else "文字说明的建议"
    if kind == "month":
        return f"{name[:4]}年{int(name[5:])}月合计"
    return "通知"


def _keys(said: Sequence[str], kind: str) -> set[str]:
    return {value.partition(":")[2] for value in said if value.startswith(f"{kind}:")}


def _person(drift: Drift, names: dict[int, str]) -> str:
    if drift.person is None:
        return ""
    return names.get(drift.person, f"档案 {drift.person}（已并档、限制查看或不存在）")
