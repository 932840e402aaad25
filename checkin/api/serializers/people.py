from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from checkin.record.models import State
from huifeng.display import words
from members.people.models import Retiree

from .. import shown
from ..actions import Outcome
from .common import BIGGEST, OrganisationRef, PageQuery, Strict

MASKS: dict[str, Callable[[object], str]] = {
    "id_number": words.mask_id,
    "phone": words.mask_phone,
    "landline": words.mask_phone,
    "emergency_phone": words.mask_phone,
}


class PersonFields(Strict, serializers.ModelSerializer):
    """The fields of a person by their names; codes as in the code lists, dates as far as they are known."""

    id_number = serializers.CharField(max_length=18, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=20, required=False, allow_blank=True)
    emergency_phone = serializers.CharField(max_length=20, required=False, allow_blank=True)

    class Meta:
        model = Retiree
        fields = shown.ALL
        extra_kwargs = {name: {"required": False} for name in shown.ALL}


class CheckInRef(serializers.Serializer):
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=State)
    version = serializers.IntegerField()
    community = OrganisationRef(allow_null=True)


class Person(PersonFields):
    """A person as the organisation of the token may see it; what its side is not shown is left out."""

    # Context: `shown` (names), `in_full`, `units` and `checkins` by the person's key.

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    standing = serializers.ChoiceField(choices=Retiree.Standing)
    residence = serializers.CharField(allow_null=True, source="residence_id", help_text="区划代码")
    elsewhere = serializers.ChoiceField(choices=Retiree.Elsewhere.choices, allow_blank=True)
    died_on = serializers.DateField(allow_null=True)
    unit = OrganisationRef(allow_null=True, source="*")
    checkins = CheckInRef(many=True, source="*", help_text="在办的和已报到的")

    class Meta(PersonFields.Meta):
        fields = (
            "id",
            "version",
            "standing",
            "unit",
            "checkins",
            "residence",
            "elsewhere",
            "died_on",
            *shown.ALL,
        )

    def to_representation(self, person: Retiree) -> dict[str, Any]:
        hidden = set(shown.ALL) - self.context["shown"]
        unit = self.context["units"].get(person.pk)
        checkins = self.context["checkins"].get(person.pk, [])
        said: dict[str, Any] = {
            "unit": OrganisationRef(unit).data if unit else None,
            "checkins": CheckInRef(checkins, many=True).data,
        }
        for name, field in self.fields.items():
            if name not in said and name not in hidden:
                value = field.get_attribute(person)
                said[name] = value if value is None else field.to_representation(value)
        if not self.context["in_full"]:
            said |= {name: mask(said[name]) for name, mask in MASKS.items() if name in said}
        return said


class PeopleQuery(PageQuery):
    pass


class LookUp(Strict):
    id_number = serializers.RegexField(r"^[0-9]{17}[0-9Xx]$", help_text="18 位证件号")


class LookedUp(serializers.Serializer):
    person = Person(allow_null=True, help_text="没有这个人、或不归本组织，都是 null")


class PersonChange(Strict):
    values = PersonFields(help_text='要改的字段和新值；"" 表示清空')
    why = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="依据"
    )


class PersonChanged(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.ChoiceField(choices=Outcome), help_text="按字段")
    proposals = serializers.ListField(child=serializers.IntegerField(), help_text="成为更正建议的编号")


class Enrolment(PersonFields):
    name = serializers.CharField(max_length=30)


class DeathReport(Strict):
    died_on = serializers.DateField()
    cause = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class Death(serializers.Serializer):
    person = serializers.IntegerField(source="retiree_id")
    died_on = serializers.DateField()
    state = serializers.CharField()
    reported_at = serializers.DateTimeField()


class DigestItem(Strict):
    person = serializers.IntegerField(min_value=1, max_value=BIGGEST)
    version = serializers.IntegerField(min_value=0, max_value=BIGGEST)
    checkin = serializers.ChoiceField(
        choices=State, required=False, allow_blank=True, default="", help_text="报到状态；没有报到为空"
    )
    community = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", help_text="社区编码"
    )


class Digest(Strict):
    run = serializers.RegexField(r"^[A-Za-z0-9_.:-]{1,40}$", help_text="批次；分几次提交时用同一个")
    items = DigestItem(many=True, min_length=1, max_length=2000)


class DigestTaken(serializers.Serializer):
    run = serializers.CharField()
    accepted = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.IntegerField(), help_text="没有，或不归本组织")
