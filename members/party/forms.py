from django import forms

from huifeng.display.forms import DateParts, Form

from .models import PartyAffiliation, PartyOrganisation


class NewBranchForm(Form):
    """A Party organisation of the office."""

    name = forms.CharField(label="党组织名称", max_length=100)
    kind = forms.ChoiceField(
        label="类别", choices=PartyOrganisation.Kind.choices, widget=forms.RadioSelect, initial="branch"
    )


class DetailsForm(Form):
    """Committee, term, and who helps to run it."""

    widths = {"seats": 2}
    seats = forms.IntegerField(
        label="班子职数", min_value=1, max_value=99, required=False, help_text="书记、副书记、委员一共几人"
    )
    term_from = DateParts(label="本届自", required=False)
    term_ends_on = DateParts(label="届满日期", required=False)
    assisted_by = forms.ModelChoiceField(
        PartyOrganisation.objects.filter(closed_on=None, host__kind="bureau"),
        label="协管党组织（老干部局党总支）",
        required=False,
    )


class PostForm(Form):
    """A post in the branch, since a day; none to leave it."""

    post = forms.ChoiceField(label="职务", choices=PartyAffiliation.Post.choices, required=False)
    on = DateParts(label="任职自", required=False)
