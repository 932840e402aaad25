from django import forms

from huifeng.display.forms import Form


class AskForm(Form):
    """Why somebody wants it; nobody has to say."""

    words = forms.CharField(
        label="想说明的话",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class DecideForm(Form):
    """The bureau's yes or no, with a reason that stays when the person is forgotten."""

    ERASE, REFUSE = "erase", "refuse"

    decision = forms.ChoiceField(
        label="决定",
        choices=[(REFUSE, "不同意删除"), (ERASE, "同意删除，马上删除，不能恢复")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text="会一直留存，不要写姓名、身份证号和电话",
    )
