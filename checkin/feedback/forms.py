from typing import Any

from django import forms

from huifeng.display.forms import Form

from .models import LONGEST, FeedbackMatter, Reply, Side

REPLIES = [(Reply.AGREED, "无意见"), (Reply.DISPUTED, "有意见（请写在下面）")]


class Named(Form):
    """Where there is no account, whoever answers writes the own name."""

    widths = {"name": 20}

    def __init__(self, *args: Any, asks_name: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if asks_name:
            self.fields["name"] = forms.CharField(label="答复人姓名", max_length=60)
            self._dress("name", self.fields["name"])


class MatterForm(Named):
    """The answer to one matter."""

    words = forms.CharField(
        label="答复",
        max_length=LONGEST,
        help_text="怎样办、办得怎样",
        widget=forms.Textarea(attrs={"rows": "2"}),
    )
    disputed = forms.BooleanField(label="有异议：所说情况不对", required=False)

    @classmethod
    def of(cls, matter: FeedbackMatter, data: object = None, *, asks_name: bool = False) -> "MatterForm":
        """Each matter's form on one page has names of its own."""
        return cls(data, prefix=f"m{matter.pk}", asks_name=asks_name)


class AnswerForm(Named):
    """The answer to the whole report."""

    reply = forms.ChoiceField(label="对整份反馈单", choices=REPLIES, widget=forms.RadioSelect)
    words = forms.CharField(
        label="意见", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": "2"})
    )

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("reply") == Reply.DISPUTED and not self.cleaned_data.get("words"):
            self.add_error("words", "请写明有什么意见")


class CorrectForm(Form):
    """Why a report is made anew."""

    reason = forms.CharField(label="更正原因", max_length=300, widget=forms.Textarea(attrs={"rows": "2"}))


class ReportFilters(Form):
    """The bureau's list. What is not understood is as if it were not asked."""

    STATES = (
        ("", "全部"),
        ("unsent", "未发"),
        ("sent", "已发"),
        ("waiting", "未答复"),
        ("late", "逾期"),
        ("answered", "已复"),
        ("on_time", "按时答复"),
        ("disputed", "有意见"),
    )
    side = forms.ChoiceField(label="一方", required=False, choices=[("", "全部"), *Side.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=STATES)
