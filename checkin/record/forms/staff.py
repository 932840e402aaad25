"""The forms of the staff pages. Filter bars are never bound: they read the address and drop the unknown."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from checkin.record import photos
from checkin.record.models import Channel, CheckIn, EndReason
from huifeng.codes import labels
from huifeng.display.forms import DateParts, Form
from members.people import id_numbers, phones
from members.people.actions import PersonKind
from members.people.models import Retiree

LONGEST_QUERY = 40


class Filters(Form):
    """A filter bar: a GET form whose state is the address."""

    def __init__(self, asked: QueryDict, **choices: list[tuple[str, str]]):
        """`choices`: options of fields that only the page knows."""
        self.asked = asked
        super().__init__(auto_id="f_%s")
        for name, options in choices.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
        self.wanted: dict[str, str] = {name: self._value(name, field) for name, field in self.fields.items()}
        self.initial = dict(self.wanted)

    def _value(self, name: str, field: forms.Field) -> str:
        given = self.asked.get(name, "").strip()[:LONGEST_QUERY]
        if isinstance(field, forms.ChoiceField):
            return given if given in _options(field) else ""
        return given

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Each condition in use in words, with the address without it."""
        return [
            (self._words(name, value), self._without(name)) for name, value in self.wanted.items() if value
        ]

    def _words(self, name: str, value: str) -> str:
        field = self.fields[name]
        words = _options(field).get(value, value) if isinstance(field, forms.ChoiceField) else value
        return f"{field.label}：{words}"

    def _without(self, name: str) -> str:
        rest = self.asked.copy()
        for gone in (name, "after", "before", "org"):
            rest.pop(gone, None)
        return f"?{rest.urlencode()}"


def _options(field: forms.ChoiceField) -> dict[str, str]:
    return {str(value): str(words) for value, words in field.choices}  # type: ignore[union-attr,misc]


def _query(label: str = "姓名、手机后四位或编号") -> forms.CharField:
    return forms.CharField(
        label=label, widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    )


class QueueFilters(Filters):
    STATES = (
        ("", "待办的全部"),
        ("late", "已逾期"),
        ("verified", "待社区确认"),
        ("submitted", "待核实"),
        ("returned", "等本人补充"),
        ("confirmed", "已报到"),
        ("ended", "已终止"),
        ("withdrawn", "已撤回"),
    )
    state = forms.ChoiceField(label="状态", choices=STATES)
    when = forms.ChoiceField(
        label="提交时间", choices=[("", "不限"), ("1", "最近 1 天"), ("7", "最近 7 天"), ("30", "最近 30 天")]
    )
    channel = forms.ChoiceField(label="来源", choices=[("", "不限"), *Channel.choices])
    q = _query()

    @property
    def in_queue(self) -> bool:
        return self.wanted["state"] not in ("confirmed", "ended", "withdrawn")


class RosterFilters(Filters):
    q = _query()


class CommunityFilters(RosterFilters):
    """The people of a community, for an export: those of the roster, or with a request there too."""

    state = forms.ChoiceField(
        label="状态", choices=[("", "不限"), ("confirmed", "已报到"), ("open", "正在办理")]
    )


class MemberFilters(Filters):
    state = forms.ChoiceField(
        label="状态",
        choices=[("", "不限"), ("confirmed", "已报到"), ("open", "正在办理"), ("none", "未报到")],
    )
    kind = forms.ChoiceField(label="类别", choices=[("", "不限"), *Retiree.Kind.choices])
    q = _query("姓名或手机后四位")


class AreaFilters(Filters):
    STATES = (
        ("", "在册的全部"),
        ("none", "未报到"),
        ("confirmed", "已报到"),
        ("open", "正在办理"),
        ("submitted", "待单位核实"),
        ("verified", "待社区确认"),
        ("returned", "等本人补充"),
        ("late", "已逾期"),
    )
    state = forms.ChoiceField(label="状态", choices=STATES)
    place = forms.ChoiceField(label="地区")
    unit = forms.CharField(
        label="原单位", widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    )
    channel = forms.ChoiceField(label="来源", choices=[("", "不限"), *Channel.choices])
    q = _query("姓名或编号")


