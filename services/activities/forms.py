"""What staff fill in about an activity and a venue, and what a retiree says of it."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.display.forms import Form
from members.party.models import PartyOrganisation

from .actions import Plan
from .models import Activity, ActivityPreset, Participation, Series, Venue

Audience, Kind = Activity.Audience, Organisation.Kind
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


def audiences_of(organisation: Organisation) -> list[tuple[str, str]]:
    """Whom an organisation may invite, as choices: "area:370202001001", "unit:", "branch:7"."""
    choices = [(f"{Audience.AREA}:{code}", f"{name}的老同志") for code, name in _areas(organisation)]
    if organisation.kind == Kind.UNIT:
        choices.append((f"{Audience.UNIT}:", "本单位的老同志"))
    branches = PartyOrganisation.objects.filter(host=organisation, closed_on=None).order_by("pk")
    return choices + [(f"{Audience.BRANCH}:{row.pk}", f"{row.name}的党员") for row in branches]


def _areas(organisation: Organisation) -> list[tuple[str, str]]:
    if organisation.kind not in Organisation.PLACE_KINDS:
        return []
    place: Division | None = organisation.division
    found = []
    while place is not None and place.level != Division.Level.PROVINCE:
        found.append((place.code, place.short_name or place.name))
        if organisation.kind != Kind.COMMUNITY or place.level == Division.Level.DISTRICT:
            break
        place = place.parent
    return found


class TimesForm(Form):
    """Day, begin and end, as a browser asks for them."""

    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    start = forms.TimeField(label="开始", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label="结束", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def moment(self, name: str) -> datetime:
        data = self.cleaned_data
        return timezone.make_aware(datetime.combine(data["day"], data[name]))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("start") and data.get("end") and data["start"] >= data["end"]:
            self.add_error("end", "结束时间应晚于开始时间")
        return data


class ActivityForm(TimesForm):
    """A new activity, or a series of them."""

    widths = {"title": 20, "places": 4, "age_from": 4, "age_to": 4, "times": 4, "contact": 20}

    preset = forms.ModelChoiceField(
        label="类别", queryset=ActivityPreset.objects.none(), empty_label="请选择"
    )
    title = forms.CharField(label="名称", max_length=60, help_text="例如：太极拳、健康讲座第三讲")
    audience = forms.ChoiceField(label="请谁参加")
    venue = forms.ModelChoiceField(
        label="场所", queryset=Venue.objects.none(), required=False, empty_label="不在登记的场所里"
    )
    place = forms.CharField(
        label="地点", max_length=200, required=False, help_text="选了场所可以不填；老同志会看到"
    )
    places = forms.IntegerField(
        label="名额", required=False, min_value=1, max_value=9999, widget=forms.TextInput(attrs=NUMBER),
        help_text="不填就是不限",
    )  # fmt: skip
    age_from = forms.IntegerField(
        label="年龄从（岁）",
        required=False,
        min_value=40,
        max_value=120,
        widget=forms.TextInput(attrs=NUMBER),
    )
    age_to = forms.IntegerField(
        label="年龄到（岁）",
        required=False,
        min_value=40,
        max_value=120,
        widget=forms.TextInput(attrs=NUMBER),
    )
    contact = forms.CharField(label="联系电话", max_length=60, required=False, help_text="不填就用本单位电话")
    words = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：请带老花镜和水杯",
    )  # fmt: skip
    link = forms.URLField(label="网上听课地址", required=False, assume_scheme="https")
    rhythm = forms.ChoiceField(
        label="办几次", required=False, choices=[("", "只办这一次"), *Series.Rhythm.choices]
    )
    times = forms.IntegerField(
        label="一共几次", required=False, min_value=2, max_value=Series.MOST,
        widget=forms.TextInput(attrs=NUMBER), help_text=f"系列才填，2 到 {Series.MOST}",
    )  # fmt: skip
    despite_clash = forms.BooleanField(label="时间冲突也办", required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["preset"].queryset = ActivityPreset.objects.filter(is_active=True)
        fields["audience"].choices = audiences_of(organisation)
        fields["venue"].queryset = Venue.objects.filter(venues_near(organisation), closed_on=None)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("venue") and not data.get("place"):
            self.add_error("place", "请选场所，或填地点")
        if data.get("rhythm") and not data.get("times"):
            self.add_error("times", "请填一共办几次")
        return data

    @property
    def plan(self) -> Plan:
        data = self.cleaned_data
        audience, _, key = data["audience"].partition(":")
        return Plan(
            preset_id=data["preset"].pk, title=data["title"], starts_at=self.moment("start"),
            ends_at=self.moment("end"), audience=audience, place=data["place"],
            area_code=key if audience == Audience.AREA else None,
            branch_id=int(key) if audience == Audience.BRANCH else None,
            venue_id=data["venue"].pk if data["venue"] else None, places=data["places"],
            age_from=data["age_from"], age_to=data["age_to"], contact=data["contact"], words=data["words"],
            link=data["link"], rhythm=data["rhythm"], times=data["times"] or 1,
            despite_clash=data["despite_clash"],
        )  # fmt: skip


def venues_near(organisation: Organisation) -> Q:
    """Its own venues, and those of the place it is in: a station of the street is used by its communities."""
    above = Q(keeper=organisation)
    if organisation.division_id and organisation.kind == Kind.COMMUNITY:
        street = organisation.division_id[: Division.PREFIX[Division.Level.STREET]]
        above |= Q(keeper__division__code__startswith=street)
    elif organisation.kind in Organisation.PLACE_KINDS:
        above |= Q(keeper__division__code__startswith=organisation.area)
    return above


class ChangeForm(TimesForm):
    """One date of an activity."""

    widths = {"title": 20, "places": 4, "contact": 20}

    title = forms.CharField(label="名称", max_length=60)
    place = forms.CharField(label="地点", max_length=200)
    places = forms.IntegerField(
        label="名额", required=False, min_value=1, max_value=9999, widget=forms.TextInput(attrs=NUMBER),
        help_text="不填就是不限；增加后排队的人自动补上",
    )  # fmt: skip
    contact = forms.CharField(label="联系电话", max_length=60, required=False)
    words = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    despite_clash = forms.BooleanField(label="时间冲突也办", required=False)


def change_of(activity: Activity) -> dict[str, Any]:
    """What the form of a change begins with."""
    start, end = timezone.localtime(activity.starts_at), timezone.localtime(activity.ends_at)
    return {
        "day": start.date(), "start": start.time(), "end": end.time(), "title": activity.title,
        "place": activity.place, "places": activity.places, "contact": activity.contact, "words": activity.words,
    }  # fmt: skip


class CancelForm(Form):
    reason = forms.CharField(
        label="为什么取消", max_length=100, help_text="报了名的老同志会在短信里看到，例如：场地检修"
    )
    with_rest = forms.BooleanField(label="这一系列后面几次也取消", required=False)


class ReportForm(Form):
    widths = {"served": 6}

    served = forms.IntegerField(
        label="服务（听众）人次", required=False, min_value=0, max_value=1_000_000,
        widget=forms.TextInput(attrs=NUMBER), help_text="宣讲填听众，志愿服务填受益的人；没有就不填",
    )  # fmt: skip
    words = forms.CharField(
        label="小结", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ExportForm(Form):
    words = forms.CharField(label="用途", max_length=100, help_text="这份名单做什么用，会记录下来")


class VenueForm(Form):
    widths = {"name": 20, "capacity": 4}

    kind = forms.ChoiceField(label="类别", choices=Venue.Kind.choices)
    name = forms.CharField(label="名称", max_length=60)
    address = forms.CharField(label="地址", max_length=200)
    capacity = forms.IntegerField(
        label="容纳人数", required=False, min_value=1, max_value=9999, widget=forms.TextInput(attrs=NUMBER)
    )


class RatingForm(Form):
    rating = forms.ChoiceField(
        label="您觉得怎么样？", choices=Participation.Rating.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label="想说的话", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CodeForm(Form):
    widths = {"code": 6}

    code = forms.RegexField(
        r"^\s*\d{6}\s*$", label="现场说的 6 位数字", error_messages={"invalid": "是 6 位数字，请再听一遍"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
