"""Forms about places. What is wrong with a place itself is said by the action."""

import re
from typing import Any

from django import forms

from communities.divisions.models import Division, NamedPlace
from communities.divisions.names import tidy
from huifeng.display.forms import DateParts, Form

from .models import Organisation

PLACE_LINE = re.compile(
    r"(?P<name>.+?)[\s,，]+(?P<low>\d{1,5})\s*[-－—~至到]\s*(?P<high>\d{1,5})\s*号?\s*(?P<parity>[单双])?号?"
)
ROAD = re.compile(r"(?:路|街|大道|巷|胡同)$")
PARITY = {"单": NamedPlace.Parity.ODD, "双": NamedPlace.Parity.EVEN, None: NamedPlace.Parity.ALL}
LONGEST_NAME = 60


class NameForm(Form):
    """A name for a community, and why."""

    name = forms.CharField(label="社区（村）全称", max_length=60, help_text="如：湛山社区居民委员会")
    reason = forms.CharField(label="依据或原因", max_length=200, help_text="如：区政府批复的文号")


class CloseForm(Form):
    """The last day of a community, and why."""

    on = DateParts(label="撤销日期")
    reason = forms.CharField(label="依据或原因", max_length=200)


class MergeForm(CloseForm):
    """Which community takes the closed one over: any open one of the same district, by street."""

    into = forms.ChoiceField(label="并入")
    field_order = ["into", "on", "reason"]

    def __init__(self, *args: Any, community: Division, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [("", "请选择"), *_by_street(community)]  # type: ignore[attr-defined]


class ContactForm(Form):
    """How a community is reached; shown to its retirees."""

    address = forms.CharField(label="地址", max_length=200, required=False)
    phone = forms.CharField(label="电话", max_length=40, required=False)
    contact = forms.CharField(label="联系人", max_length=60, required=False)
    hours = forms.CharField(
        label="办公时间", max_length=100, required=False, help_text="如：工作日上午9:00-12:00，下午1:30-5:00"
    )

    @classmethod
    def of(cls, organisation: Organisation) -> "ContactForm":
        return cls(initial={field: getattr(organisation, field) for field in cls.base_fields})


class PlacesForm(Form):
    """小区 and roads, a line each: 湛山花园, or 香港西路 1-99 单."""

    lines = forms.CharField(
        label="小区和道路",
        widget=forms.Textarea,
        max_length=20_000,
        help_text="一行一个。小区写名称；道路写门牌，如“香港西路 1-99 单”；整条路只写路名",
    )

    def clean_lines(self) -> list[NamedPlace]:
        """The places, unsaved. A line that cannot be read is named."""
        places, wrong = [], []
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), start=1):
            if line.strip():
                place = read_place(line.strip())
                places.append(place) if place else wrong.append(str(number))
        if wrong:
            raise forms.ValidationError(f"第{'、'.join(wrong)}行看不懂，请照例子写")
        return places


def read_place(line: str) -> NamedPlace | None:
    """The place a line means, unsaved; None when it means none."""
    match = PLACE_LINE.fullmatch(line)
    name = tidy(match["name"] if match else line)
    if not 2 <= len(name) <= LONGEST_NAME:
        return None
    kind = NamedPlace.Kind.ROAD if ROAD.search(name) else NamedPlace.Kind.ESTATE
    if match is None:
        return NamedPlace(kind=kind, name=name)
    low, high = int(match["low"]), int(match["high"])
    if low > high:
        return None
    return NamedPlace(
        kind=NamedPlace.Kind.ROAD, name=name, number_from=low, number_to=high, parity=PARITY[match["parity"]]
    )


def _by_street(community: Division) -> list[tuple[str, list[tuple[str, str]]]]:
    """Open communities of the same district as choices, its own street first."""
    others = (
        Division.objects.open()
        .within(community.code[:6])
        .filter(level=Division.Level.COMMUNITY, is_virtual=False)
        .exclude(pk=community.pk)
        .select_related("parent")
        .order_by("code")
    )
    streets: dict[str, list[tuple[str, str]]] = {str(community.parent): []}
    for other in others:
        streets.setdefault(str(other.parent), []).append((other.pk, other.short_name))
    return list(streets.items())