class Versioned(Form):
    """An act on a row that may have changed since the page was made."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ConfirmForm(Versioned):
    """Who looks after the person from now on; and, where data is missing, why it is accepted all the same."""

    widths = {"phone": 20, "contact": 13}
    contact = forms.CharField(label="社区联系人", max_length=60)
    phone = forms.CharField(
        label="联系电话", max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    incomplete_because = forms.CharField(label="资料不全也确认的原因", max_length=200)

    def __init__(self, *args: Any, missing: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        if missing:
            self.fields["incomplete_because"].help_text = f"还缺：{'、'.join(missing)}"
        else:
            del self.fields["incomplete_because"]


class ReturnForm(Versioned):
    reason = forms.ChoiceField(label="要补充什么", widget=forms.RadioSelect)
    words = forms.CharField(
        label="写给老同志的话",
        max_length=300,
        required=False,
        help_text="老同志在“办到哪一步了”里能看到，请写短句。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = labels.choices("return_reason")  # type: ignore[attr-defined]


class VerifyForm(Versioned):
    words = forms.CharField(label="说明", max_length=200, required=False)


class SendForm(Versioned):
    community_id = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(label="说明", max_length=200, required=False)


class WithdrawForm(Versioned):
    words = forms.CharField(
        label="谁要求撤回、怎么说的", max_length=200, help_text="例如：本人来电，说暂时不搬了"
    )


class EndForm(Versioned):
    reason = forms.ChoiceField(
        label="终止原因",
        widget=forms.RadioSelect,
        choices=[(EndReason.WITHDRAWN.value, "本人要求"), (EndReason.OTHER.value, "其他")],
    )
    words = forms.CharField(label="说明", max_length=300)


class RevealForm(Form):
    REASONS = (
        ("check", "核对身份"),
        ("contact", "联系本人"),
        ("visit", "走访慰问"),
        ("paper", "填写材料"),
    )
    why = forms.ChoiceField(label="为什么要看", choices=REASONS, widget=forms.RadioSelect)


class DeathForm(Form):
    widths = {"cause": 20}
    died_on = DateParts(label="去世日期")
    cause = forms.CharField(label="原因", max_length=100, required=False)

    def clean_died_on(self) -> Any:
        day = self.cleaned_data["died_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("去世日期不能晚于今天，请看看年月日")
        return day


class FindForm(Form):
    """Find a visitor in the register: the name with the birth date, or the ID number alone."""

    widths = {"name": 8, "id_number": 20}
    name = forms.CharField(
        label="姓名", max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    born = DateParts(label="出生日期", required=False)
    id_number = forms.CharField(
        label="或身份证号",
        required=False,
        max_length=20,
        help_text="填了身份证号，就不用填姓名和出生日期",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._one_or_the_other(not self.is_bound)

    def _one_or_the_other(self, shown: bool) -> None:
        """Shown, no field is marked 「可不填」, as one or the other is needed; checked, none is required."""
        for field in self.fields.values():
            field.required = shown

    def clean_id_number(self) -> str:
        text = self.cleaned_data["id_number"].strip()
        return id_numbers.clean(text) if text else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("id_number"):
            if not data.get("name"):
                self.add_error("name", "请填写姓名，或填身份证号")
            if not data.get("born"):
                self.add_error("born", "请填写出生日期，或填身份证号")
        self._one_or_the_other(True)
        return data


def _code_choices(name: str) -> list[tuple[str, str]]:
    return [("", "没有问到"), *labels.choices(name)]


class RegisterForm(Form):
    """The counter form: where the person lives, how they came, what they say, and that they signed."""

    widths = {"address": 20}
    channel = forms.ChoiceField(
        label="来访方式",
        widget=forms.RadioSelect,
        choices=[
            (Channel.COUNTER.value, "到场"),
            (Channel.PHONE.value, "电话"),
            (Channel.HOME_VISIT.value, "上门"),
        ],
    )
    address = forms.CharField(
        label="现在的住址",
        max_length=200,
        help_text="例如：香港西路 50 号 2 号楼 3 单元 502",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    community_id = forms.TypedChoiceField(label="报到社区", widget=forms.RadioSelect, coerce=int)
    living_situation = forms.ChoiceField(label="居住状态", required=False)
    health = forms.ChoiceField(label="健康状况", required=False)
    mobility = forms.ChoiceField(label="活动能力", required=False)
    remarks = forms.CharField(
        label="本人说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    consented = forms.BooleanField(label="本人（或代办的家人）已看过同意书，并签字或在电话里同意")
    paper = forms.FileField(
        label="同意书照片",
        required=False,
        help_text="jpg 或 png，不超过 5 MB。四个角和签名都要拍清楚",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    CODES = ("living_situation", "health", "mobility")
    KEPT = ("channel", "address", "community_id", *CODES, "remarks", "consented")

    def __init__(self, *args: Any, communities: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in self.CODES:
            self.fields[name].choices = _code_choices(name)  # type: ignore[attr-defined]
        self.fields["community_id"].choices = communities  # type: ignore[attr-defined]

    def clean_paper(self) -> bytes | None:
        """The photograph painted anew, see photos.clean."""
        given = self.cleaned_data["paper"]
        if not given:
            return None
        try:
            return photos.clean(given, given.size)
        except photos.NotAPhoto as refused:
            raise forms.ValidationError(refused.message) from None

    @property
    def declared(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.CODES if self.cleaned_data[name]}


class NewPersonForm(Form):
    """Somebody in no roster that we found: ID card in hand. No unit vouches for them yet."""

    widths = {"name": 8, "id_number": 20, "phone": 13, "unit_words": 20}
    name = forms.CharField(label="姓名", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    id_number = forms.CharField(
        label="身份证号", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind_of_person = forms.ChoiceField(label="人员类型", choices=PersonKind.choices, widget=forms.RadioSelect)
    phone = forms.CharField(
        label="手机号",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    unit_words = forms.CharField(
        label="原工作单位", max_length=100, help_text="写全称。本市单位会自动对上，外地单位照写"
    )

    def clean_id_number(self) -> str:
        return id_numbers.clean(self.cleaned_data["id_number"])

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"].strip()
        return phones.clean(text) if text else ""


class SeasonForm(Form):
    from_month = forms.TypedChoiceField(
        label="从几月", coerce=int, choices=[(m, f"{m}月") for m in range(1, 13)]
    )
    to_month = forms.TypedChoiceField(
        label="到几月", coerce=int, choices=[(m, f"{m}月") for m in range(1, 13)]
    )
    address = forms.CharField(label="在这里的住址", max_length=200, required=False)


class CeremonyForm(Form):
    """When and where; the people are rows of their own (views.ceremony)."""

    widths = {"place": 20}
    held_on = DateParts(label="仪式日期")
    place = forms.CharField(label="地点", max_length=100, required=False)

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("仪式还没有到日子，请在当天或之后办理")
        return day


def confirm_form(
    checkin: CheckIn, by_name: str, missing: list[str], data: QueryDict | None = None
) -> ConfirmForm:
    """The confirmation form of `checkin`, filled with the clerk and the community's phone."""
    phone = checkin.community.phone if checkin.community else ""
    initial = {"version": checkin.version, "contact": by_name, "phone": phone}
    return ConfirmForm(data, initial=initial, missing=missing, auto_id="confirm_%s")
