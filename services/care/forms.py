from typing import Any

from django import forms

from huifeng.display.forms import DateParts, Form

from .models import Attention, CareNote, CarePreset


def _number(label: str, hint: str = "") -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=0, max_value=99, required=False, widget=widget, help_text=hint
    )


class VisitForm(Form):
    """What is written down on the doorstep, big enough for a thumb."""

    widths = {"opinions": 4, "solved": 4, "worth": 6}
    visited_on = DateParts(label="哪天走访的")
    condition = forms.ChoiceField(
        label="老同志情况怎么样", choices=CareNote.Condition.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label="看到什么，说了什么",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="加密保存，只有本单位看得到",
    )
    opinions = _number("提了几条意见建议")
    solved = _number("其中当场解决几条")
    worth = forms.DecimalField(
        label="慰问金和物品值多少元",
        min_value=0,
        max_digits=8,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    next_on = DateParts(label="约好哪天再去", required=False)

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `record_visit`; an empty number is none."""
        found = dict(self.cleaned_data)
        for name in ("opinions", "solved", "worth"):
            found[name] = found[name] or 0
        return found


class OccasionForm(Form):
    key = forms.ChoiceField(label="什么事", widget=forms.RadioSelect)
    on = DateParts(label="哪天的事")
    words = forms.CharField(
        label="说明",
        required=False,
        max_length=300,
        help_text="住在哪家医院、需要什么。由本单位走访时才保存，加密，别的单位看不到",
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        found = CarePreset.objects.filter(mode=CarePreset.Mode.OCCASION, is_active=True)
        self.fields["key"].choices = [  # type: ignore[attr-defined]
            (preset.key, f"{preset.name}（{preset.working_days} 个工作日内）")
            for preset in found
            if preset.key != "follow_up"
        ]


class ClassForm(Form):
    attention = forms.ChoiceField(label="怎么关注", choices=Attention.choices, widget=forms.RadioSelect)
    why = forms.CharField(
        label="为什么", max_length=300, help_text="例如独居、高龄、刚出院。加密保存，只有本单位看得到"
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        days = dict(
            CarePreset.objects.filter(mode=CarePreset.Mode.CARE_CLASS, is_active=True).values_list(
                "attention", "days"
            )
        )
        self.fields["attention"].choices = [  # type: ignore[attr-defined]
            (value, f"{words}（每 {days[value]} 天一次）")
            for value, words in Attention.choices
            if value in days
        ]


class TeamForm(Form):
    """A name, a post and a phone for each seat of a preset."""

    def __init__(self, *args: Any, preset: CarePreset, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.count = len(preset.seat_names)
        for place, title in enumerate(preset.seat_names, start=1):
            self.fields[f"name{place}"] = forms.CharField(
                label=f"{title}：姓名", max_length=30, required=False
            )
            self.fields[f"post{place}"] = forms.CharField(
                label=f"{title}：职务", max_length=60, required=False
            )
            self.fields[f"phone{place}"] = forms.CharField(
                label=f"{title}：办公电话", max_length=20, required=False
            )
        for name, field in self.fields.items():
            self._dress(name, field)


class CampaignForm(Form):
    key = forms.ChoiceField(label="哪一种", widget=forms.RadioSelect)
    title = forms.CharField(label="名称", max_length=60, help_text="例如 2027年春节慰问")
    due_on = DateParts(label="哪天以前送到")
    standard = forms.DecimalField(
        label="每人多少元",
        min_value=0,
        max_digits=8,
        decimal_places=2,
        required=False,
        help_text="不填就用机制里的标准",
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        found = CarePreset.objects.filter(mode=CarePreset.Mode.CAMPAIGN, is_active=True)
        self.fields["key"].choices = [(preset.key, preset.name) for preset in found]  # type: ignore[attr-defined]
