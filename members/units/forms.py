"""Forms about units. What is wrong with a plan itself is said by the action."""

from datetime import date
from typing import Any

from django import forms

from communities.divisions.models import Division
from communities.organisations import credit_codes
from communities.organisations.models import Organisation
from huifeng.codes import labels
from huifeng.display.forms import DateParts, Form
from huifeng.errors import RuleBroken

from .actions import Plan, checking
from .models import UnitReorganisation

Kind = UnitReorganisation.Kind
KINDS = [
    (Kind.MERGE, "合并：一个或几个单位并入一个单位，原单位撤销"),
    (Kind.SPLIT, "分设：一部分人转到新单位，原单位保留或撤销"),
    (Kind.MOVE, "划转：部分或全部人转到另一个单位，原单位保留"),
    (Kind.CLOSE, "撤销：单位撤销，人员由承接单位或老干部局管理"),
]
STAY = "stay"


class KindForm(Form):
    """What is to happen."""

    kind = forms.ChoiceField(label="办哪一种", choices=KINDS, widget=forms.RadioSelect)


class UnitForm(Form):
    """A new unit of the area."""

    widths = {"credit_code": 20}
    name = forms.CharField(label="单位全称", max_length=100)
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=30, help_text="18 位，照证书抄写，系统会核对最后一位"
    )
    seat = forms.ChoiceField(label="所在地")
    nature = forms.ChoiceField(label="单位性质", required=False)
    tier = forms.ChoiceField(label="层级", required=False)

    def __init__(self, *args: Any, area: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, found in (
            ("seat", _seats(area)),
            ("nature", labels.choices("unit_nature")),
            ("tier", labels.choices("unit_tier")),
        ):
            self.fields[name].choices = [("", "请选择"), *found]  # type: ignore[attr-defined]

    def clean_credit_code(self) -> str:
        code = credit_codes.tidy(self.cleaned_data["credit_code"])
        if not credit_codes.is_valid(code):
            raise forms.ValidationError("代码不对，应为 18 位。请对照证书核对每一位")
        return code


class DetailsForm(Form):
    """Day, paper and, where not everyone goes one way, what becomes of the rest."""

    effective_on = DateParts(label="原单位最后一天", help_text="从第二天起，老同志由接收单位管理")
    document = forms.CharField(
        label="文号", max_length=100, help_text="批准文件的文号，如：青编办〔2026〕9 号"
    )
    closes = forms.BooleanField(label="原单位分设后撤销", required=False)
    rest = forms.ChoiceField(label="没有单独选去向的人", widget=forms.RadioSelect)
    words = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": "3"})
    )

    def __init__(
        self, *args: Any, kind: str, sources: list[Organisation], targets: list[Organisation], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.kind, self.sources, self.targets = kind, sources, targets
        if kind != Kind.SPLIT:
            del self.fields["closes"]
        if kind in checking.CLOSING:
            del self.fields["rest"]
        else:
            self.fields["document"].required = False
            stay = [(STAY, f"留在{unit.name}") for unit in sources]
            goes = [(str(unit.pk), f"都转到{unit.name}") for unit in targets]
            self.fields["rest"].choices = [*stay, *goes]  # type: ignore[attr-defined]

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        try:
            checking.check_day(day, [*self.sources, *self.targets])
        except RuleBroken as refused:
            raise forms.ValidationError(refused.message) from refused
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("closes") and said.get("rest") == STAY:
            self.add_error("rest", "原单位撤销，没有人能留下，请选一个接收单位")
        return said

    @property
    def plan(self) -> Plan:
        """What was written, as a plan. Ask only after is_valid."""
        said = self.cleaned_data
        rest = said.get("rest", STAY)
        return Plan(
            kind=self.kind,
            source_ids=tuple(unit.pk for unit in self.sources),
            target_ids=tuple(unit.pk for unit in self.targets),
            effective_on=said["effective_on"],
            document=said["document"],
            words=said["words"],
            closes=said.get("closes", False),
            rest_to_id=None if rest == STAY else int(rest),
        )

    @staticmethod
    def initial_of(reorganisation: UnitReorganisation) -> dict[str, Any]:
        stays = reorganisation.sources.filter(pk=reorganisation.rest_to_id).exists()
        return {
            "effective_on": reorganisation.effective_on,
            "document": reorganisation.document,
            "closes": reorganisation.closes,
            "rest": STAY if stays else str(reorganisation.rest_to_id),
            "words": reorganisation.words,
        }


class ConfirmForm(Form):
    """The words one types so that nothing this big is done by a slip."""

    confirmation = forms.CharField(
        label="确认", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, words: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.words = words
        self.fields["confirmation"].label = f"请输入“{words}”"

    def clean_confirmation(self) -> str:
        said: str = "".join(self.cleaned_data["confirmation"].split())
        if said != self.words:
            raise forms.ValidationError(f"写得不一样，请照样输入“{self.words}”四个字")
        return said


def _seats(area: str) -> list[tuple[str, str]]:
    """The area itself and the places one level below it."""
    below = {4: Division.Level.DISTRICT, 6: Division.Level.STREET}[len(area)]
    own = Division.objects.filter(code=area.ljust(12, "0"))
    parts = Division.objects.open().within(area).filter(level=below)
    return [(place.code, place.name) for place in (own | parts).order_by("code")]
