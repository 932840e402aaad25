from typing import Any

from django import forms

from huifeng.display.forms import Form
from members.people import fields
from members.people.models import Retiree

from .comparison import in_words
from .plan import differing


class MergeForm(Form):
    """Which row stays, and which value of each field that the unit owns and that both have filled differently.

    `suggested` says what is chosen at first. The versions are those of the page.
    """

    first_version = forms.IntegerField(widget=forms.HiddenInput)
    second_version = forms.IntegerField(widget=forms.HiddenInput)
    keep = forms.ChoiceField(label="保留哪一份", widget=forms.RadioSelect)

    def __init__(self, *args: Any, first: Retiree, second: Retiree, suggested: Retiree, **kwargs: Any):
        self.first, self.second = first, second
        self.named = differing(first, second)
        side = "first" if suggested is first else "second"
        initial = {"first_version": first.version, "second_version": second.version, "keep": side}
        initial |= {f"value_{name}": side for name in self.named}
        super().__init__(*args, initial=initial, **kwargs)
        self._choose("keep", [("first", "第一份"), ("second", "第二份")])
        for name in self.named:
            said = [("first", first), ("second", second)]
            label = "身份证号（出生日期、性别随它）" if name == "id_number" else fields.title(name)
            field = self.fields[f"value_{name}"] = forms.ChoiceField(label=label, widget=forms.RadioSelect)
            self._dress(f"value_{name}", field)
            self._choose(
                f"value_{name}",
                [
                    (value, f"{in_words(row, name)}（第{'一' if row is first else '二'}份）")
                    for value, row in said
                ],
            )

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def kept(self) -> Retiree:
        return self.first if self.cleaned_data["keep"] == "first" else self.second

    @property
    def other(self) -> Retiree:
        return self.second if self.cleaned_data["keep"] == "first" else self.first

    @property
    def take_from_other(self) -> list[str]:
        """The fields whose chosen value is not that of the row that stays."""
        return [
            name for name in self.named if self.cleaned_data[f"value_{name}"] != self.cleaned_data["keep"]
        ]

    @property
    def versions(self) -> dict[str, int]:
        """Of the rows as the page showed them."""
        of = {self.first.pk: "first_version", self.second.pk: "second_version"}
        return {
            "kept_version": self.cleaned_data[of[self.kept.pk]],
            "other_version": self.cleaned_data[of[self.other.pk]],
        }
