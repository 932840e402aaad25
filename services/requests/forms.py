"""The forms of requests: two of the person's, few fields each for staff."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from checkin.record.forms.staff import Filters
from huifeng.codes import labels
from huifeng.display.forms import Form
from members.people import phones

from .models import Request, RequestPreset

URGENT, PRIVATE, CALL = "urgent", "private", "call"
LONGEST = 500
Channel, Rating = Request.Channel, Request.Rating


def _words(label: str, rows: int = 4, *, required: bool = False, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
    )


# The person ---------------------------------------------------------------------------------------


class KindForm(Form):
    """您需要什么帮助？"""

    kind = forms.ChoiceField(label="您需要什么帮助？", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        rows = RequestPreset.objects.filter(is_active=True).exclude(asked_as="")
        self.fields["kind"].choices = list(rows.values_list("key", "asked_as"))  # type: ignore[attr-defined]


class AskForm(Form):
    """In words, or 「请打电话给我」."""

    words = _words("请写几句，需要什么、什么时候方便", hint="不想写字，可以勾下面这一项")
    call = forms.BooleanField(label="请打电话给我，我在电话里说", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("words", "").strip() and not data.get("call"):
            self.add_error("words", "请写几句，或者勾“请打电话给我”")
        return data


class RatingForm(Form):
    rating = forms.ChoiceField(label="您满意吗？", choices=Rating.choices, widget=forms.RadioSelect)
    words = _words("还想说什么", 3)


class AgainForm(Form):
    words = _words("哪里没有办好", 3, required=True)


# Staff --------------------------------------------------------------------------------------------


class FindForm(Form):
    """Who calls: found by name or phone. A POST, because neither may stand in an address."""

    widths = {"q": 20}
    q = forms.CharField(
        label="姓名、手机后四位或手机号",
        max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class IntakeForm(Form):
    """What somebody asked on the phone, at the counter, in a letter or at home: six fields, of a stranger eight."""

    widths = {"caller": 8, "caller_phone": 13}
    preset = forms.ModelChoiceField(label="哪一类", queryset=RequestPreset.objects.none(), empty_label=None)
    channel = forms.ChoiceField(
        label="怎么来的", choices=[c for c in Channel.choices if c[0] not in ("online", "helper")]
    )
    item = forms.ChoiceField(label="事项", required=False)
    words = _words("说了什么", required=False)
    marks = forms.MultipleChoiceField(
        label="标记",
        required=False,
        choices=[(URGENT, "急难，排在最前面"), (PRIVATE, "心里话，只给办理的一方看"), (CALL, "要回电话")],
        widget=forms.CheckboxSelectMultiple,
    )
    desk = forms.ChoiceField(
        label="谁来办", choices=[("", "我们自己办"), *RequestPreset.Desk.choices], required=False
    )
    caller = forms.CharField(
        label="来电人怎么称呼", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    caller_phone = forms.CharField(
        label="来电号码",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, unknown: bool, of_unit: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["preset"].queryset = RequestPreset.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["item"].choices = [("", "不分"), *_items()]  # type: ignore[attr-defined]
        if unknown:
            self.fields["desk"].choices = [("", "我们自己办"), ("bureau", "老干部局")]  # type: ignore[attr-defined]
        else:
            del self.fields["caller"], self.fields["caller_phone"]
        if of_unit:
            marks = self.fields["marks"]
            marks.choices = [c for c in marks.choices if c[0] != PRIVATE]  # type: ignore[attr-defined]

    def clean_caller_phone(self) -> str:
        return phones.clean(self.cleaned_data["caller_phone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("words", "").strip() and CALL not in data.get("marks", []):
            self.add_error("words", "请写说了什么，或者勾“要回电话”")
        catalogue, _, code = data.get("item", "").partition(":")
        if code and data.get("preset") is not None and data["preset"].catalogue != catalogue:
            self.add_error("item", f"“{data['preset']}”没有这个事项，请重新选，或选“不分”")
        data["code"] = code
        return data


def _items() -> list[tuple[str, list[tuple[str, str]]]]:
    """The 28 needs under their six classes, then the lists of other kinds."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, words in labels.choices("need"):
        head = labels.label("need_class", labels.roll_up("need", code))
        groups.setdefault(head, []).append((f"need:{code}", words))
    others = {"window_item": "窗口事项", "letter_item": "来信来访", "suggestion_item": "建言献策"}
    for name, head in others.items():
        groups[head] = [(f"{name}:{code}", words) for code, words in labels.choices(name)]
    return [(head, rows) for head, rows in groups.items() if rows]


class AnswerForm(Form):
    """The answer: one to start from, or words of one's own; a call that was made is enough."""

    template = forms.ChoiceField(label="常用答复", required=False)
    words = _words("怎样答复的", hint="写了就用这里的；不写就用上面选的常用答复")
    by_call = forms.BooleanField(label="已经打电话答复", required=False)
    outcome = forms.ChoiceField(label="结果", choices=Request.Outcome.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, answers: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        if answers:
            self.fields["template"].choices = [("", "不用"), *((words, words) for words in answers)]  # type: ignore[attr-defined]
        else:
            del self.fields["template"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["words"] = data.get("words", "").strip() or data.get("template", "")
        if not data["words"] and not data.get("by_call"):
            raise ValidationError("请写怎样答复的，或选一条常用答复。打过电话的，勾选就行。")
        return data


class PassForm(Form):
    to = forms.ChoiceField(label="转给谁")
    reason = forms.CharField(
        label="为什么转", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, places: list[tuple[int, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = places  # type: ignore[attr-defined]


class FollowUpForm(Form):
    words = _words("回访时老同志怎么说", 3, required=True)


class BoardFilters(Filters):
    scope = forms.ChoiceField(label="范围")
    preset = forms.ChoiceField(label="种类")
    only = forms.ChoiceField(
        label="只看", choices=[("", "不限"), ("urgent", "急难"), ("late", "超期没有答复")]
    )
    channel = forms.ChoiceField(label="来源", choices=[("", "不限"), *Channel.choices])
